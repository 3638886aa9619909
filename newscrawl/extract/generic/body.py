"""The text of any article page: trafilatura's, from a page without its boxes, and corrected.

Its most frequent error is too much text (other articles' boxes, offers, bylines). So the page is
cleared of what its own class names call a box, and lines that only lead elsewhere are removed
afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from configparser import ConfigParser
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.deadline import uncounted
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import TimeLocale
from newscrawl.core.text import clean_text
from newscrawl.extract.generic.boxes import is_credit, is_date, is_offer, without_boxes
from newscrawl.extract.generic.facts import Facts, letters
from newscrawl.extract.generic.names import is_byline
from newscrawl.extract.generic.printed_dates import stated_date
from newscrawl.extract.generic.sentences import says_more_than
from newscrawl.extract.generic.shown_text import is_dense

SHORT = 250  # characters: a text that is shorter than a teaser's; the page's own data may have more
FIRST = 3  # lines: a date among them is the page's, not part of the text
_MIN_DENSE = 100  # characters; trafilatura takes a text with fewer than 250 for a part of one
_MANY = 5_000  # elements without boxes; the most on a news page seen are 3,800
_MUCH = 1_000_000  # characters; the most seen are 300,000
_LINE = frozenset("p head item row quote list table code lb ab div body".split())
_PIECE = 16  # letters
_SMALL = frozenset("p li h2 h3 h4 div span strong td blockquote".split())
_LABEL = re.compile(r"[^:|>»]{2,40}[:|>»]\s")
_HEADLINE = 4  # words: a link with fewer is a name, an address or a number
_START = 5  # characters that an element and its line share
_LONGEST_ABOUT = 120  # characters of a line with the author and the time
_BESIDE_DATE = 75  # characters beside the time in it: labels, a name, the time of a change
_QUOTED = re.compile(r"^[—–]|[\s(]@\w")  # the author and the date of a post that the text quotes
_LONG = 400  # letters: a longer line does not only lead elsewhere
_REPEATED = 40  # letters: a longer line that comes twice is a repetition
_MOSTLY_LINKS = 0.8  # of a line's characters
_MAX_DATA = 200_000  # letters: comparing lines with more would take too long
_MIN_SHARED = 0.75  # share of the text that is in the page's data; then the rest is a box


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph that trafilatura found, or a heading within the text."""

    text: str
    is_heading: bool = False


def body_lines(facts: Facts) -> list[Line]:
    """The paragraphs that trafilatura finds on the page without its boxes; empty if none.

    A page far larger than any news page is read without trafilatura's comparison with other
    extractors, which takes quadratic time. PageRejected (`too_deep`) if the page exceeds Python's
    recursion limit.
    """
    with uncounted():
        bare_extraction, document_type = _trafilatura()
    cleared = without_boxes(deepcopy(facts.root))
    elements = sum(1 for _ in cleared.iter())
    is_large = elements > _MANY or facts.sizes[facts.root] > _MUCH
    try:
        document = bare_extraction(
            cleared,
            url=facts.url,
            fast=is_large,
            include_comments=False,
            config=_config(is_dense(facts.title())),
        )
    except RecursionError as error:
        message = f"{facts.url}: the text is nested too deep to be read"
        raise PageRejected("too_deep", message) from error
    if not isinstance(document, document_type) or document.body is None:
        return []
    return list(_lines(document.body))


@lru_cache(maxsize=1)
def _trafilatura() -> tuple[Any, Any]:
    """trafilatura's function and the type of its result.

    It takes half a second to import, and most runs never need it. The word lists that it reads for
    its first short page are read here too, so that no deadline of a page interrupts that.
    """
    from trafilatura import bare_extraction
    from trafilatura.external import jt_stoplist_init
    from trafilatura.settings import Document

    jt_stoplist_init()
    return bare_extraction, Document


@lru_cache(maxsize=2)
def _config(is_dense: bool) -> ConfigParser:
    """trafilatura's settings; in dense scripts a text with fewer characters is whole."""
    from trafilatura.settings import use_config

    config = use_config()
    if is_dense:
        config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(_MIN_DENSE)
    return config


def link_shares(facts: Facts, lines: list[Line]) -> dict[str, float]:
    """By the `letters` of a line: the share of its characters that are in links.

    Only for lines that are one element of the page.
    """
    starts = {line.text[:_START] for line in lines}
    shares: dict[str, float] = {}
    for element, shown in facts.lines:
        if element.tag not in _SMALL or shown[:_START] not in starts:
            continue
        bare = letters(shown)
        share = _link_share(element, shown, bare) if bare else 0.0
        if share > shares.get(bare, 0.0):
            shares[bare] = share
    return shares


def corrected(
    lines: list[Line],
    known: Collection[str],
    linked: dict[str, float],
    article_body: str,
    locale: TimeLocale,
) -> list[str]:
    """The paragraphs without lines that are links or offers, or repeat titles and bylines.

    `known` are the titles and bylines, as `letters`.

    `linked` is the share of a line's characters that are links. `article_body` is the text in the
    page's own data, which has no boxes: if most lines are in it, the others (but for headings) are
    not the article's.
    """
    seen: set[str] = set()
    text: list[Line] = []
    for line in lines:
        bare = letters(line.text)
        if not bare or bare in known or linked.get(bare, 0.0) > _MOSTLY_LINKS:
            continue
        if is_offer(line.text):
            continue
        if len(text) < FIRST and (is_date(line.text) or _is_about_article(line.text, locale)):
            continue
        if bare in seen and len(bare) > _REPEATED:
            continue
        seen.add(bare)
        text.append(line)
    text = _in_data(text, letters(article_body))
    while text and _is_after_text(text[-1], locale):
        text.pop()
    return [line.text for line in text]


def _is_after_text(line: Line, locale: TimeLocale) -> bool:
    return line.is_heading or is_credit(line.text) or _is_about_article(line.text, locale)


def _is_about_article(line: str, locale: TimeLocale) -> bool:
    """Whether a line names the author or the time and says nothing else."""
    if len(line) > _LONGEST_ABOUT or _QUOTED.search(line):
        return False
    if line.isdecimal():
        return True
    date = stated_date(line, locale)
    if date is not None and len(line) - (date.end - date.start) <= _BESIDE_DATE:
        return not says_more_than(date, line)
    return is_byline(line)


def _lines(body: etree._Element) -> Iterator[Line]:
    """The lines of trafilatura's own tree."""
    pieces: list[str] = []
    is_heading = False

    def end() -> Iterator[Line]:
        text = clean_text("".join(pieces))
        pieces.clear()
        if text:
            yield Line(text, is_heading)

    for event, element in etree.iterwalk(body, events=("start", "end")):
        if element.tag in _LINE:
            yield from end()
            is_heading = event == "start" and element.tag == "head"
        elif element.tag == "cell" and event == "end":
            pieces.append(" ")
        if event == "start":
            pieces.append(element.text or "")
        elif element is not body:
            pieces.append(element.tail or "")
    yield from end()


def _in_data(lines: list[Line], data: str) -> list[Line]:
    """The headings, and the lines that are in the page's data.

    All lines if too much of the text is not in the data.
    """
    if not SHORT <= len(data) <= _MAX_DATA:
        return lines
    shared: list[Line] = []
    size = shared_size = 0
    for line in lines:
        size += len(line.text)
        if line.is_heading or _stands_in(data, letters(line.text)):
            shared.append(line)
            shared_size += len(line.text)
    return shared if shared_size >= _MIN_SHARED * size else lines


def _stands_in(data: str, text: str) -> bool:
    """Whether half of the text's pieces are in the data, which may lack links and signs."""
    pieces = [text[:_PIECE]]
    for start in range(_PIECE, len(text) - _PIECE, _PIECE):
        pieces.append(text[start : start + _PIECE])
    found = sum(piece in data for piece in pieces)
    return found * 2 >= len(pieces)


def _link_share(element: HtmlElement, shown: str, bare: str) -> float:
    """The share of an element's text that is in links.

    A label before a linked headline (`Read this: ...`, in any language) does not count as text.
    """
    if next(element.iterancestors("a"), None) is not None:
        return 1.0
    if len(bare) > _LONG:
        return 0.0
    links = [link.text_content() for link in element.iter("a")]
    linked = sum(len(letters(text)) for text in links)
    label = _LABEL.match(shown)
    if label and any(map(_is_headline, links)):
        rest = bare.removeprefix(letters(label.group()))
        return linked / len(rest or bare)
    return linked / len(bare)


def _is_headline(text: str) -> bool:
    return len(clean_text(text).split()) >= _HEADLINE
