"""Whether a page is an article at all: error pages, consent walls and lists of articles are not."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from ...errors import PageRejected
from ...text import clean_text, fold
from ..body import BLOCKS
from .facts import Facts
from .words import NOT_FOUND, WALLS, one_of

_NOT_FOUND = re.compile(one_of(NOT_FOUND))
_WALL = re.compile(one_of(WALLS))
_MAX_EFFORT = 30_000_000  # characters; the most on a news page that we saw is 3 million
_SHORT = 600  # characters of text: an error page or a wall says less
_RUN = 500  # characters of text in one element: the teasers of the lists we saw have at most 435, articles 553
_NO_RUN = 200
_HEADLINE = 30  # characters: a link that names an article
_MIN_LINKS = 5
_HOLDERS = ("div", "article", "section", "main", "td", "body", "span", "p", "blockquote")
_PARAGRAPHS = frozenset({"p", "div", "span", "b", "i", "em", "strong", "li"})


def refuse_nested(facts: Facts) -> None:
    """PageRejected `too_big` for what is so deep and so much that to read it at every level would take minutes."""
    effort = sum(facts.sizes.values())
    if effort > _MAX_EFFORT:
        raise PageRejected("too_big", f"{facts.url}: {effort} characters to read, text in text counted at every level")


def refuse_other_pages(facts: Facts, title: str, body: list[str], dated: bool) -> None:
    """PageRejected `not_found_page`, `blocked_page`, `listing_page` or `empty_body`.

    `dated`: the page prints a date of its own.
    """
    size = sum(map(len, body))
    said = fold(f"{title} | {clean_text(facts.root.findtext('.//title') or '')}")
    if size < _SHORT and _NOT_FOUND.search(said):
        raise PageRejected(
            "not_found_page", f"{facts.url}: the page says that there is no such article: {title[:80]!r}"
        )
    if size < _SHORT and _WALL.search(said):
        raise PageRejected("blocked_page", f"{facts.url}: a wall stands before the article: {title[:80]!r}")
    if not _says_article(facts):
        run = longest_run(facts.root)
        if run < _RUN and _headline_links(facts.root) >= _MIN_LINKS:
            raise PageRejected("listing_page", f"{facts.url}: a list of articles, not an article")
        if run < _NO_RUN and not dated:
            raise PageRejected("empty_body", f"{facts.url}: neither a text nor a date: no article")
    if not body and not title:
        raise PageRejected("empty_body", f"{facts.url}: neither headline nor text was found")


def _says_article(facts: Facts) -> bool:
    """Whether the page says of itself that it is one. `og:type` alone does not count: lists say `article` too."""
    return bool(facts.data.get("headline") or facts.data.get("articleBody") or facts.meta("article:published_time"))


def _headline_links(root: HtmlElement) -> int:
    return len({text for link in root.iter("a") if len(text := clean_text(link.text_content())) >= _HEADLINE})


def longest_run(root: HtmlElement) -> int:
    """The most characters outside links that stand side by side in one element: a text's paragraphs, not its cards."""
    return max((_run(holder) for holder in root.iter(*_HOLDERS)), default=0)


def _run(holder: HtmlElement) -> int:
    size = len((holder.text or "").strip())
    for child in holder:
        size += len((child.tail or "").strip())
        if child.tag not in _PARAGRAPHS or any(inner.tag in BLOCKS for inner in child):
            continue
        text = len(clean_text(child.text_content()))
        linked = sum(len(clean_text(link.text_content())) for link in child.iter("a"))
        size += text - linked if 2 * linked < text else 0
    return size
