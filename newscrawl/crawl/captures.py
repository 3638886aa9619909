"""Keeps the answers of one crawl: in the WARC first, and only then may a row of the database point at them."""

from __future__ import annotations

from newscrawl.core.crashpoints import reach
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import Capture
from newscrawl.core.version import VERSION
from newscrawl.sites.site import Site
from newscrawl.store.write.store import Store
from newscrawl.warc import Exchange, WarcWriter

# Answers that are used: pages, "not modified", and the word of a server that a page is not there. Redirects are
# followed and faults are asked for again, so that what counts is the answer after them.
USED_STATUSES = frozenset({200, 203, 304, 404, 410})
RETRY_AFTER = "newscrawl_retry_after"  # where a server's wish to be left alone is noted
CAPTURE = "newscrawl_capture"  # where the middleware leaves a response's Capture
# Pages between two fsyncs of the WARC: a power cut (not a kill) may cost at most these, and they are asked for again.
SYNC_EVERY = 64


class Captures:
    """`keep` False: answers are read and let go (--no-warc), their rows have no place in a file."""

    def __init__(self, site: Site, store: Store, crawl_id: int, *, keep: bool) -> None:
        self._store, self._crawl_id = store, crawl_id
        self._written = 0
        self._warc = (
            WarcWriter(
                ArchiveFolder(store.path.parent).warc,
                site=site.name,
                base_url=site.origin,
                version=VERSION,
                crawl_id=crawl_id,
            )
            if keep
            else None
        )

    def write(self, exchange: Exchange) -> Capture:
        """What the answer's row will say; an answer to no task of ours (robots.txt) gets its row at once."""
        if self._warc is None:
            etag, last_modified = exchange.header(b"etag"), exchange.header(b"last-modified")
            capture = Capture(
                url=exchange.url,
                kind=exchange.kind,
                status=exchange.status,
                fetched_at=exchange.fetched_at,
                etag=etag,
                last_modified=last_modified,
            )
        else:
            capture = self._warc.write(exchange)
            reach("after_warc")
            self._written += 1
            if self._written % SYNC_EVERY == 0:
                self._warc.sync()
        if exchange.kind == "robots":
            self._store.captures.save(capture, self._crawl_id)
        return capture

    def close(self) -> None:
        """Gives the WARC file its final name."""
        if self._warc is not None:
            self._warc.close()
