"""Pages from a WARC file, read as a crawl reads them: the same functions, the same order, no network."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from newscrawl.core.records import Article, Capture, Feed, Listing, Page, Sitemap
from newscrawl.extract import extract_article, extract_listing
from newscrawl.extract.discovery import read_discovery_times
from newscrawl.extract.feeds import read_feed
from newscrawl.extract.refine import clean_listing, read_listing_times, refine
from newscrawl.extract.sitemaps import read_sitemap
from newscrawl.sites.generic import site_named
from newscrawl.sites.site import Site
from newscrawl.warc import Record


class SiteShelf:
    """Site files by name and the address they were crawled at (a WARC's warcinfo names both)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sites: dict[tuple[str, str], Site] = {}

    def site(self, name: str, base_url: str) -> Site:
        """The site as it was crawled: on its own origin or on a mirror. UsageError where the name is none's."""
        if (name, base_url) not in self._sites:
            site = site_named(name, self._folder)
            on_mirror = base_url and base_url != site.origin
            self._sites[name, base_url] = site.rebased(base_url) if on_mirror else site
        return self._sites[name, base_url]

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process it is the shelf of this folder there, filled once."""
        return _shelf_here, (self._folder,)


@lru_cache(maxsize=1)
def _shelf_here(folder: Path) -> SiteShelf:
    return SiteShelf(folder)


def site_of(record: Record, shelf: SiteShelf) -> Site:
    """The site that a record's WARC file was written for."""
    return shelf.site(record.warcinfo.get("site", ""), record.warcinfo.get("base-url", ""))


def page_of(record: Record) -> Page:
    """The page in a record; PageRejected where its content-encoding cannot be undone."""
    return Page(record.url, record.body, record.charset, record.fetched_at, record.status)


def read_article(site: Site, record: Record) -> Article:
    """What a crawl stored, or would store now, of an article page. PageRejected where it is none."""
    article = refine(extract_article(site, page_of(record)), site, record.fetched_at)
    return with_asked_url(site, article, record.asked_url, record.url)


def read_listing(site: Site, record: Record) -> Listing:
    """The same for a category page."""
    listing = clean_listing(extract_listing(site, page_of(record)))
    return read_listing_times(listing, site, record.fetched_at)


def read_discovery(site: Site, record: Record) -> Feed | Sitemap:
    """The same for a feed or sitemap."""
    page = page_of(record)
    found = read_feed(site, page) if record.kind == "feed" else read_sitemap(site, page)
    return read_discovery_times(found, site, record.fetched_at)


def with_asked_url(site: Site, article: Article, asked_url: str, fetched_url: str) -> Article:
    """The article, with the address that was asked for as an alias where a redirect led elsewhere."""
    asked = site.canonical_url(asked_url)
    if asked in (site.canonical_url(fetched_url), article.url):
        return article
    return replace(article, aliases=(*article.aliases, (asked, "redirect")))


def capture_of(record: Record) -> Capture:
    """The capture row of a record."""
    assert record.kind is not None
    return Capture(
        record.url,
        record.kind,
        record.status,
        record.fetched_at,
        record.header("etag"),
        record.header("last-modified"),
        record.warc_file,
        record.offset,
        record.length,
        record.payload_digest,
    )
