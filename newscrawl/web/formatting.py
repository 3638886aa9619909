"""How values are written on pages."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from newscrawl.core.edits import EditKind
from newscrawl.core.times import from_utc_text
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
    "correction": "correction notice",
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
VERDICTS = {"ok": "as usual", "failed": "unusual", "unknown": "not known yet"}
LONGEST_IN_LISTS = 200  # characters


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


def state(value: str) -> str:
    """An article's state in words."""
    return STATES.get(value, value)


def verdict(value: str) -> str:
    """A verdict of the health checks in words."""
    return VERDICTS.get(value, value)


def expected(value: str) -> str:
    """What a health check expects: `>= 12` -> `≥ 12`."""
    if "?" in value:
        return "not known yet"
    return value.replace(">=", "≥").replace("<=", "≤")


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
