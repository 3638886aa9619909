"""CSS selectors of site files, compiled once to XPath.

`h3 a`, `> a` (children only), `img::attr(src)`, `p::text`; `::attr(data-time)` alone is the element's own attribute.

A site file asks a page some fifty questions, and XPath walks the whole page for each. A ParsedPage knows its elements
by class, attribute and name after a walk for each kind, and so where a selector begins; only what the selector says
beyond its first element is left to XPath. Both ways give the same elements (tests/sites/test_selectors.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias, cast

import regex
from cssselect import SelectorError
from cssselect import parse as parse_css
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Tree
from cssselect.xpath import HTMLTranslator
from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts

_SUFFIX = regex.compile(r"::(?:(?P<text>text)|attr\((?P<attr>[\w:-]+)\))$")
_CHILD = regex.compile(r"^(?::scope\s*)?>\s*")
_NAME = regex.compile(r"[A-Za-z_][\w.-]*", regex.ASCII)
_SPACES = regex.compile(
    r"[ \t\r\n]+"
)  # what divides classes in HTML, and in XPath's normalize-space
_RARE = frozenset(
    "h1 h2 h3 h4 h5 h6 link meta script time title".split()
)  # asked for on most pages, few on each
_TRANSLATOR = HTMLTranslator()


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
            and (not self.classes or self.classes.issubset(_names(element.get("class", ""))))
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
            for name in _names(classes):
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


class AnyOf:
    """Several selectors at once: an element is asked about all that one look at it can answer."""

    def __init__(self, sources: tuple[str, ...]) -> None:
        self._tags: set[str | None] = set()
        self._by_class = defaultdict[str, list[Head]](list)
        self._by_attribute = defaultdict[str, list[Head]](list)
        self.others: list[Selector] = []
        for selector in map(compile_selector, sources):
            head = selector.head
            if head is None or head.rest is not None:
                self.others.append(selector)
            elif head.classes:
                self._by_class[min(head.classes)].append(head)
            elif head.attributes:
                self._by_attribute[head.attributes[0][0]].append(head)
            else:
                self._tags.add(head.tag)

    def fits(self, element: HtmlElement) -> bool:
        """Whether one of them, `others` aside, matches the element."""
        if element.tag in self._tags:
            return True
        names = element.keys()
        return bool(names) and (
            (
                "class" in names
                and _one_fits(self._by_class, _names(element.get("class", "")), element)
            )
            or _one_fits(self._by_attribute, names, element)
        )


def _one_fits(heads: Mapping[str, list[Head]], names: Sequence[str], element: HtmlElement) -> bool:
    """Whether one of the heads under these names is the element's."""
    if heads.keys().isdisjoint(names):
        return False
    return any(head.fits(element) for name in names for head in heads.get(name, ()))


Scope: TypeAlias = HtmlElement | ParsedPage


@dataclass(frozen=True, slots=True)
class Selector:
    """`attr`: the attribute that is the value; `own_text`: only the element's own text nodes are."""

    source: str
    path: etree.XPath
    head: Head | None  # None: what it begins with is more than classes, attributes and a name
    attr: str | None = None
    own_text: bool = False

    def elements(self, scope: Scope) -> list[HtmlElement]:
        """The matching descendants, in document order."""
        if isinstance(scope, ParsedPage):
            if self.head is not None:
                return scope.find(self.head)
            scope = scope.root
        return cast("list[HtmlElement]", self.path(scope))


@lru_cache(maxsize=4096)
def compile_selector(source: str) -> Selector:
    """ValueError, with what was expected, for what is no CSS selector."""
    text = source.strip()
    suffix = _SUFFIX.search(text)
    bare = text[: suffix.start()] if suffix else text
    children = _CHILD.match(bare)
    css = _CHILD.sub("", bare)
    if (
        ":lang(" in css
    ):  # the one selector that looks at what stands around: a card would not say the same anywhere
        raise ValueError(f"expected a CSS selector without :lang(), got {source!r}")
    try:
        path = _path(
            _TRANSLATOR.css_to_xpath(css, prefix="./" if children else "descendant::")
            if css
            else "self::*"
        )
        head = None if children or not css else _head(css)
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"expected a CSS selector, got {source!r}: {error}") from error
    return Selector(
        source, path, head, suffix["attr"] if suffix else None, bool(suffix and suffix["text"])
    )


def select_all(scope: Scope, selectors: Iterable[str]) -> list[HtmlElement]:
    """The elements of the first selector that matches anything."""
    return next(
        (found for source in selectors if (found := compile_selector(source).elements(scope))), []
    )


def matches_any(scope: Scope, selectors: Iterable[str]) -> bool:
    """Whether any of the selectors matches a descendant."""
    return any(compile_selector(source).elements(scope) for source in selectors)


def _path(xpath: str) -> etree.XPath:
    return etree.XPath(
        xpath, regexp=False
    )  # CSS has none, and making them ready takes a third of a short answer


@lru_cache(maxsize=256)
def _having(attribute: str) -> etree.XPath:
    """The elements that have the attribute, in half the time of `[@attribute]`."""
    return _path(f"descendant::*/@{attribute}/..")


@cache_short_texts(4096, longest=200)
def _names(classes: str) -> tuple[str, ...]:
    """The names in a class attribute, each once."""
    return tuple(dict.fromkeys(name for name in _SPACES.split(classes) if name))


def _nested(elements: Sequence[HtmlElement]) -> bool:
    """Whether one stands inside another, so that what is found in each may be found twice or out of order."""
    if len(elements) < 2:
        return False
    known = set(elements)
    return any(not known.isdisjoint(element.iterancestors()) for element in elements)


def _head(css: str) -> Head | None:
    """The head of a selector; None where there are several selectors, or it begins with more than a Head can say."""
    selectors = parse_css(css)
    if len(selectors) > 1 or selectors[0].pseudo_element is not None:
        return None
    first = selectors[0].parsed_tree
    while isinstance(first, CombinedSelector):
        first = first.selector
    whole, start = (str(_TRANSLATOR.xpath(tree)) for tree in (selectors[0].parsed_tree, first))
    if whole == start:
        return _simple(first, None)
    rest = whole.removeprefix(f"{start}/")
    if rest == whole or "sibling::" in rest:  # what follows a sibling may follow several of them
        return None
    return _simple(first, _path(rest))


def _simple(tree: Tree, rest: etree.XPath | None) -> Head | None:
    attributes: list[tuple[str, str | None]] = []
    classes: set[str] = set()
    while not isinstance(tree, Element):
        if isinstance(tree, Class):
            classes.add(tree.class_name)
        elif isinstance(tree, Hash):
            attributes.append(("id", tree.id))
        elif (
            isinstance(tree, Attrib)
            and tree.operator in ("exists", "=")
            and _NAME.fullmatch(tree.attrib)
        ):
            attributes.append((tree.attrib.lower(), tree.value.value if tree.value else None))
        else:
            return None
        if isinstance(tree, Attrib) and tree.namespace is not None:
            return None
        tree = tree.selector
    if tree.namespace is not None or (tree.element is None and not attributes and not classes):
        return None
    return Head(
        tree.element.lower() if tree.element else None, frozenset(classes), tuple(attributes), rest
    )
