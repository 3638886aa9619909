"""One field of a page by a rule of a site file: the values that each selector gives.

A byline is divided into the names of its authors, in Vietnamese and English; its labels, jobs,
places, addresses and photographers are removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex
from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.text import clean_paragraphs, clean_text
from newscrawl.extract.body import dropped, text_of
from newscrawl.extract.embedded import Embedded
from newscrawl.sites.schema import FieldRule
from newscrawl.sites.selectors import Scope, compile_selector
from newscrawl.sites.values import EMBEDDED

REGEX_SECONDS = 0.2  # for a pattern of a site file on one text

# Characters of a byline: on a longer text the patterns below take more than a moment.
_LONGEST_BYLINE = 500
_PICTURES = r"(?:ảnh|video|clip|đồ họa|đồ hoạ|photos?|graphics?)"
_TEXTS = r"(?:bài viết|bài|tin|nội dung|thực hiện|tác giả|người viết|text|story)"
# "Bài, ảnh: An": An wrote it, too. "Ảnh: An" alone names the photographer.
_LABEL = re.compile(
    rf"^\W*{_TEXTS}(?:\s*(?:,|và|&|-|–)\s*(?:{_TEXTS}|{_PICTURES}))*\s*:\s*", re.IGNORECASE
)
_PHOTOGRAPHER = re.compile(rf"(?:^|(?<=[\s,;.–-])){_PICTURES}\s*:.*$", re.IGNORECASE | re.DOTALL)
_AND = re.compile(r"\s+(?:và|&)\s+|\s+and\s+")
_AFTER = re.compile(r"\s*\([^()]*\)\s*$|\s+\S+@\S+$")
# Only before a name that is not all capitals: "PV TTXVN" names nobody else.
_JOB = re.compile(
    r"^(?:(?i:phóng viên|pv|biên tập viên|btv|cộng tác viên|ctv|nhà báo))\s*:?\s+(?=\w[^\WA-Z\d_])"
)
_NOBODY = re.compile(
    rf"(?:theo|nguồn)\b.*|(?:{_TEXTS}|{_PICTURES}|tổng hợp)\W*|\W*", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Match:
    """The values that the selector `where` gives, after the rule's strips and rejects."""

    where: str
    values: tuple[str, ...]


def matches_of(
    scope: Scope, embedded: Embedded | None, rule: FieldRule, *, names: bool = False
) -> Iterator[Match]:
    """A match for each selector of the rule, in order of preference, even if it has no values.

    `names`: the values are bylines, of which only the names of the authors are kept.
    """
    for source in rule.select:
        texts = _texts(scope, embedded, rule, source)
        values = _names(texts, rule) if names else _polished(texts, rule)
        if rule.reverse:
            values = values[::-1]
        yield Match(source, values)


def first_match(matches: Iterable[Match]) -> Match | None:
    """The first match that has a value."""
    for match in matches:
        if match.values:
            return match
    return None


def first_value(card: HtmlElement, rule: FieldRule | None) -> str | None:
    """The first value that a rule gives for a card, whose values are all in its elements."""
    if rule is None:
        return None
    for source in rule.select:
        values = _polished(_texts(card, None, rule, source), rule)
        if values:
            return values[-1 if rule.reverse else 0]
    return None


def without_rejected(values: Sequence[str], rule: FieldRule) -> list[str]:
    """The values that the rule does not reject, unchanged."""
    if not rule.reject:
        return list(values)
    try:
        return [value for value in values if not _is_rejected(value, rule)]
    except TimeoutError as error:
        raise _slow_rule(values[0]) from error


def _texts(scope: Scope, embedded: Embedded | None, rule: FieldRule, source: str) -> Sequence[str]:
    """The texts that one selector finds, as the page has them."""
    if source.startswith(EMBEDDED):
        return embedded.values(source) if embedded else ()
    selector = compile_selector(source)
    texts: list[str] = []
    for element in selector.elements(scope):
        if selector.attr is not None:
            texts.append(element.get(selector.attr) or "")
        elif selector.own_text:
            texts.append(" ".join(element.xpath("text()")))
        else:
            texts.append(text_of(element, dropped(element, rule.drop, rule.keep)))
    return texts


def _polished(texts: Sequence[str], rule: FieldRule) -> tuple[str, ...]:
    """The texts, divided, stripped and clean, each once."""
    if not texts:
        return ()
    if not (rule.split or rule.strip or rule.reject):
        return tuple(dict.fromkeys(clean_paragraphs(texts)))
    values: dict[str, None] = {}
    for text in texts:
        try:
            parts = [text]
            if rule.split is not None:
                parts = _compiled(rule.split).split(text, timeout=REGEX_SECONDS)
            for part in parts:
                value = _stripped(part or "", rule)
                if value and not _is_rejected(value, rule):
                    values[value] = None
        except TimeoutError as error:
            raise _slow_rule(text) from error
    return tuple(values)


def _stripped(text: str, rule: FieldRule) -> str:
    text = clean_text(text)
    for pattern in rule.strip:
        text = clean_text(_compiled(pattern).sub("", text, timeout=REGEX_SECONDS))
    return text


def _is_rejected(text: str, rule: FieldRule) -> bool:
    return any(_compiled(pattern).search(text, timeout=REGEX_SECONDS) for pattern in rule.reject)


def _names(bylines: Sequence[str], rule: FieldRule) -> tuple[str, ...]:
    """The names in bylines, each once. A text that is too long is one name."""
    names: list[str] = []
    for text in map(clean_text, bylines):
        if len(text) > _LONGEST_BYLINE:
            names += _bare_names([text], rule)
        else:
            names += _names_in(text, rule)
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=1024)  # a newspaper has so many authors
def _names_in(byline: str, rule: FieldRule) -> tuple[str, ...]:
    """The names in a byline, divided at "và", "&" and "and"."""
    people = _PHOTOGRAPHER.sub("", _LABEL.sub("", byline)).strip(" ,;–-")
    parts = filter(str.strip, _AND.split(people))
    return _bare_names(list(parts), rule)


def _bare_names(texts: Sequence[str], rule: FieldRule) -> tuple[str, ...]:
    names = map(_bare_name, _polished(texts, rule))
    return tuple(filter(None, names))


def _bare_name(name: str) -> str:
    """The name alone; '' for a source ("Theo …") and for a label that names nobody."""
    if len(name) > _LONGEST_BYLINE:
        return name
    for _ in range(2):  # a place and an address may follow the name
        name = _AFTER.sub("", name)
    name = _JOB.sub("", name).strip()
    return "" if _NOBODY.fullmatch(name) else name


def _slow_rule(text: str) -> PageRejected:
    message = f"a pattern of the site file takes longer than {REGEX_SECONDS} s on {text[:60]!r}"
    return PageRejected("slow_rule", message)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)
