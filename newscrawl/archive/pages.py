"""Raw pages from WARC files: the site that each belongs to, and the record as a Page and as a Capture."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from newscrawl.core.records import Article, Capture, Feed, Listing, Page, Sitemap
from newscrawl.extract.read import read
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


def read_record(site: Site, record: Record) -> Article | Listing | Feed | Sitemap:
    """What a crawl stored, or would store now, of a recorded page. PageRejected as for extract.read."""
    assert record.kind is not None
    return read(site, page_of(record), record.kind, record.asked_url)


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
