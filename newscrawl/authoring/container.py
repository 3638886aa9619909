"""The element around an article's text, and the boxes in it that are not text."""

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
_TEXT_TAGS = ("p", "div", "h2", "h3", "li", "span", "blockquote", "td")
_MOST_BOXES = 12


def container(root: HtmlElement, text: Sequence[str]) -> HtmlElement | None:
    """The element that holds the text.

    This is the element with the most text side by side (or its parent, if it is one of several
    parts), provided half of the paragraphs are in it. Otherwise, the innermost element around nine
    tenths of them.
    """
    holder = text_holder(root)
    parent = holder.getparent()
    if parent is not None and len(text_parts(holder)) > 1:
        holder = parent
    if holder.tag not in _WHOLE:
        holder_letters = letters(holder.text_content())
        inside = sum(letters(paragraph) in holder_letters for paragraph in text)
        if inside * 2 >= max(len(text), 1):
            return holder
    return _around(root, text)


def boxes(around: HtmlElement, text: Sequence[str]) -> list[str]:
    """Selectors for the children of the element that have none of the paragraphs."""
    wanted = {letters(paragraph) for paragraph in text}
    selectors: list[str] = []
    for child in around.iterchildren():
        if not isinstance(child.tag, str) or not _is_box(child, wanted):
            continue
        selector = card_selector(child)
        if selector in _NAMELESS or selector in selectors:
            continue
        matches = compile_selector(selector).elements(around)
        if all(_is_box(element, wanted) for element in matches):
            selectors.append(selector)
    return selectors[:_MOST_BOXES]


def _is_box(element: HtmlElement, wanted: set[str]) -> bool:
    texts = {letters(paragraph) for paragraph in paragraphs(element)}
    return bool(texts) and texts.isdisjoint(wanted)


def _around(root: HtmlElement, text: Sequence[str]) -> HtmlElement | None:
    holders: Counter[HtmlElement] = Counter()
    for element in _paragraph_elements(root, text):
        holders.update(element.iterancestors())
    if not holders:
        return None
    enough = 0.9 * max(holders.values())
    candidates = [element for element, count in holders.items() if count >= enough]
    candidates = [element for element in candidates if element.tag not in _WHOLE]
    return max(candidates, key=_depth, default=None)


def _depth(element: HtmlElement) -> int:
    return sum(1 for _ in element.iterancestors())


def _paragraph_elements(root: HtmlElement, text: Sequence[str]) -> Iterator[HtmlElement]:
    """The element of each paragraph; of the long ones, if there are any."""
    long_paragraphs = [paragraph for paragraph in text if len(paragraph) > 40]
    wanted = {letters(paragraph)[:60] for paragraph in long_paragraphs or text}
    for element in root.iter(*_TEXT_TAGS):
        if any(child.tag in BLOCKS for child in element):
            continue
        beginning = letters(element.text_content()[:200])[:60]
        if beginning in wanted:
            wanted.discard(beginning)
            yield element
