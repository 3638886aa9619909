"""Links to related articles on any page: lists under a heading that says so, in the languages we have seen."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from ...records import Link, LinkKind, Teaser
from ...sitefile import Site
from ...text import clean_text, fold
from ...urls import absolute
from .words import RELATED, SAME_CATEGORY, begins

_RELATED = begins(RELATED)
_SAME = begins(SAME_CATEGORY)
_HEADINGS = ("h2", "h3", "h4", "h5", "h6", "strong", "b", "p", "span", "div")
_LONGEST = 60
_MOST = 60
_MIN_TITLE = 12


def related(site: Site, base: str, root: HtmlElement) -> tuple[Link, ...]:
    """The links under such headings, to addresses of the same site; positions count within their kind."""
    found: list[Link] = []
    seen: set[tuple[str, str]] = set()
    own = site.article_key(base)
    counts: dict[str, int] = {}
    for kind, _, links in link_lists(site, base, root):
        for link in links:
            url, key, title = _article(site, base, link) or ("", "", "")
            if key == own or (kind, key) in seen or len(found) >= _MOST:
                continue
            seen.add((kind, key))
            counts[kind] = counts.get(kind, 0) + 1
            found.append(Link(kind, counts[kind], Teaser(url, key, title), title))
    return tuple(found)


def link_lists(site: Site, base: str, root: HtmlElement) -> Iterator[tuple[LinkKind, HtmlElement, list[HtmlElement]]]:
    """Each heading that announces a list of articles, with the links of that list."""
    for kind, heading in _headings(root):
        if links := _links(site, base, heading):
            yield kind, heading, links


def _headings(root: HtmlElement) -> Iterator[tuple[LinkKind, HtmlElement]]:
    for element in root.iter(*_HEADINGS):
        if len(element) > 2:
            continue
        text = clean_text(element.text_content())
        if not 0 < len(text) <= _LONGEST:
            continue
        folded = fold(text)
        if _SAME.match(folded):
            yield "same_category", element
        elif _RELATED.match(folded):
            yield "related", element


def _links(site: Site, base: str, heading: HtmlElement) -> list[HtmlElement]:
    """The links in the nearest element around the heading that has any; none where that holds the text."""
    around = heading
    for _ in range(4):
        parent = around.getparent()
        if parent is None or parent.tag in ("body", "html") or parent.find(".//h1") is not None:
            return _after(site, base, around)
        around = parent
        if links := _to_articles(site, base, around):
            return links if not _is_text(around) else _after(site, base, heading)
    return []


def _after(site: Site, base: str, heading: HtmlElement) -> list[HtmlElement]:
    """The links in the list that follows the heading."""
    follower = heading.getnext()
    return _to_articles(site, base, follower) if follower is not None and not _is_text(follower) else []


def _is_text(element: HtmlElement) -> bool:
    """Whether most of an element is text without links: an article's body, not a list."""
    total = len(clean_text(element.text_content()))
    linked = sum(len(clean_text(link.text_content())) for link in element.iter("a"))
    return total > 1000 and linked * 2 < total


def _to_articles(site: Site, base: str, element: HtmlElement) -> list[HtmlElement]:
    return [link for link in element.iter("a") if _article(site, base, link) is not None]


def _article(site: Site, base: str, link: HtmlElement) -> tuple[str, str, str] | None:
    """(address, key, title) of what a link leads to, where that may be an article of the site."""
    title = clean_text(link.text_content()) or clean_text(link.get("title") or "")
    url = absolute(base, link.get("href"))
    key = site.article_key(url) if url is not None else None
    if url is None or key is None or len(title) < _MIN_TITLE:
        return None
    return site.canonical_url(url), key, title
