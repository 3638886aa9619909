"""Revisit records of imported files: they say that a page was the same as in an earlier record."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from newscrawl.core.records import Headers, Origin
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.store.write.commits import Part
from newscrawl.store.write.history import HeldCapture


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """A record that says that a page was the same as in an earlier record."""

    url: str
    fetched_at: datetime
    status: int
    headers: Headers
    refers_to_url: str | None
    refers_to_date: datetime | None
    payload_digest: str | None
    origin: Origin


class Revisits(Part):
    """`store.revisits`: the records whose pages have not been imported yet."""

    def add(self, revisit: Revisit) -> None:
        """Keeps a revisit until the page that it refers to is known."""
        origin = revisit.origin
        headers: list[list[str]] = []
        for name, value in revisit.headers:
            headers.append([name.decode("latin-1"), value.decode("latin-1")])
        referred = revisit.refers_to_date
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO unresolved_revisits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    revisit.url,
                    to_utc_text(revisit.fetched_at),
                    revisit.status,
                    json.dumps(headers),
                    revisit.refers_to_url,
                    to_utc_text(referred) if referred else None,
                    revisit.payload_digest,
                    origin.source,
                    origin.record,
                    origin.address,
                ),
            )

    def resolvable(self) -> list[tuple[Revisit, HeldCapture]]:
        """The revisits whose pages are known by now, with these pages."""
        rows = self._db.execute(
            "SELECT v.*, c.id AS capture_id, c.crawl_id, c.url AS page_url,"
            " c.status AS page_status, c.fetched_at AS page_at, c.warc_file, c.warc_offset,"
            " c.warc_length, c.payload_digest AS page_digest, c.refused"
            " FROM unresolved_revisits v JOIN captures c ON c.url = v.refers_to_url"
            " AND c.fetched_at = v.refers_to_date AND c.source <> 'crawl'"
            " WHERE c.warc_file IS NOT NULL GROUP BY v.url, v.fetched_at"
            " ORDER BY v.fetched_at, v.url"
        ).fetchall()
        return [(_revisit_of(row), _page_of_revisit(row)) for row in rows]

    def forget(self, revisit: Revisit) -> None:
        """Deletes a revisit that has become a capture."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM unresolved_revisits WHERE url = ? AND fetched_at = ?",
                (revisit.url, to_utc_text(revisit.fetched_at)),
            )

    def count(self) -> int:
        """How many revisits refer to pages that nobody has imported."""
        return int(self._db.execute("SELECT count(*) FROM unresolved_revisits").fetchone()[0])


def _revisit_of(row: sqlite3.Row) -> Revisit:
    headers = json.loads(row["headers"])
    return Revisit(
        url=row["url"],
        fetched_at=from_utc_text(row["fetched_at"]),
        status=row["status"],
        headers=tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers),
        refers_to_url=row["refers_to_url"],
        refers_to_date=from_utc_text(row["refers_to_date"]),
        payload_digest=row["payload_digest"],
        origin=Origin(
            source=row["source"], record=row["source_record"], address=row["source_address"]
        ),
    )


def _page_of_revisit(row: sqlite3.Row) -> HeldCapture:
    return HeldCapture(
        capture_id=row["capture_id"],
        crawl_id=row["crawl_id"],
        url=row["page_url"],
        status=row["page_status"],
        seen_at=row["page_at"],
        warc_file=row["warc_file"],
        offset=row["warc_offset"],
        length=row["warc_length"],
        digest=row["page_digest"] or "",
        refused=row["refused"],
        imported=True,
    )
