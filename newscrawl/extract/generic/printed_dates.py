"""The dates that a page shows as its own: not those of other articles' boxes, not the clock above the headline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts
from newscrawl.core.records import RawTime
from newscrawl.core.text import clean_text
from newscrawl.extract.generic.facts import Facts, text
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
_LONGEST = 80
_MOST = 5  # dates that are taken
_MOST_DATES = 100  # that are looked at
_DEEP = 30  # elements between a date and the block that it shares with the headline
_NEAR = 25  # elements: so near is the headline to its own date, and further away what stands at the top of every page
_BESIDE = 8  # elements: from the headline to its own date, where many more of the same kind follow
_LIST = 3  # dates of one class make a list
_CARD = 600  # characters: a teaser with its date has fewer
_HEADLINE = 25  # bytes of UTF-8: a link with fewer names a section or a person


def printed_dates(facts: Facts) -> Iterator[RawTime]:
    """What the page prints as its dates, the one nearest to the headline first."""
    place = _Place.of(facts)
    found = [one for one in facts.elements if one.tag in _TAGS and _is_date(one)]
    alike = Counter(map(_kind, found))
    nearest = sorted(found, key=place.distance)[:_MOST_DATES]
    own = (one for one in nearest if place.is_own(one, in_list=alike[_kind(one)] >= _LIST))
    for element in islice(own, _MOST):
        yield from _values(element)


def attribute_dates(facts: Facts) -> Iterator[RawTime]:
    """The last resort: `data-publish-date` and the like, which scripts make the page's date of."""
    place = _Place.of(facts)
    said = (
        (element, name, value)
        for element in facts.elements
        for name, value in element.items()
        if name.startswith("data-") and _DATA_NAME.fullmatch(name) and any(map(str.isdigit, value))
    )
    for element, name, value in islice(said, _MOST_DATES):
        if place.is_own(element, in_list=False):
            yield RawTime(clean_text(value), "page", f"::attr({name})")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the headline stands: `above` are the elements that hold it."""

    order: dict[HtmlElement, int]
    headline: HtmlElement | None
    above: frozenset[HtmlElement]
    cards: dict[HtmlElement, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts) -> _Place:
        headline = next(iter(facts.root.iter("h1")), None)
        above = frozenset(headline.iterancestors()) if headline is not None else frozenset()
        return cls(
            {element: place for place, element in enumerate(facts.elements)}, headline, above
        )

    def distance(self, element: HtmlElement) -> int:
        return abs(self._after(element))

    def is_own(self, element: HtmlElement, *, in_list: bool) -> bool:
        """Whether a date is the article's: in no box, beside no other article's headline, not far above the own one."""
        after = self._after(element)
        if self.headline is not None and (after < -_NEAR or (in_list and after > _BESIDE)):
            return False
        for around in islice(chain((element,), element.iterancestors()), _DEEP):
            if around in self.above or around.tag in ("body", "html"):
                return self.headline is not None or not in_list
            if around.tag in _ELSEWHERE or _OTHERS.search(_names(around)) or self._in_card(around):
                return False
        return False

    def _in_card(self, element: HtmlElement) -> bool:
        if element not in self.cards:
            self.cards[element] = _is_card(element)
        return self.cards[element]

    def _after(self, element: HtmlElement) -> int:
        """How many elements after the headline; on a page without one, after its beginning."""
        start = self.order[self.headline] if self.headline is not None else 0
        return self.order[element] - start


def _values(element: HtmlElement) -> Iterator[RawTime]:
    machine = element.get("datetime") or element.get("content")
    printed = clean_text(element.text_content())
    where = f"{element.tag}.{'.'.join((element.get('class') or '').split())}".rstrip(".")
    if machine and any(map(str.isdigit, machine)):
        attribute = "datetime" if element.get("datetime") else "content"
        yield RawTime(text(machine), "page", f"{where}::attr({attribute})")
    elif any(map(str.isdigit, printed)):
        yield RawTime(printed, "page", where)
        if (first := _DATE.search(printed)) and not _UPDATED.match(printed):
            yield RawTime(first.group(), "page", where)


def _is_date(element: HtmlElement) -> bool:
    """Whether an element says that it is a date, and of publication rather than of a change."""
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
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _is_card(element: HtmlElement) -> bool:
    """Whether an element shows another article: little text, and a link that is long enough for a headline."""
    if len(element.text_content()) > _CARD:
        return False
    links = [
        link
        for link in element.iter("a")
        if len(clean_text(link.text_content()).encode()) >= _HEADLINE
    ]
    return any(
        not _PEOPLE.search(f"{link.get('href')} {link.get('rel')} {_names(link)}") for link in links
    )
