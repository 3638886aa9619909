"""Dates beside the headline, in elements that do not say that they are dates.

`By Ada Quill | 22 November 2020, 4:30 pm`, in a `div` without a telling name, is on most pages that
have no other date. It is short, it has one complete date, and it stands beside the headline.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from newscrawl.core.records import RawTime, TimeLocale
from newscrawl.core.text import clean_text
from newscrawl.core.times import Phrase
from newscrawl.extract.generic.byline_words import BY
from newscrawl.extract.generic.facts import Facts
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.printed_dates import (
    is_named_as_date,
    kind_of,
    selector_of,
    stated_date,
)
from newscrawl.extract.generic.shown_text import spaced_text
from newscrawl.extract.generic.surroundings import Surroundings
from newscrawl.extract.generic.vocabulary import DATE_LABELS, UPDATED

# Elements: further away stand the dates of other articles, and before the headline the day of the
# visit.
_BEFORE, _AFTER = 8, 25
_SHORT = 120  # characters of a text about the article
_AROUND = 45  # characters before the date in it, or after
_PARTS = re.compile(r"[|·•]")  # between the parts of such a text: author, place, date
_SENTENCE = 5  # words beside a date: a text of so many that ends like a sentence is one
_LIST = 3  # such texts in elements alike make a list
_NO_TEXT = frozenset(
    "script style h1 h2 h3 option textarea noscript figure figcaption blockquote".split()
)
_INLINE = frozenset("a abbr b em font i small span strong time u".split())
_HAS_YEAR = re.compile(
    r"\d{4}|\d[./]\d\d(?!\d)|[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef]{4}|令和|平成"
)
# What may follow a date: the end, a sign, a clock time, who wrote it, the label of another time.
_CLOCK = r"(?:\w{1,4}\s)?\d{1,2}[:.h]\d\d\b"
_FOLLOWING = re.compile(
    rf"\s*(?:$|[^\w\s]|{_CLOCK}|{one_of((*BY, *DATE_LABELS, *UPDATED))}\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A date in the text of an element."""

    element: HtmlElement
    text: str


def nearby_dates(facts: Facts, surroundings: Surroundings, locale: TimeLocale) -> Iterator[RawTime]:
    """The dates in short texts beside the headline, the nearest first.

    None on a page that does not show its headline.
    """
    found = list(_dates_beside(facts, surroundings, locale))
    blocks = {date.element: surroundings.shared_block(date.element) for date in found}
    alike = Counter((kind_of(element), block) for element, block in blocks.items())
    for date in found:
        in_list = alike[kind_of(date.element), blocks[date.element]] >= _LIST
        if in_list and abs(surroundings.after_headline(date.element)) > _BEFORE:
            continue
        if not surroundings.is_elsewhere(date.element):
            yield RawTime(date.text, "page", selector_of(date.element))


def _dates_beside(facts: Facts, surroundings: Surroundings, locale: TimeLocale) -> Iterator[_Found]:
    headline = surroundings.headline
    if headline is None:
        return
    place = surroundings.order[headline]
    window = facts.elements[max(place - _BEFORE, 0) : place + _AFTER + 1]
    nearest = sorted(window, key=lambda element: abs(surroundings.order[element] - place))
    seen: set[str] = set()
    for element in nearest:
        if element is headline or not isinstance(element.tag, str) or element.tag in _NO_TEXT:
            continue
        if is_named_as_date(element):  # printed_dates has looked at it
            continue
        for text in _short_texts(element, facts):
            date = _date_in(text, locale)
            if date and date not in seen:
                seen.add(date)
                yield _Found(element, date)


def _short_texts(element: HtmlElement, facts: Facts) -> Iterator[str]:
    """What an element shows, if that is short; else the short texts on lines of their own in it."""
    parent = element.getparent()
    if element.tag in _INLINE and parent is not None and _is_paragraph(parent, facts):
        return
    if facts.sizes[element] <= 2 * _SHORT:
        text = spaced_text(element)
        if len(text) <= _SHORT:
            yield text
        return
    if element.tag == "p":
        return
    if _ends_line(next(iter(element), None)):
        yield clean_text(element.text or "")
    for child in element:
        if _ends_line(child) and _ends_line(child.getnext()):
            yield clean_text(child.tail or "")


def _is_paragraph(element: HtmlElement, facts: Facts) -> bool:
    return element.tag in ("p", "li", "td") and facts.sizes[element] > 2 * _SHORT


def _ends_line(element: HtmlElement | None) -> bool:
    return element is None or element.tag not in _INLINE


def _date_in(text: str, locale: TimeLocale) -> str | None:
    """The date of a text about the article, as printed; None if the text is a sentence."""
    if not 6 <= len(text) <= _SHORT or not _HAS_YEAR.search(text):
        return None
    phrase = stated_date(text, locale)
    if phrase is None or _is_in_sentence(text, phrase) or not _stands_apart(text, phrase):
        return None
    return text[phrase.start : phrase.end]


def _is_in_sentence(text: str, phrase: Phrase) -> bool:
    rest = text[: phrase.start] + text[phrase.end :]
    return text.endswith((".", "!", "?")) and len(rest.split()) >= _SENTENCE


def _stands_apart(text: str, phrase: Phrase) -> bool:
    """Whether a date is no part of a sentence. One with a time of day never is."""
    before, after = text[: phrase.start], text[phrase.end :]
    if len(_PARTS.split(before)[-1]) > _AROUND:
        return False
    return phrase.printed.hour is not None or _FOLLOWING.match(after) is not None
