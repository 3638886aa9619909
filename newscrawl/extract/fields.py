"""One field of a page by one rule of a site file: what every place that the rule names gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex
from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.text import clean_paragraphs, clean_text
from newscrawl.extract.body import dropped, text_of
from newscrawl.extract.bylines import bare_name, persons
from newscrawl.extract.embedded import Embedded
from newscrawl.sites.schema import FieldRule
from newscrawl.sites.selectors import Scope, Selector, compile_selector
from newscrawl.sites.values import EMBEDDED

REGEX_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Found:
    """The values that one place gives, after the rule's strips and rejects."""

    where: str
    values: tuple[str, ...]


def candidates(
    scope: Scope, embedded: Embedded | None, rule: FieldRule, *, names: bool = False
) -> Iterator[Found]:
    """What each place of the rule gives, in order of preference; places that give nothing come with no values.

    `names`: the values are by-lines, and what counts is who wrote.
    """
    for place in rule.select:
        if place.startswith(EMBEDDED):
            raw = embedded.values(place) if embedded else []
        else:
            selector = compile_selector(place)
            raw = [_value(element, selector, rule) for element in selector.elements(scope)]
        values = _names(raw, rule) if names else _polished(raw, rule)
        yield Found(place, values[::-1] if rule.reverse else values)


def _names(printed: Sequence[str], rule: FieldRule) -> tuple[str, ...]:
    parts = [part for one in printed for part in persons(clean_text(one))]
    names = (bare_name(one) for one in _polished(parts, rule))
    return tuple(dict.fromkeys(name for name in names if name))


def first(found: Iterable[Found]) -> Found | None:
    """The first place that gives anything."""
    for one in found:
        if one.values:
            return one
    return None


def _value(element: HtmlElement, selector: Selector, rule: FieldRule) -> str:
    if selector.attr is not None:
        return element.get(selector.attr) or ""
    if selector.own_text:
        return " ".join(element.xpath("text()"))
    leave_out = dropped(element, rule.drop, rule.keep)
    return text_of(element, leave_out)


def kept(values: Sequence[str], rule: FieldRule) -> list[str]:
    """The values that the rule does not reject, each as it is."""
    if not rule.reject:
        return list(values)
    try:
        return [value for value in values if not _rejected(value, rule)]
    except TimeoutError as error:
        raise _slow(values[0]) from error


def _polished(values: Sequence[str], rule: FieldRule) -> tuple[str, ...]:
    """Each value once, divided, stripped and clean."""
    if not (rule.split or rule.strip or rule.reject):
        return tuple(dict.fromkeys(clean_paragraphs(values)))
    found: dict[str, None] = {}
    for value in values:
        try:
            parts = [_stripped(part, rule) for part in _split(value, rule)]
            found |= dict.fromkeys(text for text in parts if text and not _rejected(text, rule))
        except TimeoutError as error:
            raise _slow(value) from error
    return tuple(found)


def _stripped(text: str, rule: FieldRule) -> str:
    text = clean_text(text)
    for pattern in rule.strip:
        text = clean_text(_compiled(pattern).sub("", text, timeout=REGEX_SECONDS))
    return text


def _rejected(text: str, rule: FieldRule) -> bool:
    return any(_compiled(pattern).search(text, timeout=REGEX_SECONDS) for pattern in rule.reject)


def _slow(value: str) -> PageRejected:
    message = f"a pattern of the site file takes longer than {REGEX_SECONDS} s on {value[:60]!r}"
    return PageRejected("slow_rule", message)


def _split(value: str, rule: FieldRule) -> Sequence[str]:
    if rule.split is None:
        return (value,)
    return [part for part in _compiled(rule.split).split(value, timeout=REGEX_SECONDS) if part]


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)
