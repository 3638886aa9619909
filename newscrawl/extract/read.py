"""A page becomes what the archive stores of it. The only place that knows the reader of each kind of page."""

from __future__ import annotations

from dataclasses import replace

from newscrawl.core.records import Article, Feed, Listing, Page, PageKind, Sitemap
from newscrawl.extract import extract_article, extract_listing
from newscrawl.extract.feeds import read_feed
from newscrawl.extract.refine import clean_listing, read_discovery_times, read_listing_times, refine
from newscrawl.extract.sitemaps import read_sitemap
from newscrawl.sites.site import Site


def read(
    site: Site, page: Page, kind: PageKind, asked_url: str
) -> Article | Listing | Feed | Sitemap:
    """The article, listing, feed or sitemap that a page holds, with times resolved against `fetched_at`.

    `asked_url` is the address before redirects: an article keeps it as an alias where it differs.
    PageRejected if the page is not of this kind; ValueError for a kind that is never read (robots).
    """
    if kind == "article":
        article = refine(extract_article(site, page), site, page.fetched_at)
        return with_asked_url(site, article, asked_url, page.url)
    if kind == "listing":
        listing = clean_listing(extract_listing(site, page))
        return read_listing_times(listing, site, page.fetched_at)
    if kind == "feed":
        return read_discovery_times(read_feed(site, page), site, page.fetched_at)
    if kind == "sitemap":
        return read_discovery_times(read_sitemap(site, page), site, page.fetched_at)
    raise ValueError(f"pages of kind {kind!r} are not read")


def with_asked_url(site: Site, article: Article, asked_url: str, fetched_url: str) -> Article:
    """The article, with the requested address as an alias if a redirect led elsewhere."""
    asked = site.canonical_url(asked_url)
    if asked in (site.canonical_url(fetched_url), article.url):
        return article
    return replace(article, aliases=(*article.aliases, (asked, "redirect")))
