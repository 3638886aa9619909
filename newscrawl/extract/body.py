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
# White space that no page has (decode.py removes it) marks where paragraphs end and lines break.
_END, _BREAK = "\f", "\v"
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
        style = element.get("style")
        if any_of.fits(element) or (style is not None and _HIDDEN_STYLE.search(style)):
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
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        is_text = isinstance(tag, str) and element not in leave_out
        if event == "start":
            if not is_text:
                walk.skip_subtree()
                continue
            if tag == "br":
                pieces.append(_BREAK)
            elif tag in BLOCKS and element is not root:
                pieces.append(_END)
            pieces.append(element.text or "")
        elif element is root:
            break
        else:
            if tag in BLOCKS:
                pieces.append(_END)
            elif not is_text:
                pieces.append(" ")
            pieces.append(element.tail or "")
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
