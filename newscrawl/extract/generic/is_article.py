"""Whether a page is an article: error pages, consent walls and lists are rejected."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.text import clean_text, fold
from newscrawl.extract.generic.facts import Facts, letters
from newscrawl.extract.generic.headline import is_alike
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.shown_text import amount, spaced_text
from newscrawl.extract.generic.surroundings import Surroundings
from newscrawl.extract.generic.text_runs import longest_runs
from newscrawl.extract.generic.vocabulary import CONSENT, GONE, NOT_FOUND, PAGE_WORDS, WALLS

_NOT_FOUND = re.compile(one_of(NOT_FOUND))
_WALL = re.compile(one_of(WALLS))
_GONE = re.compile(rf"\b{one_of(PAGE_WORDS)}\b[^.!?]{{0,60}}\b{one_of(GONE)}")
_CONSENT = re.compile(one_of(CONSENT))
_WAYS = 4  # different ways of asking for consent: an article about such walls quotes fewer
_MOST = 0.5  # of the characters
_FIRST = 3  # lines: an error page is recognisable from these
_TITLE = 30  # letters of a headline
_MAX_EFFORT = 30_000_000  # characters; the most on a news page seen are 3 million
_SHORT = 600  # characters of text: an error page or a wall has fewer
# Characters of text in one element: the teasers of the lists seen have at most 435, articles at
# least 553.
_RUN = 500
_NO_RUN = 200
_HEADLINE = 30  # characters: a link with as many names an article
_MIN_LINKS = 5
_MANY_LINKS = 20
_HEADINGS = ("h1", "h2", "h3")
_MOST_HEADINGS = 100  # that are looked at
_MUCH_TEXT = 3  # characters of text for one of a link: an article beside its lists has more
_PARAGRAPH = 80  # characters
_BELOW = 80  # elements below the headline


def reject_nested(facts: Facts) -> None:
    """PageRejected (`too_big`) if reading the page at every level would take minutes."""
    effort = sum(facts.sizes.values())
    if effort > _MAX_EFFORT:
        message = f"{facts.url}: {effort} characters to read, nested text counted at every level"
        raise PageRejected("too_big", message)


def reject_other_pages(
    facts: Facts, title: str, body: list[str], surroundings: Surroundings, *, is_dated: bool
) -> None:
    """Raises PageRejected for a page that is not an article.

    The codes are `not_found_page`, `blocked_page`, `listing_page` and `empty_body`.

    `is_dated`: the page has a date of its own, not only in its address.
    """
    if asks_consent(body):
        raise PageRejected("blocked_page", f"{facts.url}: the page is a consent wall")
    if _is_home_page(facts):
        raise PageRejected("listing_page", f"{facts.url}: the home page of a site, not an article")
    if not _declares_article(facts):
        run = longest_runs(facts.root)[facts.root]
        if sum(map(amount, body)) < _SHORT or run < _RUN:
            _reject_by_words(facts, title, body, is_dated)
        if _is_list(facts, title, surroundings, run, is_dated=is_dated):
            raise PageRejected("listing_page", f"{facts.url}: a list of articles, not an article")
        if run < _NO_RUN and not is_dated:
            message = f"{facts.url}: neither a text nor a date: not an article"
            raise PageRejected("empty_body", message)
    if not body and not _has_headline(facts, title, is_dated):
        message = f"{facts.url}: neither a text nor a date, and the page shows no headline"
        raise PageRejected("empty_body", message)


def _is_home_page(facts: Facts) -> bool:
    """Whether a page declares the root of a site as its own address, and no article."""
    if facts.data.get("headline") or not facts.own_paths:
        return False
    return facts.own_paths <= {""}


def _is_list(
    facts: Facts, title: str, surroundings: Surroundings, run: int, *, is_dated: bool
) -> bool:
    """Whether a page that does not declare itself an article is a list of other articles.

    A list has many links as long as headlines. It has no long text, or one that is short beside
    them and stands under no headline: the description of the site at the foot of a home page.
    """
    links = _headline_links(facts.root)
    if run >= _RUN:
        text_share = run / (links * _HEADLINE + 1)
        enough = _MUCH_TEXT if not _prints_heading(facts, title) else 1 / _MUCH_TEXT
        return links >= _MANY_LINKS and not is_dated and text_share < enough
    return links >= _MIN_LINKS and not _is_headed(facts, surroundings, is_dated)


def _prints_heading(facts: Facts, title: str) -> bool:
    """Whether a heading has the headline, or most of its words."""
    headings = islice(facts.root.iter(*_HEADINGS), _MOST_HEADINGS)
    return any(is_alike(spaced_text(heading), title) for heading in headings)


def _is_headed(facts: Facts, surroundings: Surroundings, is_dated: bool) -> bool:
    """Whether the page prints its headline in a heading, above paragraphs that are no teasers.

    Two of them are enough, or one and a date.
    """
    heading = surroundings.headline
    if heading is None or heading.tag not in _HEADINGS or not surroundings.shows_title:
        return False
    enough = 1 if is_dated else 2
    paragraphs = (
        element
        for element, shown in facts.lines
        if amount(shown) >= _PARAGRAPH and 0 < surroundings.after_headline(element) <= _BELOW
    )
    own = (element for element in paragraphs if _is_text(element, surroundings))
    return sum(1 for _ in islice(own, enough)) == enough


def _is_text(element: HtmlElement, surroundings: Surroundings) -> bool:
    """Whether an element is a paragraph of its own: innermost, without links, and in no teaser."""
    if element.tag not in ("p", "div") or element.find(".//a") is not None:
        return False
    if element.find(".//p") is not None or element.find(".//div") is not None:
        return False
    return not surroundings.is_elsewhere(element)


def asks_consent(body: list[str]) -> bool:
    """Whether most of a text asks the reader for consent, in several ways."""
    ways: set[str] = set()
    asking = 0
    for line in body:
        matches = {match.group() for match in _CONSENT.finditer(fold(line))}
        if matches:
            ways |= matches
            asking += len(line)
    size = sum(map(len, body))
    return len(ways) >= _WAYS and asking > _MOST * size


def _reject_by_words(facts: Facts, title: str, body: list[str], is_dated: bool) -> None:
    """Rejects pages with the words of error pages and walls in their titles.

    Without a date also pages with the words of error pages in headings and text.
    """
    titles = [fold(title), fold(facts.title())]
    is_gone = any(map(_NOT_FOUND.search, titles))
    if not is_dated:
        headings = (spaced_text(heading) for heading in facts.root.iter("h1", "h2"))
        shown = map(fold, (*headings, *body[:_FIRST]))
        is_gone = is_gone or any(map(_GONE.search, shown))
    if is_gone:
        message = f"{facts.url}: an error page: the article is not found: {title[:80]!r}"
        raise PageRejected("not_found_page", message)
    if any(map(_WALL.search, titles)):
        message = f"{facts.url}: the page is a challenge or a login wall: {title[:80]!r}"
        raise PageRejected("blocked_page", message)


def _declares_article(facts: Facts) -> bool:
    """Whether the page declares itself an article.

    `og:type` alone does not count: lists have `article` too.
    """
    if facts.data.get("headline") or facts.data.get("articleBody"):
        return True
    return bool(facts.meta("article:published_time"))


def _has_headline(facts: Facts, title: str, is_dated: bool) -> bool:
    """Whether a page without text has an article's headline: with a date, in its data, or shown."""
    if not title:
        return False
    return is_dated or bool(facts.data_text("headline")) or _shows(facts, title)


def _shows(facts: Facts, title: str) -> bool:
    """Whether the page itself shows the headline: other pages have yet to be written by scripts."""
    wanted = letters(title)[:_TITLE]
    return any(wanted in letters(shown) for _, shown in facts.lines)


def _headline_links(root: HtmlElement) -> int:
    """How many different links are as long as headlines."""
    texts = {clean_text(link.text_content()) for link in root.iter("a")}
    return sum(amount(text) >= _HEADLINE for text in texts)
