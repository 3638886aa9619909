"""How much text stands side by side in each element of a page: what distinguishes a text's paragraphs from cards."""

from __future__ import annotations

from lxml.html import HtmlElement

from newscrawl.extract.body import BLOCKS

_HOLDERS = frozenset({"div", "article", "section", "main", "td", "body", "span", "p", "blockquote"})
_PARAGRAPHS = frozenset({"p", "div", "span", "b", "i", "em", "strong", "li"})
_NO_TEXT = frozenset({"script", "style"})


def longest_runs(root: HtmlElement) -> dict[HtmlElement, int]:
    """By element: the most characters outside links that stand side by side in one element within it.

    Each text is looked at once, however deep it stands.
    """
    shown: dict[HtmlElement, int] = {}  # characters in the element
    linked: dict[HtmlElement, int] = {}  # of these in links
    longest: dict[HtmlElement, int] = {}
    for element in reversed(list(root.iter())):
        size = _size(element.text) if element.tag not in _NO_TEXT else 0
        run, links, inside = size, 0, 0
        for child in element:
            tail = _size(child.tail)
            size += shown[child] + tail
            links += linked[child]
            run += tail
            if _is_paragraph(child) and 2 * linked[child] < shown[child]:
                run += shown[child] - linked[child]
            inside = max(inside, longest[child])
        shown[element] = size
        linked[element] = size if element.tag == "a" else links
        longest[element] = max(inside, run) if element.tag in _HOLDERS else inside
    return longest


def _size(text: str | None) -> int:
    return len(" ".join(text.split())) if text else 0


def _is_paragraph(element: HtmlElement) -> bool:
    return element.tag in _PARAGRAPHS and not any(inner.tag in BLOCKS for inner in element)
