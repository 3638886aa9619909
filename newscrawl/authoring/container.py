"""The element around an article's text, and what in it is no text: for a first site file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from newscrawl.authoring.css import card_selector
from newscrawl.extract.body import BLOCKS, paragraphs
from newscrawl.extract.generic.facts import letters
from newscrawl.extract.unknown_design import text_holder, text_parts
from newscrawl.sites.selectors import compile_selector

_WHOLE = frozenset({"html", "body"})
_NAMELESS = frozenset({"div", "p", "span", "section", "h2", "h3", "ul", "table", "blockquote"})
_MOST_BOXES = 12


def container(root: HtmlElement, text: Sequence[str]) -> HtmlElement | None:
    """The element with most text side by side (around its parts, if it has several), if half of the paragraphs stand in
    it; else the nearest around nine tenths of them.
    """
    holder = text_holder(root)
    parent = holder.getparent()
    if parent is not None and len(text_parts(holder)) > 1:
        holder = parent
    if holder.tag not in _WHOLE:
        inside = letters(holder.text_content())
        if sum(letters(one) in inside for one in text) * 2 >= max(len(text), 1):
            return holder
    return _around(root, text)


def boxes(around: HtmlElement, text: Sequence[str]) -> list[str]:
    """Selectors for what stands in the element and is none of the paragraphs."""
    wanted = {letters(one) for one in text}
    found: list[str] = []
    for child in around.iterchildren():
        if not isinstance(child.tag, str) or not _is_box(child, wanted):
            continue
        selector = card_selector(child)
        if selector in _NAMELESS or selector in found:
            continue
        if all(_is_box(one, wanted) for one in compile_selector(selector).elements(around)):
            found.append(selector)
    return found[:_MOST_BOXES]


def _is_box(element: HtmlElement, wanted: set[str]) -> bool:
    said = [letters(one) for one in paragraphs(element)]
    return bool(said) and not any(one in wanted for one in said)


def _around(root: HtmlElement, text: Sequence[str]) -> HtmlElement | None:
    holders: Counter[HtmlElement] = Counter()
    for element in _saying(root, text):
        for around in element.iterancestors():
            holders[around] += 1
    if not holders:
        return None
    most = max(holders.values())
    inner = [
        element
        for element, count in holders.items()
        if count >= 0.9 * most and element.tag not in _WHOLE
    ]
    return max(inner, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)


def _saying(root: HtmlElement, text: Sequence[str]) -> Iterator[HtmlElement]:
    """The element of each paragraph."""
    wanted = {letters(one)[:60] for one in text if len(one) > 40} or {
        letters(one)[:60] for one in text
    }
    for element in root.iter("p", "div", "h2", "h3", "li", "span", "blockquote", "td"):
        if any(child.tag in BLOCKS for child in element):
            continue
        said = letters(element.text_content()[:200])[:60]
        if said in wanted:
            wanted.discard(said)
            yield element
