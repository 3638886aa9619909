"""How values are written on pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from newscrawl.core.edits import Edit, EditKind
from newscrawl.core.times import from_utc_text
from newscrawl.reports.health import Result, SiteHealth
from newscrawl.store.days import local_text
from newscrawl.store.read.snippets import Snippet

LINK_KINDS = {"related": "related", "same_category": "same section", "inline": "in the text"}
EDIT_KINDS: dict[EditKind, str] = {
    "headline": "headline",
    "summary": "standfirst",
    "numbers": "numbers",
    "added": "text added",
    "taken_out": "text removed",
    "reworded": "reworded",
    "correction": "correction or update notice",
    "byline": "authors",
    "redated": "publication time",
    "date_bump": "date only",
    "removed": "page removed",
}
STATES = {
    "stub": "not fetched",
    "stored": "stored",
    "gone": "removed from the site",
    "failed": "could not be read",
    "blocked": "refused by the site",
    "degraded": "in quarantine",
}
ALIASES = {
    "slug": "the same id with other words",
    "redirect": "redirects here",
    "canonical": "its page names this article's address",
    "mirror": "a mirror",
}
VERDICTS = {"ok": "as usual", "failed": "unusual", "unknown": "not known yet"}
CHECK_NAMES = {
    "seconds": "duration of the crawl",
    "hours since the newest article": "age of the newest article",
}
SHARES = ("articles with ", "share of ")  # checks whose numbers are between 0 and 1
LONGEST_IN_LISTS = 200  # characters
# A notice with one of these words says that something was wrong; others announce news.
CORRECTING = re.compile(
    r"đính chính|sửa|xin lỗi|cáo lỗi|thay cho|(?:bản tin|bài viết|phiên bản) (?:trước|ban đầu)"
    r"|correct|clarif|amend|regret|editor[’']s note|(?:earlier|previous|original) version",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SiteVerdict:
    """The verdict on a site in words, and the class of its colour."""

    words: str
    look: str


def moment(value: str | None, zone: str | None = None) -> str:
    """`2026-09-23T19:05:50+07:00` -> `2026-09-23 19:05`.

    UTC is converted to the zone (`Asia/Ho_Chi_Minh`), or marked if no zone is given. A day or a
    month without a time is returned unchanged.
    """
    if not value:
        return ""
    if zone is not None and value.endswith("Z"):
        return local_text(value, ZoneInfo(zone))
    text = value[:16].replace("T", " ")
    return f"{text} UTC" if value.endswith("Z") else text


def second(value: str, zone: str) -> str:
    """A moment in UTC with its seconds, in a zone: for two that differ by less than a minute."""
    return from_utc_text(value).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def count(value: int | None) -> str:
    """1234 -> `1,234`."""
    return "" if value is None else f"{value:,}"


def short(value: str | None) -> str:
    """A headline for a list, cut if it is much longer than headlines are."""
    text = value or ""
    if len(text) <= LONGEST_IN_LISTS:
        return text
    return text[:LONGEST_IN_LISTS].rstrip() + "…"


def sentence(value: str) -> str:
    """The text with a capital first letter; other letters are kept as they are."""
    return value[:1].upper() + value[1:]


def web_address(value: str | None) -> str | None:
    """An address that may become a link: http or https with a host; None for any other."""
    try:
        parts = urlsplit(value or "")
    except ValueError:  # `http://[`
        return None
    is_web = parts.scheme in ("http", "https") and parts.netloc
    return value if is_web else None


def name_path(name: str, kind: str) -> str:
    """The address of the page of an `author` or a `tag`.

    A search, for a name that the path of an address cannot have (see security).
    """
    is_odd = "\\" in name or name.startswith("/") or any(ord(letter) < 32 for letter in name)
    return f"/search?{kind}={quote(name)}" if is_odd else f"/{kind}/{quote(name, safe='')}"


def kind(value: str) -> str:
    """A kind of link in words."""
    return LINK_KINDS.get(value, value)


def kinds(values: Iterable[EditKind]) -> str:
    """Kinds of edit in words: `headline, date only`."""
    return ", ".join(EDIT_KINDS[value] for value in values)


def labels(edit: Edit) -> list[tuple[EditKind, str]]:
    """The kinds of an edit, each in words. A notice is one of a correction or of an update."""
    found = []
    for value in edit.kinds:
        words = EDIT_KINDS[value]
        if value == "correction" and edit.notice:
            is_correction = CORRECTING.search(edit.notice)
            words = "correction notice" if is_correction else "update notice"
        found.append((value, words))
    return found


def state(value: str) -> str:
    """An article's state in words."""
    return STATES.get(value, value)


def alias(value: str) -> str:
    """How another address of an article is known, in words."""
    return ALIASES.get(value, value)


def verdict(value: str) -> str:
    """A verdict of the health checks in words."""
    return VERDICTS.get(value, value)


def site_verdict(site: SiteHealth) -> SiteVerdict:
    """The verdict on a site, with how many of its checks were possible if not all were."""
    total = len(site.results)
    possible = sum(result.verdict != "unknown" for result in site.results)
    if possible == 0:
        return SiteVerdict("not enough crawls yet", "unknown")
    words = verdict(site.verdict)
    if site.verdict == "failed" or possible == total:
        return SiteVerdict(words, site.verdict)
    look = "ok" if 2 * possible > total else "unknown"
    return SiteVerdict(f"{words} ({possible} of {total} checks possible)", look)


def check_name(value: str) -> str:
    """What a health check is about; its unit is written beside its numbers."""
    return CHECK_NAMES.get(value, value)


def expected(result: Result) -> str:
    """What a health check expects: `>= 12.0` -> `≥ 12`."""
    if "?" in result.expected:
        return "–"
    operator, _, limit = result.expected.partition(" ")
    sign = {">=": "≥", "<=": "≤"}.get(operator, operator)
    return f"{sign} {_measured(result.check, float(limit))}"


def found(result: Result) -> str:
    """What a health check found, in its unit."""
    if result.found is None:
        return "–"
    if isinstance(result.found, str):
        return result.found
    return _measured(result.check, result.found)


def _measured(check: str, value: float) -> str:
    if check.startswith(SHARES):
        return f"{100 * value:.0f} %"
    if check == "seconds":
        return f"{value:,.0f} s"
    if check == "words per article":
        return f"{value:,.0f}"
    if check.startswith("hours"):
        return f"{value:,.0f} h"
    return f"{value:,.0f}" if value == round(value) else f"{value:,}"


def marked(snippet: Snippet) -> list[tuple[str, bool]]:
    """The snippet in order as (text, whether it is a match)."""
    parts: list[tuple[str, bool]] = []
    position = 0
    for start, end in snippet.marks:
        parts.append((snippet.text[position:start], False))
        parts.append((snippet.text[start:end], True))
        position = end
    parts.append((snippet.text[position:], False))
    return [(text, is_match) for text, is_match in parts if text]
