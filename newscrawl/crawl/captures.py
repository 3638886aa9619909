"""Keeps the responses of one crawl.

Each is written to the WARC file first. Only then may a row of the database refer to it. A response
that is the same as the last one to the same request is stored as a reference to it.
"""

from __future__ import annotations

import os

from newscrawl.core.crashpoints import reach
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import Capture, Exchange
from newscrawl.core.version import VERSION
from newscrawl.sites.config import load_config
from newscrawl.sites.site import Site
from newscrawl.store.write.captures import Captures as CaptureRows
from newscrawl.warc import Place, WarcWriter

# Statuses whose responses are kept: pages, "not modified", and pages that the server reports as
# missing. Redirects are followed and errors are retried, so only the response after them counts.
USED_STATUSES = frozenset({200, 203, 304, 404, 410})
# The key in the request's meta under which the middleware leaves the Exchange of a response.
EXCHANGE = "newscrawl_exchange"


class Captures:
    """Writes responses to the WARC files of a crawl.

    With `keep` False (--no-warc) nothing is written, and the captures refer to no file.
    """

    def __init__(
        self, site: Site, folder: ArchiveFolder, crawl_id: int, rows: CaptureRows, *, keep: bool
    ) -> None:
        self._site = site
        self._rows = rows
        self._warc = warc_writer(site, folder, crawl_id) if keep else None

    def write(self, exchange: Exchange) -> Capture:
        """Keeps a response; returns its capture.

        The operating system has the bytes when this returns, so no row can refer to bytes that a
        crash has lost; `sync` makes them survive a power failure, too. The capture of a response
        that is not kept refers to no bytes.
        """
        if self._warc is None or exchange.status not in USED_STATUSES:
            return Capture(
                url=exchange.url,
                kind=exchange.kind,
                status=exchange.status,
                fetched_at=exchange.fetched_at,
                etag=exchange.header(b"etag"),
                last_modified=exchange.header(b"last-modified"),
                moved_permanently=exchange.moved_permanently,
            )
        place = self._rows.last_page(self._site.name, exchange.asked_url, exchange.kind)
        capture = self._warc.write(exchange, None if place is None else Place.of(place))
        reach("after_warc")
        return capture

    def sync(self) -> None:
        """Makes the responses written so far survive a power failure."""
        if self._warc is not None:
            self._warc.sync()

    def close(self) -> None:
        """Closes the WARC file, which then gets its final name."""
        if self._warc is not None:
            self._warc.close()


def warc_writer(site: Site, folder: ArchiveFolder, crawl_id: int) -> WarcWriter:
    """A writer whose files name the site, and who crawls it if newscrawl.toml says so."""
    config = load_config(folder.path, os.environ)
    return WarcWriter(
        folder.warc,
        site=site.name,
        base_url=site.origin,
        version=VERSION,
        crawl_id=crawl_id,
        operator=config.operator,
        contact=config.contact,
    )
