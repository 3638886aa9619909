"""Parts of a page that stand among an article's paragraphs but are not its text.

Boxes are recognised by the names of their elements, offers by their words.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts
from newscrawl.extract.generic.patterns import begins, one_of
from newscrawl.extract.generic.vocabulary import BOXES, CONSENTS, CREDITS, DATE_LABELS, OFFERS

_BOX_WORDS = re.compile(rf"(?:^|[\s_-]){one_of(BOXES)}(?=$|[\s_-])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NEVER = frozenset("form dialog aside nav figcaption noscript template footer".split())
_BLOCKS = frozenset("div section ul ol dl li p h2 h3 h4 h5 header figure table details".split())
_ROLES = frozenset({"dialog", "complementary", "navigation", "alert"})
_NO_TEXT = frozenset({"a", "script", "style", "noscript", "template"})
# Share of the page's characters outside links. An element with more is not a box, whatever its
# name is.
_MOST = 0.3
_PARAGRAPH = 80  # characters
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_OFFER = begins((*OFFERS, *CONSENTS))
_CREDIT = begins(CREDITS)
_LONGEST_OFFER = 300  # characters
_LONGEST_DATE = 60  # characters
_CAPTION = re.compile(
    r"(?:©|\((?:photo|image|foto)(?:\s+by)?\b|\b(?:photo|image|foto|credit)\s*:|getty\s+images\b)"
    r".{0,60}$",
    re.IGNORECASE,
)
_NEWSLETTER = re.compile(
    r"newsletter.*(?:sign|subscri|abonn|inform|anmeld|inbox|free)|"
    r"(?:sign|subscri|abonn|inform|anmeld).*newsletter",
    re.IGNORECASE,
)
_PRIVACY = re.compile(
    r"(?:read|see|view|accept|agree\s+to)\s+(?:our|the|its)\b.{0,40}\bprivacy\s+(?:policy|notice)|"
    r"(?:unsere[rn]?|informationen.{0,40})\s+datenschutz(?:erklärung|bestimmung|hinweis)|"
    r"(?:notre|nuestra|nossa|nostra)\s+"
    r"(?:politique\s+de\s+confidentialité|pol[íi]tica\s+de\s+privaci?dade?|informativa)",
    re.IGNORECASE,
)
_DATED = re.compile(
    rf"{one_of(DATE_LABELS)}\b\W*(?:(?:on|at|am|le|el|il)\W+)?"
    r"(?:[\d\W]|\b\w{2,10}\b)*\d(?:[\d\W]|\b[A-Za-z]{1,5}\b)*$",
    re.IGNORECASE,
)
_BARE_DATE = re.compile(
    r"\W*(?:\w{3,10}\W+)?\d{1,2}\W+\w{2,10}\W+\d{4}\b[\W\d]*(?:[A-Za-z]{2,5})?$|"
    r"\W*[A-Za-z]{3,10}\.?\s+\d{1,2},?\s+\d{4}\b[\W\d]*(?:[A-Za-z]{2,5})?$|"
    r"[\d\W]{6,25}$"
)


def without_boxes(root: HtmlElement) -> HtmlElement:
    """The tree, its boxes removed in place; headline and main text are never removed."""
    elements = list(root.iter())
    lengths = _text_lengths(elements)
    most = _MOST * lengths[root]
    boxes = [element for element in elements[1:] if _is_box(element)]
    for box in boxes:
        if box.tag == "p" and lengths[box] >= _PARAGRAPH:
            box.attrib.pop("style", None)  # a paragraph that a click on "read more" shows
            continue
        if box.getparent() is None or lengths[box] > most:
            continue
        if box.find(".//h1") is None:
            box.drop_tree()
    return root


def is_offer(line: str) -> bool:
    """Whether a line only leads elsewhere, offers something, or is about the page itself."""
    if len(line) > _LONGEST_OFFER:
        return False
    if _OFFER.match(line) or _DATED.match(line):
        return True
    return any(pattern.search(line) for pattern in (_CAPTION, _NEWSLETTER, _PRIVACY))


def is_credit(line: str) -> bool:
    """Whether a line at the end of a text names those who helped with it."""
    return len(line) <= _LONGEST_OFFER and _CREDIT.match(line) is not None


def is_date(line: str) -> bool:
    """Whether a line is a printed date and nothing else."""
    if len(line) > _LONGEST_DATE or not any(map(str.isdigit, line)):
        return False
    return _BARE_DATE.match(line) is not None


def _text_lengths(elements: list[HtmlElement]) -> dict[HtmlElement, int]:
    """By element: how many characters of its text are outside links."""
    lengths: dict[HtmlElement, int] = {}
    for element in reversed(elements):
        if element.tag in _NO_TEXT or not isinstance(element.tag, str):
            lengths[element] = 0
            continue
        length = len(element.text.strip()) if element.text else 0
        for child in element:
            length += lengths[child]
            if child.tail:
                length += len(child.tail.strip())
        lengths[element] = length
    return lengths


def _is_box(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str):
        return False
    if element.tag in _NEVER:
        return True
    attributes = element.attrib
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("role") in _ROLES:
        return True
    style = attributes.get("style")
    if style and _HIDDEN.search(style):
        return True
    if element.tag not in _BLOCKS:
        return False
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    return len(names) > 1 and _named_as_box(names)


@cache_short_texts(4096)
def _named_as_box(names: str) -> bool:
    return _BOX_WORDS.search(_CAMEL.sub("-", names)) is not None
