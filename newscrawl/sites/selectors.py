"""CSS selectors of site files, compiled to XPath.

Examples: `h3 a`, `> a` (children only), `img::attr(src)`, `p::text`. A bare `::attr(data-time)` is
an attribute of the element itself.

A page is a stranger's. libxml2 evaluates `.a .b .c` for each `.a` inside an `.a` again, and merges
the results: on 300 nested elements for half a minute. So a selector is evaluated in steps
(page_index.Step), each from elements that are not inside each other, in linear time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import regex
from cssselect import SelectorError
from cssselect import parse as parse_css
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Tree
from cssselect.xpath import HTMLTranslator, XPathExpr
from lxml import etree
from lxml.html import HtmlElement

from newscrawl.sites.page_index import (
    Condition,
    Head,
    ParsedPage,
    Step,
    class_names,
    compile_xpath,
    in_document_order,
    walk,
)

_SUFFIX = regex.compile(r"::(?:(?P<text>text)|attr\((?P<attr>[\w:-]+)\))$")
_CHILD = regex.compile(r"^(?::scope\s*)?>\s*")
_NAME = regex.compile(r"[A-Za-z_][\w.-]*", regex.ASCII)
_AXES = {
    " ": "descendant::",
    ">": "./",
    # `[1]` first: libxml2 then stops at the next element, and does not test all that follow it.
    "+": "following-sibling::*[1]/self::",
    "~": "following-sibling::",
}
# Pseudo-classes that may look at all other elements for each element, and forms that do not.
_COSTLY = regex.compile(
    r":(?:nth-|(?:first|last|only)-of-type|only-child|(?:contains|has|is|matches|not|where)\()"
)
_CHEAP = regex.compile(r"^body:has\([^\s()]*\)|:has\(\w+\)|:not\([^\s:()>+~,]+\)")


class _Translator(HTMLTranslator):
    """cssselect's, without counting all siblings of an element to know whether there are any."""

    def xpath_first_child_pseudo(self, xpath: XPathExpr) -> XPathExpr:
        return xpath.add_condition("not(preceding-sibling::*[1])")

    def xpath_last_child_pseudo(self, xpath: XPathExpr) -> XPathExpr:
        return xpath.add_condition("not(following-sibling::*[1])")


_TRANSLATOR = _Translator()

Scope: TypeAlias = HtmlElement | ParsedPage


@dataclass(frozen=True, slots=True)
class Selector:
    """A compiled selector.

    `ways` are the steps to the elements from any scope, for each selector of a list (`h2, h3`).
    The value of an element is its attribute `attr`, its own text nodes (`own_text`), or all its
    text.
    """

    source: str
    ways: tuple[tuple[Step, ...], ...]
    head: Head | None  # None: its start is more than a name, classes and attributes
    attr: str | None = None
    own_text: bool = False

    def elements(self, scope: Scope) -> list[HtmlElement]:
        """The matching descendants, in document order."""
        if isinstance(scope, ParsedPage):
            if self.head is not None:
                return scope.find(self.head)
            scope = scope.root
        if len(self.ways) == 1:
            return walk([scope], self.ways[0], scope)
        found: set[HtmlElement] = set()
        for way in self.ways:
            found.update(walk([scope], way, scope))
        return in_document_order(found, scope)


@lru_cache(maxsize=4096)
def compile_selector(source: str) -> Selector:
    """The compiled selector. ValueError if the source is not a CSS selector."""
    text = source.strip()
    suffix = _SUFFIX.search(text)
    if suffix:
        text = text[: suffix.start()]
    is_child = _CHILD.match(text) is not None
    css = _CHILD.sub("", text)
    if ":lang(" in css:
        # It depends on the ancestors, so the same card could match in one place and not in another.
        raise ValueError(f"expected a CSS selector without :lang(), got {source!r}")
    try:
        ways = _ways(css, is_child=is_child)
        head = _head(css) if css and not is_child else None
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"expected a CSS selector, got {source!r}: {error}") from error
    if suffix is None:
        return Selector(source, ways, head)
    return Selector(source, ways, head, attr=suffix["attr"], own_text=bool(suffix["text"]))


def is_costly(source: str) -> bool:
    """Whether a selector may take more than linear time, because of its pseudo-classes."""
    return _COSTLY.search(_CHEAP.sub("", source.strip())) is not None


def _ways(css: str, *, is_child: bool) -> tuple[tuple[Step, ...], ...]:
    if not css:
        return ((Step(">", compile_xpath("self::*")),),)
    first = ">" if is_child else " "
    ways: list[tuple[Step, ...]] = []
    for selector in parse_css(css):
        if selector.pseudo_element is not None:
            raise SelectorError(f"the pseudo-element {selector.pseudo_element!r} is not supported")
        ways.append(_steps(_parts(selector.parsed_tree, first)))
    return tuple(ways)


def _parts(tree: Tree, first: str = " ") -> list[tuple[str, Tree]]:
    """Each part of a selector, with the combinator before it."""
    parts: list[tuple[str, Tree]] = []
    while isinstance(tree, CombinedSelector):
        parts.append((tree.combinator, tree.subselector))
        tree = tree.selector
    parts.append((first, tree))
    return parts[::-1]


def _steps(parts: Sequence[tuple[str, Tree]]) -> tuple[Step, ...]:
    """The parts as steps: a new one begins where an element could be found from several others."""
    groups: list[list[tuple[str, Tree]]] = []
    for combinator, tree in parts:
        if groups and combinator in (">", "+"):
            groups[-1].append((combinator, tree))
        else:
            groups.append([(combinator, tree)])
    return tuple(map(_step, groups))


def _step(parts: Sequence[tuple[str, Tree]]) -> Step:
    """One step for these parts."""
    first, tree = parts[0]
    if len(parts) == 1 and first in (" ", ">"):
        condition = _condition(tree)
        if condition is not None:
            return Step(first, condition)
    xpath, *further = (
        _AXES[combinator] + str(_TRANSLATOR.xpath(tree)) for combinator, tree in parts
    )
    for part in further:
        xpath += "/" + part.removeprefix("./")
    return Step(first, compile_xpath(xpath))


def select_all(scope: Scope, selectors: Iterable[str]) -> list[HtmlElement]:
    """The elements of the first selector that matches anything."""
    for source in selectors:
        elements = compile_selector(source).elements(scope)
        if elements:
            return elements
    return []


def matches_any(scope: Scope, selectors: Iterable[str]) -> bool:
    """Whether any of the selectors matches a descendant."""
    return any(compile_selector(source).elements(scope) for source in selectors)


class AnyOf:
    """Several selectors that are tested against an element at once.

    `fits` tests the selectors that depend only on the element itself. The rest are in `others`.
    `tags` are those that consist of a name.
    """

    def __init__(self, sources: tuple[str, ...]) -> None:
        self.tags: set[str | None] = set()
        self._by_class = defaultdict[str, list[Condition]](list)
        self._by_attribute = defaultdict[str, list[Condition]](list)
        self.others: list[Selector] = []
        for selector in map(compile_selector, sources):
            head = selector.head
            if head is None or head.rest:
                self.others.append(selector)
            else:
                self._add(head.first)

    def _add(self, condition: Condition) -> None:
        if condition.classes:
            self._by_class[min(condition.classes)].append(condition)
        elif condition.attributes:
            self._by_attribute[condition.attributes[0][0]].append(condition)
        else:
            self.tags.add(condition.tag)

    def fits(self, element: HtmlElement) -> bool:
        """Whether one of the selectors, except `others`, matches the element."""
        return element.tag in self.tags or self.fits_attributes(element, element.keys())

    def fits_attributes(self, element: HtmlElement, attributes: Sequence[str]) -> bool:
        """The same by the classes and attributes alone; `attributes` are the element's names."""
        if "class" in attributes:
            names = class_names(element.get("class", ""))
            if _fits_one(self._by_class, names, element):
                return True
        return _fits_one(self._by_attribute, attributes, element)


def _fits_one(
    conditions: Mapping[str, list[Condition]], names: Sequence[str], element: HtmlElement
) -> bool:
    """Whether the element fits one of the conditions under these names."""
    if conditions.keys().isdisjoint(names):
        return False
    for name in names:
        for condition in conditions.get(name, ()):
            if condition.fits(element):
                return True
    return False


def _head(css: str) -> Head | None:
    """The head of a selector; None for several selectors, or if a Head cannot express it."""
    selectors = parse_css(css)
    if len(selectors) > 1:
        return None
    (_, tree), *others = _parts(selectors[0].parsed_tree)
    first = _condition(tree)
    if first is None:
        return None
    return Head(first, _steps(others))


def _condition(tree: Tree) -> Condition | None:
    """The condition for a tree of only a name, classes and attributes.

    None for other trees, and for one that demands nothing.
    """
    attributes: list[tuple[str, str | None]] = []
    classes: set[str] = set()
    while not isinstance(tree, Element):
        if isinstance(tree, Class):
            classes.add(tree.class_name)
        elif isinstance(tree, Hash):
            attributes.append(("id", tree.id))
        elif isinstance(tree, Attrib) and _is_simple(tree):
            value = tree.value.value if tree.value else None
            attributes.append((tree.attrib.lower(), value))
        else:
            return None
        tree = tree.selector
    if tree.namespace is not None:
        return None
    if tree.element is None and not attributes and not classes:
        return None
    tag = tree.element.lower() if tree.element else None
    return Condition(tag, frozenset(classes), tuple(attributes))


def _is_simple(attribute: Attrib) -> bool:
    """Whether it is `[name]` or `[name=value]`."""
    is_equality = attribute.operator in ("exists", "=")
    is_plain_name = _NAME.fullmatch(attribute.attrib) is not None
    return is_equality and is_plain_name and attribute.namespace is None
