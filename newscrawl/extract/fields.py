"""One field of a page by a rule of a site file: the values that each selector gives."""

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
    return [_text(element, selector, rule) for element in selector.elements(scope)]


def _text(element: HtmlElement, selector: Selector, rule: FieldRule) -> str:
    if selector.attr is not None:
        return element.get(selector.attr) or ""
    if selector.own_text:
        return " ".join(element.xpath("text()"))
    return text_of(element, dropped(element, rule.drop, rule.keep))


def _names(bylines: Sequence[str], rule: FieldRule) -> tuple[str, ...]:
    parts: list[str] = []
    for byline in bylines:
        parts += persons(clean_text(byline))
    names = map(bare_name, _polished(parts, rule))
    return tuple(dict.fromkeys(name for name in names if name))


def _polished(texts: Sequence[str], rule: FieldRule) -> tuple[str, ...]:
    """The texts, divided, stripped and clean, each once."""
    if not (rule.split or rule.strip or rule.reject):
        return tuple(dict.fromkeys(clean_paragraphs(texts)))
    values: dict[str, None] = {}
    for text in texts:
        try:
            for part in _split(text, rule):
                value = _stripped(part, rule)
                if value and not _is_rejected(value, rule):
                    values[value] = None
        except TimeoutError as error:
            raise _slow_rule(text) from error
    return tuple(values)


def _split(text: str, rule: FieldRule) -> Sequence[str]:
    if rule.split is None:
        return (text,)
    parts = _compiled(rule.split).split(text, timeout=REGEX_SECONDS)
    return [part for part in parts if part]


def _stripped(text: str, rule: FieldRule) -> str:
    text = clean_text(text)
    for pattern in rule.strip:
        text = clean_text(_compiled(pattern).sub("", text, timeout=REGEX_SECONDS))
    return text


def _is_rejected(text: str, rule: FieldRule) -> bool:
    return any(_compiled(pattern).search(text, timeout=REGEX_SECONDS) for pattern in rule.reject)


def _slow_rule(text: str) -> PageRejected:
    message = f"a pattern of the site file takes longer than {REGEX_SECONDS} s on {text[:60]!r}"
    return PageRejected("slow_rule", message)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)
