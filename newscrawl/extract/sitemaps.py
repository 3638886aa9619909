"""Sitemaps and indexes as a Sitemap: the articles, or the further sitemaps, that they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from lxml import etree

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import ChildSitemap, Page, Sitemap, SitemapEntry, Teaser
from newscrawl.extract.feeds import plain
from newscrawl.extract.hostile_links import away_problems
from newscrawl.extract.xml import xml_text
from newscrawl.sites.site import Site
from newscrawl.sites.sources import article_at, holds_articles, leads_away, period_of, source_url

# The protocol's own limits (sitemaps.org): 50 MB and 50,000 addresses.
MOST_BYTES = 50 * 1024 * 1024
MOST_ENTRIES = 50_000
Row = dict[str, str]  # the values of one <url> or <sitemap>


def read_sitemap(site: Site, page: Page) -> Sitemap:
    """The Sitemap of a page. PageRejected:

    `not_sitemap`, `empty_sitemap` (no address), and xml_text's codes.
    """
    text = xml_text(page, MOST_BYTES)
    root = _root(page, text)
    kind = _name(root)
    if kind not in ("urlset", "sitemapindex"):
        message = f"{page.url}: expected a sitemap or an index of sitemaps, found {text[:40]!r}"
        raise PageRejected("not_sitemap", message)
    rows = list(islice(_rows(root), MOST_ENTRIES))
    if not rows:
        raise PageRejected("empty_sitemap", f"{page.url}: the sitemap names no address")
    entries: tuple[SitemapEntry, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    if kind == "urlset":
        entries = _entries(site, page.url, rows)
    else:
        children = _children(site, page.url, rows)
    foreign = [row["loc"] for row in rows if leads_away(site, page.url, row["loc"])]
    return Sitemap(site.name, page.url, entries, children, away_problems(foreign))


def _root(page: Page, text: str) -> etree._Element:
    """The root element. Nothing is expanded or fetched; libxml2 itself stops at a depth of 256."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    root: etree._Element | None
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise PageRejected("not_sitemap", f"{page.url}: expected XML, found {text[:40]!r}")
    return root


def _rows(root: etree._Element) -> Iterator[Row]:
    """The values of each <url> or <sitemap>; `news:…` by the names of Google's news sitemaps."""
    wanted = "url" if _name(root) == "urlset" else "sitemap"
    for element in root:
        if _name(element) == wanted:
            row = _row(element)
            if row.get("loc"):
                yield row


def _row(element: etree._Element) -> Row:
    row: Row = {}
    for child in element:
        name = _name(child)
        if name in ("loc", "lastmod"):
            row.setdefault(name, _text(child))
        elif name == "news":
            for inner in child:
                if _name(inner):  # not an entity, whose text lxml refuses to give
                    row.setdefault(f"news:{_name(inner)}", _text(inner))
    return row


def _entries(site: Site, base: str, rows: list[Row]) -> tuple[SitemapEntry, ...]:
    """The articles that a sitemap names, each once."""
    rule = site.model.sitemap
    is_publication = rule is not None and rule.lastmod == "published"
    entries: dict[str, SitemapEntry] = {}
    for position, row in enumerate(rows, 1):
        article = article_at(site, base, row["loc"])
        if article is None:
            continue
        url, key = article
        lastmod = row.get("lastmod") or None
        published, modified = (lastmod, None) if is_publication else (None, lastmod)
        teaser = Teaser(
            url=url,
            key=key,
            title=plain(row.get("news:title")) or None,
            published_raw=row.get("news:publication_date") or published,
            source="sitemap",
        )
        entries.setdefault(key, SitemapEntry(position, teaser, modified))
    return tuple(entries.values())


def _children(site: Site, base: str, rows: list[Row]) -> tuple[ChildSitemap, ...]:
    """The sitemaps of the index that may hold articles, each once."""
    children: dict[str, ChildSitemap] = {}
    for row in rows:
        url = source_url(site, base, row["loc"])
        if url is None or not holds_articles(site, url):
            continue
        child = ChildSitemap(url, row.get("lastmod") or None)
        period = period_of(site, url)
        if period is not None:
            child = replace(child, first=period.first, after=period.after)
        children.setdefault(url, child)
    return tuple(children.values())


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _name(element: etree._Element) -> str:
    """The element's name without its namespace; '' for a comment or the like."""
    if not isinstance(element.tag, str):
        return ""
    return element.tag.rpartition("}")[2].lower()
