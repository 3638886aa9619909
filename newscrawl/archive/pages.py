"""Raw pages from WARC files: the site of each record, and the record as a page and as a capture."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from newscrawl.core.errors import SiteFileError, UsageError
from newscrawl.core.records import Article, Capture, Feed, Listing, Page, Sitemap
from newscrawl.core.urls import web_host
from newscrawl.extract.in_time import page_reader
from newscrawl.sites.generic import site_named
from newscrawl.sites.site import Site
from newscrawl.warc import Record

# Beyond these years, a time in another zone or a time of the next visit may have no date at all.
FIRST_YEAR, LAST_YEAR = 1970, 2999
MOST_PAGES = 1_000_000  # of one category, or steps to a sitemap


class UnfitRecord(Exception):
    """A record that no crawl of newscrawl can have written. A rebuild sets it aside."""


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


def check_record(record: Record, shelf: SiteShelf) -> None:
    """UnfitRecord unless the database can hold what the record says of its fetch.

    SiteFileError if the site file of its site is invalid.
    """
    for name, text in (
        ("address", record.url),
        ("requested address", record.asked_url),
        ("category", record.category or ""),
    ):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise UnfitRecord(f"the {name} is not valid Unicode text: {text[:200]!r}") from error
    for url in (record.url, record.asked_url):
        if not _is_web_address(url):
            raise UnfitRecord(f"not the address of a web page: {url[:200]!r}")
    if not 0 <= (record.page or 0) <= MOST_PAGES:
        raise UnfitRecord(f"no category has a page {str(record.page)[:40]}")
    if not FIRST_YEAR <= record.fetched_at.year <= LAST_YEAR:
        raise UnfitRecord(f"fetched at an impossible time: {record.fetched_at.isoformat()}")
    try:
        site_of(record, shelf)
    except SiteFileError:
        raise  # whoever has the site file can correct it; then every record of the site can be read
    except (UsageError, ValueError) as error:
        raise UnfitRecord(f"its site cannot be read: {error}") from error


def _is_web_address(url: str) -> bool:
    try:
        return bool(web_host(url))
    except ValueError:  # `http://[`
        return False


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
    """What today's site file reads from a recorded page. PageRejected as in extract.in_time."""
    assert record.kind is not None
    page, asked_url = page_of(record), record.asked_url
    if record.origin is not None:
        page = imported_page(site, page)
        asked_url = page.url
    return page_reader().read(site, page, record.kind, asked_url)


def imported_page(site: Site, page: Page) -> Page:
    """An imported page under the address that the site itself uses.

    Archives have one page with http and https, with and without www, with a port or a campaign.
    """
    return replace(page, url=site.canonical_url(page.url))


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
        moved_permanently=record.moved_permanently,
        origin=record.origin,
    )
