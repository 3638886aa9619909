"""A page's elements by class, attribute and name: where selectors begin, without a walk over the page for each.

A site file asks a page some fifty questions, and XPath walks the whole page for each. A ParsedPage knows its elements
by class, attribute and name after a walk for each kind, and so where a selector begins; only what the selector says
beyond its first element is left to XPath. Both ways give the same elements (tests/sites/test_selectors.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import cast

import regex
from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts

_SPACES = regex.compile(
    r"[ \t\r\n]+"
)  # what divides classes in HTML, and in XPath's normalize-space
_RARE = frozenset(
    "h1 h2 h3 h4 h5 h6 link meta script time title".split()
)  # asked for on most pages, few on each


@dataclass(frozen=True, slots=True)
class Head:
    """What a selector's first element must be, and the XPath from it to what is wanted (None: the element itself)."""

    tag: str | None
    classes: frozenset[str]
    attributes: tuple[tuple[str, str | None], ...]  # name and value; None: any value
    rest: etree.XPath | None

    @property
    def single(self) -> bool:
        """Whether it asks for one thing only: a class, an attribute or a name."""
        return len(self.classes) + len(self.attributes) + (self.tag is not None) == 1

    def fits(self, element: HtmlElement) -> bool:
        """Whether the element is one."""
        return (
            (self.tag is None or element.tag == self.tag)
            and (not self.classes or self.classes.issubset(class_names(element.get("class", ""))))
            and all(
                (found := element.get(name)) is not None and value in (None, found)
                for name, value in self.attributes
            )
        )


class ParsedPage:
    """A page's elements by class, attribute and name, found when first asked for. The tree must stay as it is."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self._by_tag: dict[str, list[HtmlElement]] = {}
        self._by_class: dict[str, list[HtmlElement]] = {}
        self._by_attribute: dict[str, dict[str | None, list[HtmlElement]]] = {}

    def find(self, head: Head) -> list[HtmlElement]:
        """What a selector with this head matches, in document order."""
        starts = self._candidates(head)
        if not head.single:
            starts = [element for element in starts if head.fits(element)]
        if head.rest is None or not starts:
            return starts
        found = [
            element for start in starts for element in cast("list[HtmlElement]", head.rest(start))
        ]
        return sorted(set(found), key=self._places.__getitem__) if _nested(starts) else found

    def _candidates(self, head: Head) -> list[HtmlElement]:
        if head.classes:
            return min((self._of_class(name) for name in head.classes), key=len)
        if head.attributes:
            name, value = head.attributes[0]
            if name not in self._by_attribute:
                self._by_attribute[name] = self._with(name)
            return self._by_attribute[name].get(value, [])
        return self.named(head.tag or "")

    def named(self, tag: str) -> list[HtmlElement]:
        """The page's elements of this name, in document order."""
        if tag in _RARE and tag not in self._by_tag:  # one walk for all of them
            self._by_tag |= {name: [] for name in _RARE}
            for element in self.root.iterdescendants(*_RARE):
                self._by_tag[element.tag].append(element)
        elif tag not in self._by_tag:
            self._by_tag[tag] = list(self.root.iterdescendants(tag))
        return self._by_tag[tag]

    def _of_class(self, name: str) -> list[HtmlElement]:
        elements, places = self._classed
        if name not in self._by_class:
            self._by_class[name] = [elements[place] for place in sorted(places.get(name, ()))]
        return self._by_class[name]

    @cached_property
    def _classed(self) -> tuple[list[HtmlElement], dict[str, list[int]]]:
        """The elements that have classes, and the places in this list by class."""
        elements = cast("list[HtmlElement]", _having("class")(self.root))
        alike = defaultdict[str, list[int]](list)
        for place, element in enumerate(elements):
            alike[element.get("class", "")].append(place)
        found = defaultdict[str, list[int]](list)
        for classes, places in alike.items():
            for name in class_names(classes):
                found[name] += places
        return elements, found

    def _with(self, attribute: str) -> dict[str | None, list[HtmlElement]]:
        """The elements that have the attribute, by its value; all of them under None."""
        found = defaultdict[str | None, list[HtmlElement]](list)
        for element in cast("list[HtmlElement]", _having(attribute)(self.root)):
            found[None].append(element)
            found[element.get(attribute)].append(element)
        return found

    @cached_property
    def _places(self) -> dict[HtmlElement, int]:
        return {element: place for place, element in enumerate(self.root.iter())}


def compile_xpath(xpath: str) -> etree.XPath:
    return etree.XPath(
        xpath, regexp=False
    )  # CSS has none, and making them ready takes a third of a short answer


@lru_cache(maxsize=256)
def _having(attribute: str) -> etree.XPath:
    """The elements that have the attribute, in half the time of `[@attribute]`."""
    return compile_xpath(f"descendant::*/@{attribute}/..")


@cache_short_texts(4096, longest=200)
def class_names(classes: str) -> tuple[str, ...]:
    """The names in a class attribute, each once."""
    return tuple(dict.fromkeys(name for name in _SPACES.split(classes) if name))


def _nested(elements: Sequence[HtmlElement]) -> bool:
    """Whether one stands inside another, so that what is found in each may be found twice or out of order."""
    if len(elements) < 2:
        return False
    known = set(elements)
    return any(not known.isdisjoint(element.iterancestors()) for element in elements)
