"""A page becomes what the archive stores of it.

The only module that knows the reader of each kind of page.

`read` does all of it. A crawl does the same in steps, since its item pipelines stand between them:
`extract` gives the page in its own words, and the functions of refine.py clean it and read its
times. Whoever reads pages of strangers does it through in_time.py.
"""

from __future__ import annotations

from newscrawl.core.records import Article, Draft, Feed, Listing, Page, PageKind, Sitemap
from newscrawl.extract.article import extract_article
from newscrawl.extract.feeds import read_feed
from newscrawl.extract.listing import extract_listing
from newscrawl.extract.refine import clean_listing, read_discovery_times, read_listing_times, refine
from newscrawl.extract.sitemaps import read_sitemap
from newscrawl.sites.site import Site


def read(
    site: Site, page: Page, kind: PageKind, asked_url: str
) -> Article | Listing | Feed | Sitemap:
    """The article, listing, feed or sitemap of a page, its times resolved by `fetched_at`.

    `asked_url` is the address before redirects: an article keeps it as an alias where it differs.
    PageRejected if the page is not of this kind; ValueError for a kind that is never read (robots).
    """
    extracted = extract(site, page, kind)
    if isinstance(extracted, Draft):
        return refine(extracted, site, page.fetched_at, asked_url)
    if isinstance(extracted, Listing):
        return read_listing_times(clean_listing(extracted), site, page.fetched_at)
    return extracted


def extract(site: Site, page: Page, kind: PageKind) -> Draft | Listing | Feed | Sitemap:
    """The same page with its texts as printed: not yet cleaned, and times not yet parsed.

    Feeds and sitemaps are complete: their texts are clean, and their times are resolved, since a
    sitemap has 50,000 of them. Raises what `read` raises.
    """
    match kind:
        case "article":
            return extract_article(site, page)
        case "listing":
            return extract_listing(site, page)
        case "feed":
            return read_discovery_times(read_feed(site, page), site, page.fetched_at)
        case "sitemap":
            return read_discovery_times(read_sitemap(site, page), site, page.fetched_at)
        case _:
            raise ValueError(f"expected an article, listing, feed or sitemap, got kind {kind!r}")
