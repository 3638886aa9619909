"""The text of an element as paragraphs, whether the page has `<p>`, bare text, or both."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

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
# White space that no page has (decode.py removes it) marks where paragraphs end and lines break.
_END, _BREAK = "\f", "\v"
_AFTER = dict.fromkeys(BLOCKS, _END)
_BEFORE = _AFTER | {"br": _BREAK}
_PARAGRAPH_END = re.compile(rf"{_END}|{_BREAK}\s*{_BREAK}")


def dropped(
    root: HtmlElement, selectors: tuple[str, ...] = (), keep: Iterable[str] = ()
) -> set[HtmlElement]:
    """The elements under `root` that are not part of its text.

    These are hidden elements, NO_TEXT, and what the selectors match.

    What `keep` matches is kept, with the elements around it.
    """
    if not len(root):
        return set()
    any_of = _left_out(selectors)
    left_out: set[HtmlElement] = set()
    for element in root.iterdescendants():
        if element.tag in any_of.tags:
            left_out.add(element)
            continue
        attributes = element.keys()
        if not attributes:
            continue
        if any_of.fits_attributes(element, attributes) or _is_hidden(element, attributes):
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
    if root in leave_out:
        return []
    pieces = _pieces(root, leave_out)
    lines = map(clean_text, _PARAGRAPH_END.split("".join(pieces)))
    return [line for line in lines if line]


def text_of(element: HtmlElement, leave_out: Collection[HtmlElement] = ()) -> str:
    """The element's text on one line."""
    if not len(element):
        return clean_text(element.text or "")
    return " ".join(paragraphs(element, leave_out))


@lru_cache(maxsize=1024)
def _left_out(selectors: tuple[str, ...]) -> AnyOf:
    return AnyOf((*NO_TEXT, "[hidden]", ".uk-hidden", *selectors))


def _is_hidden(element: HtmlElement, attributes: Sequence[str]) -> bool:
    if "style" not in attributes:
        return False
    return _HIDDEN_STYLE.search(element.get("style", "")) is not None


def _pieces(root: HtmlElement, leave_out: Collection[HtmlElement]) -> Iterable[str]:
    """The texts under an element, with marks where paragraphs end and lines break.

    Not recursive, since a page may be nested deeper than Python can call.
    """
    pieces = [root.text]
    inside = [(root, iter(root))]
    while inside:
        parent, children = inside[-1]
        for child in children:
            tag = child.tag
            if not isinstance(tag, str) or child in leave_out:
                pieces.append(_AFTER.get(tag, " "))
                pieces.append(child.tail)
                continue
            pieces.append(_BEFORE.get(tag))
            pieces.append(child.text)
            if len(child):
                inside.append((child, iter(child)))
                break
            pieces.append(_AFTER.get(tag))
            pieces.append(child.tail)
        else:
            inside.pop()
            if parent is not root:
                pieces.append(_AFTER.get(parent.tag))
                pieces.append(parent.tail)
    return filter(None, pieces)
