"""Captures: one row for each fetch, with the place of its bytes in a WARC file."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime

from newscrawl.core.records import Capture, PageKind, Problem
from newscrawl.core.times import to_utc_text
from newscrawl.store.write.commits import Part
from newscrawl.store.write.problems import add_problems

RAW_PAGE_LOST = "raw_page_lost"


class Captures(Part):
    """`store.captures`: the rows of fetches."""

    def save(self, capture: Capture, crawl_id: int) -> int:
        """The id of the new row of a fetch that concerns no article or source: robots.txt."""
        with self._transaction():
            return add_capture(self._db, capture, crawl_id)

    def has(self, site: str, asked_url: str, url: str, fetched_at: datetime) -> bool:
        """Whether this very fetch is stored.

        Its own row shows it; for an article, the row that the site's task of `asked_url` refers to.
        """
        fetched = to_utc_text(fetched_at)
        row = self._db.execute(
            "SELECT 1 FROM captures WHERE url = ? AND kind <> 'article' AND fetched_at = ?"
            " UNION ALL SELECT 1 FROM frontier f JOIN captures c ON c.id = f.capture_id"
            " WHERE f.url = ? AND f.site = ? AND c.fetched_at = ?",
            (url, fetched, asked_url, site, fetched),
        ).fetchone()
        return row is not None

    def last_page(self, site: str, asked_url: str, kind: PageKind) -> tuple[str, int, int] | None:
        """The place of the last full answer to this request: file, offset and length.

        None if there is none, or if its bytes were not kept.
        """
        if kind == "robots":
            row = self._db.execute(
                "SELECT * FROM captures WHERE url = ? AND kind = 'robots' AND status = 200"
                " ORDER BY id DESC LIMIT 1",
                (asked_url,),
            ).fetchone()
        else:
            row = self._db.execute(
                "SELECT c.* FROM frontier f JOIN captures c ON c.id = f.capture_id"
                " WHERE f.url = ? AND f.site = ?",
                (asked_url, site),
            ).fetchone()
        if row is None or row["warc_file"] is None or row["source"] != "crawl":
            return None
        return str(row["warc_file"]), int(row["warc_offset"]), int(row["warc_length"])

    def latest_robots(self, url: str) -> sqlite3.Row | None:
        """The latest capture of a robots.txt; None if there is none."""
        row: sqlite3.Row | None = self._db.execute(
            "SELECT * FROM captures WHERE url = ? AND kind = 'robots' AND source = 'crawl'"
            " ORDER BY id DESC LIMIT 1",
            (url,),
        ).fetchone()
        return row

    def in_stretches(self, warc_file: str, stretches: Iterable[tuple[int, int]]) -> list[int]:
        """The ids of the captures whose bytes overlap one of these stretches (start, end)."""
        ids: set[int] = set()
        for start, end in stretches:
            rows = self._db.execute(
                "SELECT id FROM captures WHERE warc_file = ? AND warc_offset < ?"
                " AND warc_offset + warc_length > ?",
                (warc_file, end, start),
            )
            ids.update(row["id"] for row in rows)
        return sorted(ids)

    def in_other_files(self, crawl_ids: Iterable[int], files: Collection[str]) -> list[int]:
        """The ids of the captures of these crawls whose WARC file is none of `files`."""
        ids: list[int] = []
        for crawl_id in crawl_ids:
            rows = self._db.execute(
                "SELECT id, warc_file FROM captures WHERE crawl_id = ? AND warc_file IS NOT NULL",
                (crawl_id,),
            )
            ids += [row["id"] for row in rows if row["warc_file"] not in files]
        return ids

    def give_up(self, ids: Collection[int], now: datetime) -> int:
        """Records that the raw pages of these captures are lost; the number of pages queued again.

        What was read from them is kept. A page is queued, without its validators, if the lost raw
        page was its latest. Older ones cannot be fetched again.
        """
        if not ids:
            return 0
        with self._transaction():
            self._db.execute("CREATE TEMP TABLE lost_captures (id INTEGER PRIMARY KEY)")
            rows = [(capture_id,) for capture_id in ids]
            self._db.executemany("INSERT OR IGNORE INTO lost_captures VALUES (?)", rows)
            self._note_lost(to_utc_text(now))
            self._db.execute(
                "UPDATE captures SET warc_file = NULL, warc_offset = NULL, warc_length = NULL,"
                " payload_digest = NULL WHERE id IN (SELECT id FROM lost_captures)"
            )
            queued = self._db.execute(
                "UPDATE frontier SET state = 'pending', attempts = 0, not_before = NULL,"
                " reason = ?, capture_id = NULL WHERE capture_id IN (SELECT id FROM lost_captures)",
                (RAW_PAGE_LOST,),
            ).rowcount
            self._db.execute("DROP TABLE lost_captures")
        return queued

    def _note_lost(self, seen_at: str) -> None:
        """Adds a problem for each, with the pointer that is removed from the capture."""
        rows = self._db.execute(
            "SELECT c.*, f.article_id FROM lost_captures JOIN captures c USING (id)"
            " LEFT JOIN frontier f ON f.capture_id = c.id"
            " WHERE c.warc_file IS NOT NULL GROUP BY c.id ORDER BY c.id"
        ).fetchall()
        for row in rows:
            place = f"{row['warc_file']} at {row['warc_offset']}"
            problem = Problem(
                "fetch",
                RAW_PAGE_LOST,
                f"the raw page of {row['fetched_at']} is not in the WARC file",
                raw=f"{place}, {row['warc_length']} bytes, {row['payload_digest']}",
            )
            add_problems(
                self._db,
                [problem],
                crawl_id=row["crawl_id"],
                url=row["url"],
                article_id=row["article_id"],
                seen_at=seen_at,
            )


def set_discovered(db: sqlite3.Connection, capture_id: int, discovered: int) -> None:
    """Records how many articles a category page, feed or sitemap was the first to announce."""
    db.execute("UPDATE captures SET discovered = ? WHERE id = ?", (discovered, capture_id))


def add_capture(
    db: sqlite3.Connection,
    capture: Capture,
    crawl_id: int | None,
    *,
    refused: str | None = None,
    article_id: int | None = None,
) -> int:
    """The id of a new row: what was fetched, when, and where its bytes are.

    `refused` is the reason code of a page that is not used. `article_id` is the article of the
    page, if that is known before the page is stored.
    """
    origin = capture.origin
    row = db.execute(
        "INSERT INTO captures (crawl_id, url, kind, status, fetched_at, etag, last_modified,"
        " warc_file, warc_offset, warc_length, payload_digest, refused, article_id,"
        " source, source_record, source_address)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
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
            article_id,
            "crawl" if origin is None else origin.source,
            None if origin is None else origin.record,
            None if origin is None else origin.address,
        ),
    ).fetchone()
    return int(row["id"])


def set_article(db: sqlite3.Connection, capture_id: int, article_id: int) -> None:
    """Notes which article the page of a capture shows."""
    db.execute("UPDATE captures SET article_id = ? WHERE id = ?", (article_id, capture_id))
