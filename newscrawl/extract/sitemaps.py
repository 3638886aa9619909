"""Sitemaps and indexes of sitemaps as a Sitemap: which articles, or which further sitemaps, they name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import ChildSitemap, Page, Problem, Sitemap, SitemapEntry, Teaser
from newscrawl.extract.feeds import plain
from newscrawl.extract.hostile_links import away_problems
from newscrawl.extract.xml import xml_text
from newscrawl.sites.site import Site
from newscrawl.sites.sources import article_at, holds_articles, leads_away, period_of, source_url

MOST_BYTES = (
    50 * 1024 * 1024
)  # the protocol's own limits (sitemaps.org): 50 MB and 50,000 addresses
MOST_ENTRIES = 50_000


def read_sitemap(site: Site, page: Page) -> Sitemap:
    """What a sitemap names. PageRejected: `not_sitemap`, `empty_sitemap` (no address at all), and xml_text's."""
    text = xml_text(page, MOST_BYTES)
    root = _root(page, text)
    kind = _name(root)
    if kind not in ("urlset", "sitemapindex"):
        raise PageRejected(
            "not_sitemap",
            f"{page.url}: expected a sitemap or an index of them, found {text[:40]!r}",
        )
    rows = list(islice(_rows(root, "url" if kind == "urlset" else "sitemap"), MOST_ENTRIES))
    if not rows:
        raise PageRejected("empty_sitemap", f"{page.url}: the sitemap names no address")
    if kind == "urlset":
        return Sitemap(
            site.name, page.url, _entries(site, page.url, rows), (), _foreign(site, page.url, rows)
        )
    return Sitemap(
        site.name, page.url, (), _children(site, page.url, rows), _foreign(site, page.url, rows)
    )


def _root(page: Page, text: str) -> etree._Element:
    """Nothing is expanded, nothing is fetched; libxml2 stops by itself at 256 levels."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    root: etree._Element | None
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise PageRejected("not_sitemap", f"{page.url}: expected XML, found {text[:40]!r}")
    return root


def _rows(root: etree._Element, name: str) -> Iterator[dict[str, str]]:
    """The values of each <url> or <sitemap>; `news:…` ones by the names of Google's news sitemaps."""
    for element in root:
        if _name(element) != name:
            continue
        values: dict[str, str] = {}
        for child in element:
            if _name(child) in ("loc", "lastmod"):
                values.setdefault(_name(child), _text(child))
            elif _name(child) == "news":
                for inner in child:
                    values.setdefault(f"news:{_name(inner)}", _text(inner))
        if values.get("loc"):
            yield values


def _entries(site: Site, base: str, rows: list[dict[str, str]]) -> tuple[SitemapEntry, ...]:
    rule = site.model.sitemap
    published = rule is not None and rule.lastmod == "published"
    found: dict[str, SitemapEntry] = {}
    for position, values in enumerate(rows, 1):
        at = article_at(site, base, values["loc"])
        if at is None:
            continue
        lastmod = values.get("lastmod") or None
        raw = values.get("news:publication_date") or (lastmod if published else None)
        title = plain(values.get("news:title")) or None
        url, key = at
        teaser = Teaser(url=url, key=key, title=title, published_raw=raw, source="sitemap")
        found.setdefault(key, SitemapEntry(position, teaser, None if published else lastmod))
    return tuple(found.values())


def _children(site: Site, base: str, rows: list[dict[str, str]]) -> tuple[ChildSitemap, ...]:
    """The sitemaps of the index that may hold articles, each once."""
    found: dict[str, ChildSitemap] = {}
    for values in rows:
        url = source_url(site, base, values["loc"])
        if url is None or not holds_articles(site, url):
            continue
        period = period_of(site, url)
        first, after = (period.first, period.after) if period else (None, None)
        found.setdefault(url, ChildSitemap(url, values.get("lastmod") or None, None, first, after))
    return tuple(found.values())


def _foreign(site: Site, base: str, rows: list[dict[str, str]]) -> tuple[Problem, ...]:
    return away_problems(
        [values["loc"] for values in rows if leads_away(site, base, values["loc"])]
    )


def _text(element: etree._Element) -> str:
    return "".join(str(piece) for piece in element.itertext()).strip()


def _name(element: etree._Element) -> str:
    """The name without its namespace; '' for what is no element."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
