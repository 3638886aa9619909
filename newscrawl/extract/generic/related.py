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
    for kind, heading in _headings(root):
        for url, key, title in _links(site, base, heading):
            if key == own or (kind, key) in seen or len(found) >= _MOST:
                continue
            seen.add((kind, key))
            counts[kind] = counts.get(kind, 0) + 1
            found.append(Link(kind, counts[kind], Teaser(url, key, title), title))
    return tuple(found)


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


def _links(site: Site, base: str, heading: HtmlElement) -> list[tuple[str, str, str]]:
    """The articles linked in the nearest element around the heading that has any; none where that holds the text."""
    around = heading
    for _ in range(4):
        parent = around.getparent()
        if parent is None or parent.tag in ("body", "html") or parent.find(".//h1") is not None:
            return _after(site, base, around)
        around = parent
        if links := _articles(site, base, around.iter("a")):
            return links if not _is_text(around) else _after(site, base, heading)
    return []


def _after(site: Site, base: str, heading: HtmlElement) -> list[tuple[str, str, str]]:
    """The articles in the list that follows the heading."""
    follower = heading.getnext()
    return _articles(site, base, follower.iter("a")) if follower is not None and not _is_text(follower) else []


def _is_text(element: HtmlElement) -> bool:
    """Whether most of an element is text without links: an article's body, not a list."""
    total = len(clean_text(element.text_content()))
    linked = sum(len(clean_text(link.text_content())) for link in element.iter("a"))
    return total > 1000 and linked * 2 < total


def _articles(site: Site, base: str, links: Iterator[HtmlElement]) -> list[tuple[str, str, str]]:
    found = []
    for link in links:
        title = clean_text(link.text_content()) or clean_text(link.get("title") or "")
        url = absolute(base, link.get("href"))
        key = site.article_key(url) if url is not None else None
        if url is not None and key is not None and len(title) >= _MIN_TITLE:
            found.append((site.canonical_url(url), key, title))
    return found
