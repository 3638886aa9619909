"""CSS selectors of site files, compiled once to XPath.

`h3 a`, `> a` (children only), `img::attr(src)`, `p::text`; `::attr(data-time)` alone is the element's own attribute.

A site file asks a page some fifty questions, and XPath walks the whole page for each. A ParsedPage knows its elements
by class, id and name after one walk, and so where a selector begins; only what the selector says beyond its first
element is left to XPath. Both ways give the same elements (tests/test_selectors.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias, cast

import regex
from cssselect import SelectorError
from cssselect import parse as parse_css
from cssselect.parser import Class, CombinedSelector, Element, Hash, Tree
from cssselect.xpath import HTMLTranslator
from lxml import etree
from lxml.html import HtmlElement

_SUFFIX = regex.compile(r"::(?:(?P<text>text)|attr\((?P<attr>[\w:-]+)\))$")
_CHILD = regex.compile(r"^(?::scope\s*)?>\s*")
_SHORT = 200  # characters of a class attribute that is worth remembering: a page repeats those of the page before it
_SPACES = regex.compile(r"[ \t\r\n]+")  # what divides classes in HTML, and in XPath's normalize-space
_RARE = frozenset("h1 h2 h3 h4 h5 h6 link meta script time title".split())  # asked for on most pages, few on each
_TRANSLATOR = HTMLTranslator()
_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}
_WITH_CLASS = etree.XPath("descendant::*/@class/..")  # in half the time of [@class]
_WITH_ID = etree.XPath("descendant::*/@id/..")


@dataclass(frozen=True, slots=True)
class Head:
    """What a selector's first element must be, and the XPath from it to what is wanted (None: the element itself)."""

    tag: str | None
    id: str | None
    classes: frozenset[str]
    rest: etree.XPath | None

    def fits(self, element: HtmlElement) -> bool:
        """Whether the element is one."""
        return (
            (self.tag is None or element.tag == self.tag)
            and (self.id is None or element.get("id") == self.id)
            and (not self.classes or self.classes.issubset(_names(element.get("class", ""))))
        )


class ParsedPage:
    """A page's elements by class, id and name, each found when it is first asked for. The tree must stay as it is."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self._by_tag: dict[str, list[HtmlElement]] = {}

    def find(self, head: Head) -> list[HtmlElement]:
        """What a selector with this head matches, in document order."""
        starts = [element for element in self._candidates(head) if head.fits(element)]
        if head.rest is None or not starts:
            return starts
        found = [element for start in starts for element in cast("list[HtmlElement]", head.rest(start))]
        return sorted(set(found), key=self._places.__getitem__) if _nested(starts) else found

    def _candidates(self, head: Head) -> list[HtmlElement]:
        if head.id is not None:
            return self._by_id.get(head.id, [])
        if head.classes:
            return min((self._by_class.get(name, []) for name in head.classes), key=len)
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

    @cached_property
    def _by_class(self) -> dict[str, list[HtmlElement]]:
        found = defaultdict[str, list[HtmlElement]](list)
        for element in cast("list[HtmlElement]", _WITH_CLASS(self.root)):
            for name in _names(element.get("class", "")):
                found[name].append(element)
        return found

    @cached_property
    def _by_id(self) -> dict[str, list[HtmlElement]]:
        found: dict[str, list[HtmlElement]] = {}
        for element in cast("list[HtmlElement]", _WITH_ID(self.root)):
            found.setdefault(element.get("id") or "", []).append(element)
        return found

    @cached_property
    def _places(self) -> dict[HtmlElement, int]:
        return {element: place for place, element in enumerate(self.root.iter())}


class AnyOf:
    """Several selectors at once: an element is asked about all that one look at it can answer."""

    def __init__(self, sources: tuple[str, ...]) -> None:
        self._by_tag = defaultdict[str, list[Head]](list)
        self._by_class = defaultdict[str, list[Head]](list)
        self.others: list[Selector] = []
        for selector in map(compile_selector, sources):
            head = selector.head
            if head is None or head.rest is not None or head.id is not None:
                self.others.append(selector)
            elif head.classes:
                self._by_class[min(head.classes)].append(head)
            else:
                self._by_tag[head.tag or ""].append(head)

    def fits(self, element: HtmlElement) -> bool:
        """Whether one of them, `others` aside, matches the element."""
        if element.tag in self._by_tag:
            return True
        names = _names(element.get("class", "")) if self._by_class else ()
        return not self._by_class.keys().isdisjoint(names) and any(
            head.fits(element) for name in names for head in self._by_class.get(name, ())
        )


any_of = lru_cache(maxsize=1024)(AnyOf)


Scope: TypeAlias = HtmlElement | ParsedPage


@dataclass(frozen=True, slots=True)
class Selector:
    """`attr`: the attribute that is the value; `own_text`: only the element's own text nodes are."""

    source: str
    path: etree.XPath
    head: Head | None  # None: what it begins with is more than a class, an id or a name
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
    try:
        path = _path(_TRANSLATOR.css_to_xpath(css, prefix="./" if children else "descendant::") if css else "self::*")
        head = None if children or not css else _head(css)
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"expected a CSS selector, got {source!r}: {error}") from error
    return Selector(source, path, head, suffix["attr"] if suffix else None, bool(suffix and suffix["text"]))


def select_all(scope: Scope, selectors: Iterable[str]) -> list[HtmlElement]:
    """The elements of the first selector that matches anything."""
    return next((found for source in selectors if (found := compile_selector(source).elements(scope))), [])


def matches_any(scope: Scope, selectors: Iterable[str]) -> bool:
    """Whether any of the selectors matches a descendant."""
    return any(compile_selector(source).elements(scope) for source in selectors)


def _path(xpath: str) -> etree.XPath:
    return etree.XPath(xpath, namespaces=_NAMESPACES)


def _names(classes: str) -> tuple[str, ...]:
    """The names in a class attribute, each once."""
    return _split_before(classes) if len(classes) <= _SHORT else _split(classes)


def _split(classes: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in _SPACES.split(classes) if name))


_split_before = lru_cache(maxsize=4096)(_split)


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
    identity: str | None = None
    classes: set[str] = set()
    while not isinstance(tree, Element):
        if isinstance(tree, Class):
            classes.add(tree.class_name)
        elif isinstance(tree, Hash) and identity is None:
            identity = tree.id
        else:
            return None
        tree = tree.selector
    if tree.namespace is not None or (tree.element is None and identity is None and not classes):
        return None
    return Head(tree.element.lower() if tree.element else None, identity, frozenset(classes), rest)
