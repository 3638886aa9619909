"""How much text stands side by side in each element: in an article more than in cards."""

from __future__ import annotations

from lxml.html import HtmlElement

from newscrawl.extract.body import BLOCKS
from newscrawl.extract.generic.shown_text import amount

_HOLDERS = frozenset("div article section main td body span p blockquote".split())
_PARAGRAPHS = frozenset("p div span b i em strong li".split())
_NO_TEXT = frozenset({"script", "style"})


def longest_runs(root: HtmlElement) -> dict[HtmlElement, int]:
    """By element: the most characters outside links side by side in one element within it.

    Characters count as `amount` counts them. Each text is read only once, however deeply it is
    nested.
    """
    shown: dict[HtmlElement, int] = {}  # characters in the element
    linked: dict[HtmlElement, int] = {}  # of these in links
    longest: dict[HtmlElement, int] = {}
    wrapped: set[HtmlElement] = set()  # elements that hold one paragraph and nothing else
    for element in reversed(list(root.iter())):
        own = _size(element.text) if element.tag not in _NO_TEXT else 0
        size = run = own
        in_links = inside = 0
        for child in element:
            tail = _size(child.tail)
            unlinked = shown[child] - linked[child]
            size += shown[child] + tail
            in_links += linked[child]
            run += tail
            if unlinked > linked[child] and (child in wrapped or _is_paragraph(child)):
                run += unlinked
            inside = max(inside, longest[child])
        if element.tag == "a":
            in_links = size
        if own == 0 and len(element) == 1 and _may_wrap(element, wrapped):
            wrapped.add(element)
        if element.tag in _HOLDERS:
            inside = max(inside, run)
        shown[element] = size
        linked[element] = in_links
        longest[element] = inside
    return longest


def _size(text: str | None) -> int:
    return amount(" ".join(text.split())) if text else 0


def _may_wrap(element: HtmlElement, wrapped: set[HtmlElement]) -> bool:
    """Whether an element is a box around its only child, a paragraph: `<div><p>Text</p></div>`."""
    child = element[0]
    return element.tag in _HOLDERS and (child in wrapped or child.tag == "p")


def _is_paragraph(element: HtmlElement) -> bool:
    if element.tag not in _PARAGRAPHS:
        return False
    return not any(inner.tag in BLOCKS for inner in element)
