"""CSS selectors of site files, compiled once to XPath.

`h3 a`, `> a` (children only), `img::attr(src)`, `p::text`; `::attr(data-time)` alone is the element's own attribute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, cast

import regex
from cssselect import SelectorError
from cssselect import parse as parse_css
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Tree
from cssselect.xpath import HTMLTranslator
from lxml import etree
from lxml.html import HtmlElement

from newscrawl.sites.page_index import Head, ParsedPage, class_names, compile_xpath

_SUFFIX = regex.compile(r"::(?:(?P<text>text)|attr\((?P<attr>[\w:-]+)\))$")
_CHILD = regex.compile(r"^(?::scope\s*)?>\s*")
_NAME = regex.compile(r"[A-Za-z_][\w.-]*", regex.ASCII)
_TRANSLATOR = HTMLTranslator()


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
        path = compile_xpath(
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
                and _one_fits(self._by_class, class_names(element.get("class", "")), element)
            )
            or _one_fits(self._by_attribute, names, element)
        )


def _one_fits(heads: Mapping[str, list[Head]], names: Sequence[str], element: HtmlElement) -> bool:
    """Whether one of the heads under these names is the element's."""
    if heads.keys().isdisjoint(names):
        return False
    return any(head.fits(element) for name in names for head in heads.get(name, ()))


def select_all(scope: Scope, selectors: Iterable[str]) -> list[HtmlElement]:
    """The elements of the first selector that matches anything."""
    return next(
        (found for source in selectors if (found := compile_selector(source).elements(scope))), []
    )


def matches_any(scope: Scope, selectors: Iterable[str]) -> bool:
    """Whether any of the selectors matches a descendant."""
    return any(compile_selector(source).elements(scope) for source in selectors)


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
    return _simple(first, compile_xpath(rest))


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
