"""Pages of a site that no template of its site file fits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

# The codes of pages that are refused for their design alone.
CODES = ("no_template", "empty_body", "empty_listing")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage:
    """A raw page that was refused, and where it is."""

    url: str
    kind: str
    fetched_at: str
    warc_file: str
    offset: int
    length: int


def count_unread(db: sqlite3.Connection, site: str) -> int:
    """How many raw pages of a site no template fits."""
    return int(db.execute(f"SELECT count(*) {_FROM}", (site, *CODES)).fetchone()[0])


def has_raw_pages(db: sqlite3.Connection, site: str) -> bool:
    """Whether any raw page of a site is stored."""
    found = db.execute(
        "SELECT 1 FROM captures c JOIN crawls w ON w.id = c.crawl_id"
        " WHERE w.site = ? AND c.warc_file IS NOT NULL LIMIT 1",
        (site,),
    )
    return found.fetchone() is not None


def unread_pages(db: sqlite3.Connection, site: str) -> Iterator[UnreadPage]:
    """The raw pages of a site that no template fits, in order of time."""
    rows = db.execute(
        f"SELECT c.url, c.kind, c.fetched_at, c.warc_file, c.warc_offset, c.warc_length {_FROM}"
        " ORDER BY c.fetched_at, c.url, c.id",
        (site, *CODES),
    )
    for row in rows:
        yield UnreadPage(
            url=row["url"],
            kind=row["kind"],
            fetched_at=row["fetched_at"],
            warc_file=row["warc_file"],
            offset=row["warc_offset"],
            length=row["warc_length"],
        )


_FROM = (
    "FROM captures c JOIN crawls w ON w.id = c.crawl_id WHERE w.site = ?"
    f" AND c.refused IN ({', '.join('?' * len(CODES))}) AND c.warc_file IS NOT NULL"
)
