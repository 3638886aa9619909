"""The dates that a page prints as its own, not those of other articles or a clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts
from newscrawl.core.records import RawTime
from newscrawl.core.text import clean_text
from newscrawl.extract.generic.facts import Facts, first_text
from newscrawl.extract.generic.patterns import begins, one_of
from newscrawl.extract.generic.vocabulary import DATES, NOT_OWN, UPDATED

_TAGS = ("time", "span", "p", "div", "li", "abbr", "i", "em")
_DATE_NAMES = re.compile(
    rf"(?:^|[\s_-])(?:{'|'.join(DATES)})(?:[\s_-]|$|[a-z]*(?:time|date))", re.IGNORECASE
)
_ELSEWHERE = frozenset({"aside", "nav", "footer", "a", "form"})
_OTHERS = re.compile(one_of(NOT_OWN), re.IGNORECASE)
_PEOPLE = re.compile(
    r"author|byline|profile|staff|journalist|people|contributor|tac-gia", re.IGNORECASE
)
_CHANGED = re.compile(r"modif|updat", re.IGNORECASE)
_PUBLISHED = re.compile(r"publi|creat", re.IGNORECASE)
_DATA_NAME = re.compile(
    r"data-(?:.*-)?(?:publish(?:ed)?|pub|deploy|created?)(?:-?(?:date|time|at|dt|on))?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{4}(?:\D{1,4}\d{1,2}:\d{2}(?::\d{2})?)?(?!\d)"
)
_UPDATED = begins(UPDATED)
_LONGEST = 80  # characters of an element that is a date
_MOST = 5  # dates that are taken
_MOST_DATES = 100  # that are looked at
_DEEP = 30  # elements between a date and the block that it shares with the headline
# Elements: the headline is as near to its own date; what stands at the top of every page is further
# away.
_NEAR = 25
_BESIDE = 8  # elements from the headline to its own date, if many more of the same kind follow
_LIST = 3  # dates of one class make a list
_CARD = 600  # characters: a teaser with its date has fewer
_HEADLINE = 25  # bytes of UTF-8: a link with fewer names a section or a person


def printed_dates(facts: Facts) -> Iterator[RawTime]:
    """The dates that the page prints as its own, the nearest to the headline first."""
    surroundings = _Surroundings(facts)
    dates = [element for element in facts.elements if _is_date(element)]
    alike = Counter(map(_kind, dates))
    nearest = sorted(dates, key=surroundings.distance)[:_MOST_DATES]
    own = (
        element
        for element in nearest
        if surroundings.is_own(element, in_list=alike[_kind(element)] >= _LIST)
    )
    for element in islice(own, _MOST):
        yield from _values(element)


def attribute_dates(facts: Facts) -> Iterator[RawTime]:
    """The last resort:

    `data-publish-date` and the like, from which scripts make the page's date.
    """
    surroundings = _Surroundings(facts)
    for element, name, value in islice(_data_attributes(facts), _MOST_DATES):
        if surroundings.is_own(element, in_list=False):
            yield RawTime(clean_text(value), "page", f"::attr({name})")


def _data_attributes(facts: Facts) -> Iterator[tuple[HtmlElement, str, str]]:
    """(element, name, value) of each attribute with the name of a date and a digit."""
    for element in facts.elements:
        for name, value in element.items():
            if name.startswith("data-") and _DATA_NAME.fullmatch(name) and _has_digit(value):
                yield element, name, value


class _Surroundings:
    """Where dates stand: relative to the headline, and in which elements."""

    def __init__(self, facts: Facts) -> None:
        self._order = {element: place for place, element in enumerate(facts.elements)}
        self._headline = facts.root.find(".//h1")
        self._above_headline: set[HtmlElement] = set()
        if self._headline is not None:
            self._above_headline.update(self._headline.iterancestors())
        self._cards: dict[HtmlElement, bool] = {}

    def distance(self, element: HtmlElement) -> int:
        """Elements between the headline and this one."""
        return abs(self._after_headline(element))

    def is_own(self, element: HtmlElement, *, in_list: bool) -> bool:
        """Whether a date is the article's: in no box, near its headline and no other."""
        if self._headline is not None:
            after = self._after_headline(element)
            if after < -_NEAR or (in_list and after > _BESIDE):
                return False
        for around in islice(chain((element,), element.iterancestors()), _DEEP):
            if around in self._above_headline or around.tag in ("body", "html"):
                return self._headline is not None or not in_list
            if around.tag in _ELSEWHERE or _OTHERS.search(_names(around)):
                return False
            if self._is_card(around):
                return False
        return False

    def _is_card(self, element: HtmlElement) -> bool:
        if element not in self._cards:
            self._cards[element] = _shows_other_article(element)
        return self._cards[element]

    def _after_headline(self, element: HtmlElement) -> int:
        """How many elements after the headline; on a page without one, after its beginning."""
        start = self._order[self._headline] if self._headline is not None else 0
        return self._order[element] - start


def _values(element: HtmlElement) -> Iterator[RawTime]:
    """The texts of a date: its attribute for machines, else what it shows."""
    classes = ".".join((element.get("class") or "").split())
    where = f"{element.tag}.{classes}".rstrip(".")
    attribute = "datetime" if element.get("datetime") else "content"
    value = element.get(attribute) or ""
    if _has_digit(value):
        yield RawTime(first_text(value), "page", f"{where}::attr({attribute})")
        return
    printed = clean_text(element.text_content())
    if _has_digit(printed):
        yield RawTime(printed, "page", where)
        if (date := _DATE.search(printed)) and not _UPDATED.match(printed):
            yield RawTime(date.group(), "page", where)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _is_date(element: HtmlElement) -> bool:
    """Whether an element is marked as a date, and as one of publication rather than of a change."""
    if element.tag not in _TAGS:
        return False
    names = f"{_names(element)} {element.get('itemprop') or ''}"
    if not (element.tag == "time" or _named_as_date(names)):
        return False
    if _CHANGED.search(names) and not _PUBLISHED.search(names):
        return False
    shown = element.text_content()
    return len(shown) <= _LONGEST and not _UPDATED.match(shown)


@cache_short_texts(4096)
def _named_as_date(names: str) -> bool:
    return _DATE_NAMES.search(names) is not None


def _kind(element: HtmlElement) -> tuple[str, str]:
    return element.tag, element.get("class") or ""


def _names(element: HtmlElement) -> str:
    """The element's classes and id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _shows_other_article(element: HtmlElement) -> bool:
    """Whether an element is another article's card: little text, and a link like a headline."""
    if len(element.text_content()) > _CARD:
        return False
    for link in element.iter("a"):
        if len(clean_text(link.text_content()).encode()) < _HEADLINE:
            continue
        target = f"{link.get('href')} {link.get('rel')} {_names(link)}"
        if not _PEOPLE.search(target):
            return True
    return False
