"""A page's elements by class, attribute and name, so that selectors need not search the whole page.

A site file has some fifty selectors, and XPath walks over the whole page for each. A ParsedPage
walks once for each kind of index. It knows the elements that match the start of a selector (its
Head), and only the rest is left to XPath. Both ways give the same elements
(tests/sites/test_selectors.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import cast

import regex
from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts

# The white space between classes in HTML, and in XPath's normalize-space.
_SPACES = regex.compile(r"[ \t\r\n]+")
# Names that most site files use and that few elements have.
_RARE_TAGS = frozenset("h1 h2 h3 h4 h5 h6 link meta script time title".split())


@dataclass(frozen=True, slots=True)
class Condition:
    """What a part of a selector demands of an element itself: its name, classes and attributes."""

    tag: str | None
    classes: frozenset[str]
    attributes: tuple[tuple[str, str | None], ...]  # name and value; None: any value

    @property
    def single(self) -> bool:
        """Whether there is only one demand: a class, an attribute or a name."""
        return len(self.classes) + len(self.attributes) + (self.tag is not None) == 1

    def fits(self, element: HtmlElement) -> bool:
        """Whether the element fulfils all demands."""
        return self.tag in (None, element.tag) and self._has_attributes(element)

    def under(self, start: HtmlElement, combinator: str) -> list[HtmlElement]:
        """The descendants (" ") or children (">") of an element that fit, in document order."""
        axis = start.iterdescendants if combinator == " " else start.iterchildren
        elements = axis(self.tag or "*")
        if self.classes or self.attributes:
            return [element for element in elements if self._has_attributes(element)]
        return list(elements)

    def _has_attributes(self, element: HtmlElement) -> bool:
        """Whether the element has the classes and attributes."""
        if self.classes:
            classes = element.get("class", "")
            for name in self.classes:
                if name not in classes:  # most elements: they need not be divided
                    return False
            if not self.classes.issubset(class_names(classes)):
                return False
        for name, expected in self.attributes:
            value = element.get(name)
            if value is None or expected not in (None, value):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a selector that leads from some elements to others, each of them once.

    `combinator` is that of CSS with which the step begins. For " " and ">" `target` may be a
    Condition: from a card or another small element, it finds elements in half the time of XPath.
    """

    combinator: str
    target: Condition | etree.XPath

    def find(self, start: HtmlElement) -> list[HtmlElement]:
        """The elements that the step leads to from one element, in document order."""
        if isinstance(self.target, Condition):
            return self.target.under(start, self.combinator)
        return cast("list[HtmlElement]", self.target(start))

    def starts(self, elements: list[HtmlElement]) -> list[HtmlElement]:
        """Those of the elements from which the step finds all that it finds from all of them.

        For descendants, these are the outermost elements; for siblings, the first of each parent.
        """
        if len(elements) < 2:
            return elements
        if self.combinator == " ":
            known = set(elements)
            return [one for one in elements if known.isdisjoint(one.iterancestors())]
        if self.combinator == "~":
            first: dict[HtmlElement | None, HtmlElement] = {}
            for element in elements:
                first.setdefault(element.getparent(), element)
            return list(first.values())
        return elements


def walk(
    elements: list[HtmlElement], steps: Sequence[Step], scope: HtmlElement
) -> list[HtmlElement]:
    """The elements that the steps lead to, in document order. `scope` has all of them inside."""
    for step in steps:
        if len(elements) == 1:
            elements = step.find(elements[0])
            continue
        starts = step.starts(elements)
        elements = []
        for start in starts:
            elements += step.find(start)
        if step.combinator != " " and _are_nested(starts):
            elements = in_document_order(elements, scope)
    return elements


def in_document_order(elements: Collection[HtmlElement], scope: HtmlElement) -> list[HtmlElement]:
    """The elements, all of them inside the scope, in the order of the page."""
    if len(elements) < 2:
        return list(elements)
    positions = {element: position for position, element in enumerate(scope.iter())}
    return sorted(elements, key=positions.__getitem__)


@dataclass(frozen=True, slots=True)
class Head:
    """The first element of a selector, and the steps from there to the wanted elements.

    `rest` is empty if the first element is the wanted one.
    """

    first: Condition
    rest: tuple[Step, ...]


class ParsedPage:
    """A page with indexes of its elements, built when they are first used.

    The tree must not be changed.
    """

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self._by_tag: dict[str, list[HtmlElement]] = {}
        self._by_class: dict[str, list[HtmlElement]] = {}
        self._by_attribute: dict[str, dict[str | None, list[HtmlElement]]] = {}

    def find(self, head: Head) -> list[HtmlElement]:
        """The elements that a selector with this head matches, in document order."""
        first = head.first
        starts = self._candidates(first)
        if not first.single:
            starts = [element for element in starts if first.fits(element)]
        if not head.rest or not starts:
            return starts
        return walk(starts, head.rest, self.root)

    def _candidates(self, first: Condition) -> list[HtmlElement]:
        """The elements that fulfil one demand of the condition."""
        if first.classes:
            return min((self._with_class(name) for name in first.classes), key=len)
        if first.attributes:
            name, value = first.attributes[0]
            if name not in self._by_attribute:
                self._by_attribute[name] = self._with_attribute(name)
            return self._by_attribute[name].get(value, [])
        return self.named(first.tag or "")

    def named(self, tag: str) -> list[HtmlElement]:
        """The page's elements of this name, in document order."""
        if tag in self._by_tag:
            return self._by_tag[tag]
        if tag in _RARE_TAGS:  # one walk for all of them
            self._by_tag |= {name: [] for name in _RARE_TAGS}
            for element in self.root.iterdescendants(*_RARE_TAGS):
                self._by_tag[element.tag].append(element)
        else:
            self._by_tag[tag] = list(self.root.iterdescendants(tag))
        return self._by_tag[tag]

    def _with_class(self, name: str) -> list[HtmlElement]:
        elements, indexes = self._classed
        if name not in self._by_class:
            self._by_class[name] = [elements[index] for index in sorted(indexes.get(name, ()))]
        return self._by_class[name]

    @cached_property
    def _classed(self) -> tuple[list[HtmlElement], dict[str, list[int]]]:
        """The elements that have classes, and the indexes in this list by class."""
        elements = cast("list[HtmlElement]", _having("class")(self.root))
        by_attribute = defaultdict[str, list[int]](list)
        for index, element in enumerate(elements):
            by_attribute[element.get("class", "")].append(index)
        by_class = defaultdict[str, list[int]](list)
        for classes, indexes in by_attribute.items():
            for name in class_names(classes):
                by_class[name] += indexes
        return elements, by_class

    def _with_attribute(self, name: str) -> dict[str | None, list[HtmlElement]]:
        """The elements that have the attribute, by its value; all of them under None."""
        by_value = defaultdict[str | None, list[HtmlElement]](list)
        for element in cast("list[HtmlElement]", _having(name)(self.root)):
            by_value[None].append(element)
            by_value[element.get(name)].append(element)
        return by_value


def compile_xpath(xpath: str) -> etree.XPath:
    """A compiled XPath expression without regular expressions.

    CSS does not need them, and preparing them takes a third of the time of a short query.
    """
    return etree.XPath(xpath, regexp=False)


@lru_cache(maxsize=256)
def _having(attribute: str) -> etree.XPath:
    """The elements that have the attribute, in half the time of `[@attribute]`."""
    return compile_xpath(f"descendant::*/@{attribute}/..")


@cache_short_texts(4096, longest=200)
def class_names(classes: str) -> tuple[str, ...]:
    """The names in a class attribute, each once."""
    return tuple(dict.fromkeys(name for name in _SPACES.split(classes) if name))


def _are_nested(elements: Sequence[HtmlElement]) -> bool:
    """Whether one element is inside another. What is found from them may then be out of order."""
    if len(elements) < 2:
        return False
    known = set(elements)
    return any(not known.isdisjoint(element.iterancestors()) for element in elements)
