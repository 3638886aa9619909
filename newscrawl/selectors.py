"""CSS selectors of site files, compiled once to XPath.

`h3 a`, `> a` (children only), `img::attr(src)`, `p::text`; `::attr(data-time)` alone is the element's own attribute.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import regex
from cssselect import SelectorError
from cssselect.xpath import HTMLTranslator
from lxml import etree
from lxml.html import HtmlElement

_SUFFIX = regex.compile(r"::(?:(?P<text>text)|attr\((?P<attr>[\w:-]+)\))$")
_CHILD = regex.compile(r"^(?::scope\s*)?>\s*")
_TRANSLATOR = HTMLTranslator()


@dataclass(frozen=True, slots=True)
class Selector:
    """`attr`: the attribute that is the value; `own_text`: only the element's own text nodes are."""

    source: str
    find: etree.XPath
    attr: str | None = None
    own_text: bool = False

    def elements(self, root: HtmlElement) -> list[HtmlElement]:
        """The matching descendants, in document order."""
        return cast("list[HtmlElement]", self.find(root))


@lru_cache(maxsize=4096)
def compile_selector(source: str) -> Selector:
    """ValueError, with what was expected, for what is no CSS selector."""
    text = source.strip()
    suffix = _SUFFIX.search(text)
    bare = text[: suffix.start()] if suffix else text
    prefix = "./" if _CHILD.match(bare) else "descendant::"
    try:
        path = _TRANSLATOR.css_to_xpath(_CHILD.sub("", bare), prefix=prefix) if bare or not suffix else "self::*"
        find = etree.XPath(path, namespaces={"re": "http://exslt.org/regular-expressions"})
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"expected a CSS selector, got {source!r}: {error}") from error
    return Selector(source, find, suffix["attr"] if suffix else None, bool(suffix and suffix["text"]))


def select_all(root: HtmlElement, selectors: Iterable[str]) -> list[HtmlElement]:
    """The elements of the first selector that matches anything."""
    return next((found for source in selectors if (found := compile_selector(source).elements(root))), [])


def matches_any(root: HtmlElement, selectors: Iterable[str]) -> bool:
    """Whether any of the selectors matches a descendant."""
    return any(compile_selector(source).elements(root) for source in selectors)
