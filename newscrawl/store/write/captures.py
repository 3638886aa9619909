"""Captures: one row for each fetch, with the place of its bytes in a WARC file."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from newscrawl.core.records import Capture
from newscrawl.core.times import to_utc_text
from newscrawl.store.write.commits import Part


class Captures(Part):
    """`store.captures`: the rows of fetches."""

    def save(self, capture: Capture, crawl_id: int) -> int:
        """The id of the new row of a fetch that concerns no article or source: robots.txt."""
        with self._transaction():
            return add_capture(self._db, capture, crawl_id)

    def has(self, asked_url: str, url: str, fetched_at: datetime) -> bool:
        """Whether this very fetch is stored.

        Its own row shows it; for an article, the row that the task of `asked_url` refers to.
        """
        fetched = to_utc_text(fetched_at)
        row = self._db.execute(
            "SELECT 1 FROM captures WHERE url = ? AND kind <> 'article' AND fetched_at = ?"
            " UNION ALL SELECT 1 FROM frontier f JOIN captures c ON c.id = f.capture_id"
            " WHERE f.url = ? AND c.fetched_at = ?",
            (url, fetched, asked_url, fetched),
        ).fetchone()
        return row is not None


def add_capture(
    db: sqlite3.Connection, capture: Capture, crawl_id: int | None, refused: str | None = None
) -> int:
    """The id of a new row: what was fetched, when, and where its bytes are.

    `refused` is the reason code of a page that is not used.
    """
    row = db.execute(
        "INSERT INTO captures (crawl_id, url, kind, status, fetched_at, etag, last_modified,"
        " warc_file, warc_offset, warc_length, payload_digest, refused)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            crawl_id,
            capture.url,
            capture.kind,
            capture.status,
            to_utc_text(capture.fetched_at),
            capture.etag,
            capture.last_modified,
            capture.warc_file,
            capture.warc_offset,
            capture.warc_length,
            capture.payload_digest,
            refused,
        ),
    ).fetchone()
    return int(row["id"])
