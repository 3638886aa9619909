"""Whether a page is an article at all: error pages, consent walls and lists of articles are not."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.text import clean_text, fold
from newscrawl.extract.generic.facts import Facts, letters
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.text_runs import longest_runs
from newscrawl.extract.generic.vocabulary import CONSENT, GONE, NOT_FOUND, WALLS

_NOT_FOUND = re.compile(one_of(NOT_FOUND))
_WALL = re.compile(one_of(WALLS))
_GONE = re.compile(one_of(GONE))
_CONSENT = re.compile(one_of(CONSENT))
_WAYS = 4  # different ones: an article about such walls quotes fewer
_MOST = 0.5  # of the characters
_FIRST = 3  # lines: where an error page says that it is one
_TITLE = 30  # letters of a headline
_MAX_EFFORT = 30_000_000  # characters; the most on a news page that we saw is 3 million
_SHORT = 600  # characters of text: an error page or a wall says less
_RUN = 500  # characters of text in one element: the teasers of the lists we saw have at most 435, articles 553
_NO_RUN = 200
_HEADLINE = 30  # characters: a link that names an article
_MIN_LINKS = 5


def refuse_nested(facts: Facts) -> None:
    """PageRejected `too_big` for what is so deep and so much that to read it at every level would take minutes."""
    effort = sum(facts.sizes.values())
    if effort > _MAX_EFFORT:
        raise PageRejected(
            "too_big",
            f"{facts.url}: {effort} characters to read, text in text counted at every level",
        )


def refuse_other_pages(facts: Facts, title: str, body: list[str], dated: bool) -> None:
    """PageRejected `not_found_page`, `blocked_page`, `listing_page` or `empty_body`.

    `dated`: the page prints a date of its own.
    """
    if asks_consent(body):
        raise PageRejected(
            "blocked_page", f"{facts.url}: a wall that asks for consent stands before the article"
        )
    if not _says_article(facts):
        run = longest_runs(facts.root)[facts.root]
        if sum(map(len, body)) < _SHORT or run < _RUN:
            _refuse_by_words(facts, title, body, dated)
        if run < _RUN and _headline_links(facts.root) >= _MIN_LINKS:
            raise PageRejected("listing_page", f"{facts.url}: a list of articles, not an article")
        if run < _NO_RUN and not dated:
            raise PageRejected("empty_body", f"{facts.url}: neither a text nor a date: no article")
    if not body and not (title and (dated or facts.own("headline") or _shows(facts, title))):
        raise PageRejected(
            "empty_body", f"{facts.url}: neither a text nor a date, and the page shows no headline"
        )


def _refuse_by_words(facts: Facts, title: str, body: list[str], dated: bool) -> None:
    """What an error page and a wall say in their titles, and error pages without a date in headings and text."""
    said = [fold(one) for one in (title, clean_text(facts.root.findtext(".//title") or "")) if one]
    heads = [fold(clean_text(head.text_content())) for head in facts.root.iter("h1", "h2")]
    shown = [*heads, *map(fold, body[:_FIRST])] if not dated else []
    if any(map(_NOT_FOUND.search, said)) or any(map(_GONE.search, shown)):
        raise PageRejected(
            "not_found_page",
            f"{facts.url}: the page says that there is no such article: {title[:80]!r}",
        )
    if any(map(_WALL.search, said)):
        raise PageRejected(
            "blocked_page", f"{facts.url}: a wall stands before the article: {title[:80]!r}"
        )


def asks_consent(body: list[str]) -> bool:
    """Whether most of a text asks the reader for consent, in several of the ways that such walls have."""
    size = sum(map(len, body))
    asking = [(line, {found.group() for found in _CONSENT.finditer(fold(line))}) for line in body]
    ways = {way for _, said in asking for way in said}
    return len(ways) >= _WAYS and sum(len(line) for line, said in asking if said) > _MOST * size


def _shows(facts: Facts, title: str) -> bool:
    """Whether the headline stands on the page itself, not only in its data: scripts have yet to write the others."""
    wanted = letters(title)[:_TITLE]
    return any(wanted in letters(shown) for _, shown in facts.shown)


def _says_article(facts: Facts) -> bool:
    """Whether the page says of itself that it is one. `og:type` alone does not count: lists say `article` too."""
    return bool(
        facts.data.get("headline")
        or facts.data.get("articleBody")
        or facts.meta("article:published_time")
    )


def _headline_links(root: HtmlElement) -> int:
    return len(
        {
            text
            for link in root.iter("a")
            if len(text := clean_text(link.text_content())) >= _HEADLINE
        }
    )
