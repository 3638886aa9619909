"""The text of an element as paragraphs, whether the page has `<p>`, bare text, or both."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.text import clean_text
from newscrawl.sites.selectors import AnyOf, compile_selector

# A paragraph ends where one of these begins or ends.
BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td "
    "tfoot th thead tr ul".split()
)
# Never text of an article. Captions are texts of pictures; a site file can `keep` them.
NO_TEXT = frozenset(
    "script style noscript template iframe object audio video svg button select textarea form "
    "figure figcaption".split()
)
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def dropped(
    root: HtmlElement, selectors: tuple[str, ...] = (), keep: Iterable[str] = ()
) -> set[HtmlElement]:
    """The elements under `root` that are no part of its text.

    These are hidden elements, NO_TEXT, and what the selectors match.

    What `keep` matches is kept, with the elements around it.
    """
    if not len(root):
        return set()
    any_of = _left_out(selectors)
    left_out: set[HtmlElement] = set()
    for element in root.iterdescendants():
        if any_of.fits(element) or _is_hidden_by_style(element):
            left_out.add(element)
    for selector in any_of.others:
        left_out.update(selector.elements(root))
    for source in keep:
        for element in compile_selector(source).elements(root):
            left_out.discard(element)
            left_out.difference_update(element.iterancestors())
    return left_out


def paragraphs(root: HtmlElement, leave_out: Collection[HtmlElement] = ()) -> list[str]:
    """Clean, non-empty paragraphs in document order.

    Two `<br>` in a row end a paragraph, a single one is a space.
    """
    text = _Paragraphs()
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        is_text = isinstance(tag, str) and element not in leave_out
        if event == "start":
            if not is_text:
                walk.skip_subtree()
                continue
            if tag == "br":
                text.add_break()
            elif tag in BLOCKS and element is not root:
                text.end()
            text.add(element.text)
        elif element is root:
            break
        else:
            if tag in BLOCKS:
                text.end()
            elif not is_text:
                text.add(" ")
            text.add(element.tail)
    text.end()
    return text.lines


class _Paragraphs:
    """The paragraphs of a walk over an element; `lines` are those that have ended."""

    __slots__ = ("_breaks", "_pieces", "lines")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._pieces: list[str] = []
        self._breaks = 0  # since the last text

    def add(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            if self._breaks and not text.isspace():
                self._breaks = 0

    def add_break(self) -> None:
        self._breaks += 1
        self._pieces.append(" ")
        if self._breaks > 1:
            self.end()

    def end(self) -> None:
        if self._pieces:
            line = clean_text("".join(self._pieces))
            self._pieces.clear()
            if line:
                self.lines.append(line)


def text_of(element: HtmlElement, leave_out: Collection[HtmlElement] = ()) -> str:
    """The element's text on one line."""
    if not len(element):
        return clean_text(element.text or "")
    return " ".join(paragraphs(element, leave_out))


@lru_cache(maxsize=1024)
def _left_out(selectors: tuple[str, ...]) -> AnyOf:
    return AnyOf((*NO_TEXT, "[hidden]", ".uk-hidden", *selectors))


def _is_hidden_by_style(element: HtmlElement) -> bool:
    style = element.get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None
