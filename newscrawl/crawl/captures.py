"""Keeps the answers of one crawl: in the WARC first, and only then may a row of the database point at them."""

from __future__ import annotations

from newscrawl.core.crashpoints import reach
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import Capture, Exchange
from newscrawl.core.version import VERSION
from newscrawl.sites.site import Site
from newscrawl.warc import WarcWriter

# Answers that are used: pages, "not modified", and the word of a server that a page is not there. Redirects are
# followed and faults are asked for again, so that what counts is the answer after them.
USED_STATUSES = frozenset({200, 203, 304, 404, 410})
EXCHANGE = (
    "newscrawl_exchange"  # where the middleware leaves a response's Exchange, in the request's meta
)
# Pages between two fsyncs of the WARC: a power cut (not a kill) may cost at most these, and they are asked for again.
SYNC_EVERY = 64


class Captures:
    """`keep` False: answers are read and let go (--no-warc), their rows have no place in a file."""

    def __init__(self, site: Site, folder: ArchiveFolder, crawl_id: int, *, keep: bool) -> None:
        self._written = 0
        self._warc = (
            WarcWriter(
                folder.warc,
                site=site.name,
                base_url=site.origin,
                version=VERSION,
                crawl_id=crawl_id,
            )
            if keep
            else None
        )

    def write(self, exchange: Exchange) -> Capture:
        """Keeps an answer; its capture.

        The bytes are with the operating system once this returns, so that no row can point at bytes that a crash
        takes away. An answer that is not used has no bytes to point at.
        """
        if self._warc is None or exchange.status not in USED_STATUSES:
            return Capture(
                url=exchange.url,
                kind=exchange.kind,
                status=exchange.status,
                fetched_at=exchange.fetched_at,
                etag=exchange.header(b"etag"),
                last_modified=exchange.header(b"last-modified"),
            )
        capture = self._warc.write(exchange)
        reach("after_warc")
        self._written += 1
        if self._written % SYNC_EVERY == 0:
            self._warc.sync()
        return capture

    def close(self) -> None:
        """Gives the WARC file its final name."""
        if self._warc is not None:
            self._warc.close()
