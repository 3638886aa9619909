"""The dates that a page prints as its own, not those of other articles or a clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts
from newscrawl.core.records import RawTime, TimeLocale
from newscrawl.core.text import clean_text
from newscrawl.core.times import Phrase, parse_time, phrases
from newscrawl.extract.generic.facts import Facts, first_text
from newscrawl.extract.generic.patterns import begins, one_of
from newscrawl.extract.generic.shown_text import spaced_text
from newscrawl.extract.generic.surroundings import Surroundings
from newscrawl.extract.generic.vocabulary import DATES, UPDATED

_TAGS = frozenset(("time", "span", "p", "div", "li", "abbr", "i", "em"))
_DATE_NAMES = re.compile(
    rf"(?:^|[\s_-])(?:{'|'.join(DATES)})(?:[\s_-]|$|[a-z]*(?:time|date))"
    r"|(?<!up)(?<!candi)(?<!man)(?<!vali)date(?:[\s_-]|$)",  # `newsdate`
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # `spanTime`
_CHANGED = re.compile(r"modif|updat", re.IGNORECASE)
_PUBLISHED = re.compile(r"publi|creat", re.IGNORECASE)
_DATA_NAME = re.compile(
    r"data-(?:.*-)?(?:publish(?:ed)?|pub|deploy|created?)(?:-?(?:date|time|at|dt|on))?",
    re.IGNORECASE,
)
_UPDATED = begins(UPDATED)
_UPDATED_BEFORE = re.compile(
    rf"{one_of(UPDATED)}[^\d]{{0,25}}(?:\d{{1,2}}[:.]\d\d[^\d]{{0,8}})?$", re.IGNORECASE
)
_LONGEST = 120  # characters of an element that is a date, or two with their labels
_MOST = 5  # dates that are taken
_MOST_DATES = 100  # that are looked at
# Elements: the headline is as near to its own date; what stands at the top of every page is further
# away.
_NEAR = 25
_BESIDE = 8  # elements from the headline to its own date, if many more of the same kind follow
_LIST = 3  # dates of one class make a list


def printed_dates(
    facts: Facts, surroundings: Surroundings, locale: TimeLocale
) -> Iterator[RawTime]:
    """The dates in elements that are named as dates, the nearest to the headline first."""
    dates = [element for element in facts.elements if _is_date(element)]
    dates = [element for element in dates if element.find(".//time[@datetime]") is None]
    blocks = {element: surroundings.shared_block(element) for element in dates}
    alike = Counter((kind_of(element), block) for element, block in blocks.items())
    distances = {element: abs(surroundings.after_headline(element)) for element in dates}
    nearest = sorted(dates, key=distances.__getitem__)[:_MOST_DATES]
    taken = 0
    for element in nearest:
        in_list = alike[kind_of(element), blocks[element]] >= _LIST
        if taken < _MOST and _is_own(element, surroundings, in_list=in_list):
            taken += 1
            yield from _values(element, locale)


def attribute_dates(facts: Facts, surroundings: Surroundings) -> Iterator[RawTime]:
    """The last resort:

    `data-publish-date` and the like, from which scripts make the page's date.
    """
    for element, name, value in islice(_data_attributes(facts), _MOST_DATES):
        if _is_own(element, surroundings, in_list=False):
            yield RawTime(clean_text(value), "page", f"::attr({name})")


def _data_attributes(facts: Facts) -> Iterator[tuple[HtmlElement, str, str]]:
    """(element, name, value) of each attribute with the name of a date and a digit."""
    for element in facts.elements:
        for name, value in element.items():
            if name.startswith("data-") and _DATA_NAME.fullmatch(name) and _has_digit(value):
                yield element, name, value


def _is_own(element: HtmlElement, surroundings: Surroundings, *, in_list: bool) -> bool:
    """Whether a date is the article's: in no box, near its headline and no other."""
    if surroundings.headline is None and in_list:
        return False
    after = surroundings.after_headline(element)
    if surroundings.headline is not None and (after < -_NEAR or (in_list and after > _BESIDE)):
        return False
    if 0 < after <= _BESIDE and _PUBLISHED.search(_names(element)):
        return True  # in whatever box: some designs put byline and date into an `aside`
    return not surroundings.is_elsewhere(element)


def _values(element: HtmlElement, locale: TimeLocale) -> Iterator[RawTime]:
    """The texts of a date: its attribute for machines, else what it shows."""
    where = selector_of(element)
    attribute = "datetime" if element.get("datetime") else "content"
    value = element.get(attribute) or ""
    if _has_digit(value):
        yield RawTime(first_text(value), "page", f"{where}::attr({attribute})")
        return
    printed = spaced_text(element)
    if not _has_digit(printed):
        return
    phrase = stated_date(printed, locale)
    if phrase and parse_time(printed, zone=None, locale=locale).local is None:
        printed = printed[phrase.start : phrase.end]
    yield RawTime(printed, "page", where)


def stated_date(text: str, locale: TimeLocale) -> Phrase | None:
    """The only date in a text, dates of changes aside; None if there are several."""
    found: list[Phrase] = []
    for phrase in phrases(text, locale):
        if not _UPDATED_BEFORE.search(text[: phrase.start]):
            found.append(phrase)
    return found[0] if len(found) == 1 else None


def selector_of(element: HtmlElement) -> str:
    """The element with its classes, as in a site file: `span.date.published`."""
    return ".".join((element.tag, *(element.get("class") or "").split()))


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _is_date(element: HtmlElement) -> bool:
    """Whether an element is marked as a date, and as one of publication rather than of a change."""
    if not is_named_as_date(element):
        return False
    names = f"{_names(element)} {element.get('itemprop') or ''}"
    if _CHANGED.search(names) and not _PUBLISHED.search(names):
        return False
    if _UPDATED_BEFORE.search(_label_before(element)):
        return False
    shown = spaced_text(element)
    return len(shown) <= _LONGEST and not _UPDATED.match(shown)


def _label_before(element: HtmlElement) -> str:
    """The text directly before an element, as in `Updated <time>`."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        return clean_text(previous.tail or "")
    return clean_text(parent.text or "") if parent is not None else ""


def is_named_as_date(element: HtmlElement) -> bool:
    """Whether an element says that it holds a date, of whatever."""
    if element.tag not in _TAGS:
        return False
    if element.tag == "time":
        return True
    return _named_as_date(f"{_names(element)} {element.get('itemprop') or ''}")


@cache_short_texts(4096)
def _named_as_date(names: str) -> bool:
    return _DATE_NAMES.search(_CAMEL.sub("-", names)) is not None


def kind_of(element: HtmlElement) -> tuple[str, str]:
    """What elements of one list have in common: tag and classes."""
    return element.tag, element.get("class") or ""


def _names(element: HtmlElement) -> str:
    """The element's classes and id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"
