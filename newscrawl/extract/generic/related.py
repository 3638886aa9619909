"""Links to related articles on any page: lists under a heading that announces them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from newscrawl.core.records import Link, LinkKind, Teaser
from newscrawl.core.text import clean_text, fold
from newscrawl.core.urls import absolute
from newscrawl.extract.generic.facts import Facts
from newscrawl.extract.generic.patterns import begins
from newscrawl.extract.generic.vocabulary import RELATED, SAME_CATEGORY
from newscrawl.sites.site import Site

_RELATED = begins(RELATED)
_SAME_CATEGORY = begins(SAME_CATEGORY)
_HEADINGS = frozenset("h2 h3 h4 h5 h6 strong b p span div".split())
_LONGEST = 60  # characters of a heading
_MOST = 60  # links, and headings that are looked at
_MIN_TITLE = 12  # characters
_MOST_AROUND = 4  # elements around a heading that are looked at
_LIST_SIZE = 1000  # characters: an element with fewer is not the article's text


def related(site: Site, facts: Facts) -> tuple[Link, ...]:
    """The links in such lists to articles of the same site; positions count within their kind."""
    found: list[Link] = []
    own_key = site.article_key(facts.url)
    seen: set[tuple[str, str]] = set()
    counts: dict[str, int] = {}
    for kind, _, links in link_lists(site, facts):
        for link in links:
            teaser = _teaser(site, facts.url, link)
            if teaser is None or teaser.key == own_key or (kind, teaser.key) in seen:
                continue
            if len(found) >= _MOST:
                return tuple(found)
            seen.add((kind, teaser.key))
            counts[kind] = counts.get(kind, 0) + 1
            found.append(Link(kind, counts[kind], teaser, teaser.title))
    return tuple(found)


def link_lists(
    site: Site, facts: Facts
) -> Iterator[tuple[LinkKind, HtmlElement, list[HtmlElement]]]:
    """(kind, heading, links) of each heading that announces a list of articles."""
    lists = _Lists(site, facts)
    for kind, heading in islice(_headings(facts), _MOST):
        if links := lists.under(heading):
            yield kind, heading, links


def _headings(facts: Facts) -> Iterator[tuple[LinkKind, HtmlElement]]:
    for element, shown in facts.lines:
        if len(shown) > _LONGEST or len(element) > 2 or element.tag not in _HEADINGS:
            continue
        folded = fold(shown)
        if _SAME_CATEGORY.match(folded):
            yield "same_category", element
        elif _RELATED.match(folded):
            yield "related", element


class _Lists:
    """The lists of links to articles on a page; each link is read once."""

    def __init__(self, site: Site, facts: Facts) -> None:
        self._site = site
        self._facts = facts
        self._is_article: dict[HtmlElement, bool] = {}

    def under(self, heading: HtmlElement) -> list[HtmlElement]:
        """The links in the nearest element around the heading; none if that holds the text."""
        around = heading
        for _ in range(_MOST_AROUND):
            parent = around.getparent()
            if parent is None or _is_whole_page(parent):
                return self._after(around)
            around = parent
            if links := self._article_links(around):
                return links if not self._is_text(around) else self._after(heading)
        return []

    def _after(self, heading: HtmlElement) -> list[HtmlElement]:
        """The links in the list that follows the heading."""
        follower = heading.getnext()
        if follower is None or self._is_text(follower):
            return []
        return self._article_links(follower)

    def _is_text(self, element: HtmlElement) -> bool:
        """Whether most of an element is text outside links: an article's body, not a list."""
        if self._facts.sizes[element] <= _LIST_SIZE:
            return False
        total = _length(element)
        linked = sum(map(_length, element.iter("a")))
        return total > _LIST_SIZE and linked * 2 < total

    def _article_links(self, element: HtmlElement) -> list[HtmlElement]:
        links = list(element.iter("a"))
        for link in links:
            if link not in self._is_article:
                teaser = _teaser(self._site, self._facts.url, link)
                self._is_article[link] = teaser is not None
        return [link for link in links if self._is_article[link]]


def _length(element: HtmlElement) -> int:
    return len(clean_text(element.text_content()))


def _is_whole_page(element: HtmlElement) -> bool:
    """Whether an element holds more than boxes: the article, or all of the page."""
    return element.tag in ("body", "html") or element.find(".//h1") is not None


def _teaser(site: Site, base: str, link: HtmlElement) -> Teaser | None:
    """What a link leads to, if that may be an article of the site."""
    title = clean_text(link.text_content()) or clean_text(link.get("title") or "")
    url = absolute(base, link.get("href"))
    key = site.article_key(url) if url is not None else None
    if url is None or key is None or len(title) < _MIN_TITLE:
        return None
    return Teaser(url=site.canonical_url(url), key=key, title=title)
