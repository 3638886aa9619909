"""Raw pages from WARC files: the site of each record, and the record as a page and as a capture."""

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
    """The sites of an archive by name and crawled address; the warcinfo of a WARC file has both."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sites: dict[tuple[str, str], Site] = {}

    def site(self, name: str, base_url: str) -> Site:
        """The site as it was crawled: at its own origin or at a mirror.

        UsageError if the name is neither a site file nor a host.
        """
        key = (name, base_url)
        if key not in self._sites:
            site = site_named(name, self._folder)
            if base_url and base_url != site.origin:
                site = site.rebased(base_url)
            self._sites[key] = site
        return self._sites[key]

    def __reduce__(self) -> tuple[Any, ...]:
        """Sends only the folder to another process, which has one shelf per folder."""
        return _shelf_here, (self._folder,)


@lru_cache(maxsize=1)
def _shelf_here(folder: Path) -> SiteShelf:
    return SiteShelf(folder)


def site_of(record: Record, shelf: SiteShelf) -> Site:
    """The site whose crawl wrote the record."""
    name = record.warcinfo.get("site", "")
    base_url = record.warcinfo.get("base-url", "")
    return shelf.site(name, base_url)


def page_of(record: Record) -> Page:
    """The page in a record. PageRejected if its content-encoding cannot be undone."""
    return Page(
        url=record.url,
        body=record.body,
        charset=record.charset,
        fetched_at=record.fetched_at,
        status=record.status,
    )


def read_record(site: Site, record: Record) -> Article | Listing | Feed | Sitemap:
    """What the site file of today reads from a recorded page. PageRejected as in extract.read."""
    assert record.kind is not None
    return read(site, page_of(record), record.kind, record.asked_url)


def capture_of(record: Record) -> Capture:
    """The row of the table `captures` that belongs to a record."""
    assert record.kind is not None
    return Capture(
        url=record.url,
        kind=record.kind,
        status=record.status,
        fetched_at=record.fetched_at,
        etag=record.header("etag"),
        last_modified=record.header("last-modified"),
        warc_file=record.warc_file,
        warc_offset=record.offset,
        warc_length=record.length,
        payload_digest=record.payload_digest,
    )
