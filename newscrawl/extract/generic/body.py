"""The text of any article page: trafilatura's, on a page without its boxes, mended where it errs.

What goes wrong most is text too much (other articles' boxes, offers, by-lines), so the page is cleared of what
its own class names call a box, and lines that only lead elsewhere are left out afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.text import clean_text
from newscrawl.extract.generic.boxes import is_credit, is_date, is_offer, without_boxes
from newscrawl.extract.generic.facts import Facts, letters

SHORT = 250  # characters: less than a teaser's text, so that the page's own data may know more
_MANY = 5_000  # elements without boxes; the most on a news page that we saw is 3,800
_MUCH = 1_000_000  # characters; and 300,000
_LINE = frozenset(
    {"p", "head", "item", "row", "quote", "list", "table", "code", "lb", "ab", "div", "body"}
)
FIRST = 3  # lines: where a date stands that is the page's, not the text's
_PIECE = 16  # letters
_SMALL = frozenset({"p", "li", "h2", "h3", "h4", "div", "span", "strong", "td", "blockquote"})
_LABEL = re.compile(r"[^:|>»]{2,40}[:|>»]\s")
_HEADLINE = 4  # words: a link with fewer is a name, an address or a number
_START = 5  # characters that an element and its line share
_LONG = 400  # letters: no line that only leads elsewhere
_MAX_DATA = 200_000  # letters: so many lines against more would take too long
_MIN_SHARED = 0.75  # of the text stands in the page's data: then what does not is a box


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of trafilatura's; `heading`: a heading within the text."""

    text: str
    heading: bool = False


def body_lines(facts: Facts) -> list[Line]:
    """The paragraphs that trafilatura finds on the page without its boxes; none where it finds no text.

    Of a page far larger than any news page only what trafilatura itself finds: what it compares that with takes
    quadratic time. PageRejected `too_deep`: it goes down a page by recursion, and Python has an end of that.
    """
    from trafilatura import bare_extraction  # half a second, and most runs never need it
    from trafilatura.settings import Document

    cleared = without_boxes(deepcopy(facts.root))
    large = facts.sizes[facts.root] > _MUCH or sum(1 for _ in cleared.iter()) > _MANY
    try:
        found = bare_extraction(cleared, url=facts.url, fast=large, include_comments=False)
    except RecursionError as error:
        raise PageRejected(
            "too_deep", f"{facts.url}: the text is nested too deep to be read"
        ) from error
    return (
        list(_lines(found.body)) if isinstance(found, Document) and found.body is not None else []
    )


def _lines(body: etree._Element) -> Iterator[Line]:
    pieces: list[str] = []
    heading = False

    def end() -> Iterator[Line]:
        text = clean_text("".join(pieces))
        pieces.clear()
        if text:
            yield Line(text, heading)

    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            if element.tag in _LINE:
                yield from end()
                heading = element.tag == "head"
            pieces.append(element.text or "")
        else:
            if element.tag in _LINE:
                yield from end()
                heading = False
            elif element.tag == "cell":
                pieces.append(" ")
            if element is not body:
                pieces.append(element.tail or "")
    yield from end()


def mended(
    lines: list[Line], known: Collection[str], linked: dict[str, float], article_body: str
) -> list[str]:
    """The lines without repeated titles and by-lines (`known`, as `letters`), lines that are links, and offers.

    `linked`: the share of a line's characters that are links. `article_body`: the text in the page's own data,
    which has no boxes: where most lines stand in it, the others (but for headings) are none of the article's.
    """
    seen: set[str] = set()
    kept: list[Line] = []
    for line in lines:
        bare = letters(line.text)
        if not bare or bare in known or linked.get(bare, 0.0) > 0.8 or is_offer(line.text):
            continue
        if is_date(line.text) and len(kept) < FIRST:
            continue
        if bare in seen and len(bare) > 40:
            continue
        seen.add(bare)
        kept.append(line)
    kept = _in_data(kept, letters(article_body))
    while kept and (kept[-1].heading or is_credit(kept[-1].text)):
        kept.pop()
    return [line.text for line in kept]


def _in_data(lines: list[Line], data: str) -> list[Line]:
    if not SHORT <= len(data) <= _MAX_DATA:
        return lines
    found = [line.heading or _stands_in(data, letters(line.text)) for line in lines]
    inside = sum(len(line.text) for line, there in zip(lines, found, strict=True) if there)
    if inside < _MIN_SHARED * sum(len(line.text) for line in lines):
        return lines
    return [line for line, there in zip(lines, found, strict=True) if there]


def _stands_in(data: str, text: str) -> bool:
    """Whether half of the text's pieces stand in the data: publishers leave out links and signs there."""
    pieces = [
        text[place : place + _PIECE] for place in range(0, max(1, len(text) - _PIECE), _PIECE)
    ]
    return sum(piece in data for piece in pieces) * 2 >= len(pieces)


def link_shares(facts: Facts, lines: list[Line]) -> dict[str, float]:
    """By the `letters` of a line: the share of its characters that stand in links, where one element is that line."""
    starts = {line.text[:_START] for line in lines}
    shares: dict[str, float] = {}
    for element, shown in facts.shown:
        if element.tag not in _SMALL or shown[:_START] not in starts:
            continue
        text = letters(shown)
        if text and (share := _link_share(element, shown, text)) > shares.get(text, 0.0):
            shares[text] = share
    return shares


def _link_share(element: HtmlElement, shown: str, text: str) -> float:
    """Of what an element shows; a label before the only link (`Read this: ...`, in any language) does not count."""
    if next(element.iterancestors("a"), None) is not None:
        return 1.0
    if len(text) > _LONG:
        return 0.0
    linked = [letters(one.text_content()) for one in element.iter("a")]
    label = _LABEL.match(shown)
    rest = (
        text.removeprefix(letters(label.group()))
        if label and any(map(_is_headline, element.iter("a")))
        else text
    )
    return sum(map(len, linked)) / len(rest or text)


def _is_headline(link: HtmlElement) -> bool:
    return len(clean_text(link.text_content()).split()) >= _HEADLINE
