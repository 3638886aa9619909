"""Links to related articles on any page: lists under a heading that says so, in the languages we have seen."""

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
_SAME = begins(SAME_CATEGORY)
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6", "strong", "b", "p", "span", "div"})
_LONGEST = 60
_MOST = 60  # links, and headings that are looked at
_MIN_TITLE = 12
_LIST_SIZE = 1000  # characters: what has fewer is no article's text


def related(site: Site, facts: Facts) -> tuple[Link, ...]:
    """The links under such headings, to addresses of the same site; positions count within their kind."""
    found: list[Link] = []
    seen: set[tuple[str, str]] = set()
    own = site.article_key(facts.url)
    counts: dict[str, int] = {}
    for kind, _, links in link_lists(site, facts):
        for link in links:
            url, key, title = _article(site, facts.url, link) or ("", "", "")
            if key == own or (kind, key) in seen or len(found) >= _MOST:
                continue
            seen.add((kind, key))
            counts[kind] = counts.get(kind, 0) + 1
            found.append(Link(kind, counts[kind], Teaser(url=url, key=key, title=title), title))
    return tuple(found)


def link_lists(
    site: Site, facts: Facts
) -> Iterator[tuple[LinkKind, HtmlElement, list[HtmlElement]]]:
    """Each heading that announces a list of articles, with the links of that list."""
    lists = _Lists(site, facts)
    for kind, heading in islice(_headings(facts), _MOST):
        if links := lists.under(heading):
            yield kind, heading, links


def _headings(facts: Facts) -> Iterator[tuple[LinkKind, HtmlElement]]:
    for element, shown in facts.shown:
        if len(shown) > _LONGEST or len(element) > 2 or element.tag not in _HEADINGS:
            continue
        folded = fold(shown)
        if _SAME.match(folded):
            yield "same_category", element
        elif _RELATED.match(folded):
            yield "related", element


class _Lists:
    """The lists of links to articles on a page; each link is looked at once, however many headings stand around it."""

    def __init__(self, site: Site, facts: Facts) -> None:
        self._site = site
        self._facts = facts
        self._leads: dict[HtmlElement, bool] = {}

    def under(self, heading: HtmlElement) -> list[HtmlElement]:
        """The links in the nearest element around the heading that has any; none where that holds the text."""
        around = heading
        for _ in range(4):
            parent = around.getparent()
            if parent is None or parent.tag in ("body", "html") or parent.find(".//h1") is not None:
                return self._after(around)
            around = parent
            if links := self._to_articles(around):
                return links if not self._is_text(around) else self._after(heading)
        return []

    def _after(self, heading: HtmlElement) -> list[HtmlElement]:
        """The links in the list that follows the heading."""
        follower = heading.getnext()
        return (
            self._to_articles(follower)
            if follower is not None and not self._is_text(follower)
            else []
        )

    def _is_text(self, element: HtmlElement) -> bool:
        """Whether most of an element is text without links: an article's body, not a list."""
        if self._facts.sizes[element] <= _LIST_SIZE:
            return False
        total = len(clean_text(element.text_content()))
        linked = sum(len(clean_text(link.text_content())) for link in element.iter("a"))
        return total > _LIST_SIZE and linked * 2 < total

    def _to_articles(self, element: HtmlElement) -> list[HtmlElement]:
        links = list(element.iter("a"))
        for link in links:
            if link not in self._leads:
                self._leads[link] = _article(self._site, self._facts.url, link) is not None
        return [link for link in links if self._leads[link]]


def _article(site: Site, base: str, link: HtmlElement) -> tuple[str, str, str] | None:
    """(address, key, title) of what a link leads to, where that may be an article of the site."""
    title = clean_text(link.text_content()) or clean_text(link.get("title") or "")
    url = absolute(base, link.get("href"))
    key = site.article_key(url) if url is not None else None
    if url is None or key is None or len(title) < _MIN_TITLE:
        return None
    return site.canonical_url(url), key, title
