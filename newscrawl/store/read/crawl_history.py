"""A site's finished crawls and its articles' times: what health is judged by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newscrawl.core.times import from_utc_text

RUNS = 30  # a week and more of crawls every six hours
ARTICLES = 500


@dataclass(frozen=True, slots=True)
class FinishedCrawl:
    """A row of `crawls` that has an end."""

    id: int
    finished_at: datetime
    exit_code: int
    reason: str
    options: dict[str, Any]
    stats: dict[str, Any]


def finished_crawls(db: sqlite3.Connection, site: str) -> list[FinishedCrawl]:
    """The last finished crawls of whole categories, oldest first; crawls of single addresses are no measure."""
    rows = db.execute(
        "SELECT id, finished_at, exit_code, reason, options, stats FROM crawls WHERE site = ?"
        " AND finished_at IS NOT NULL AND reason <> 'rebuilt' AND json_extract(options, '$.urls') IS NULL"
        " ORDER BY id DESC LIMIT ?",
        (site, RUNS),
    ).fetchall()
    found = [
        FinishedCrawl(
            row["id"],
            from_utc_text(row["finished_at"]),
            row["exit_code"],
            row["reason"],
            json.loads(row["options"]),
            json.loads(row["stats"]),
        )
        for row in rows
    ]
    return found[::-1]


def publication_times(db: sqlite3.Connection, site: str) -> list[datetime]:
    """When the site's newest articles were published, newest first."""
    return [from_utc_text(text) for text in _times(db, site)]


def _times(db: sqlite3.Connection, site: str) -> Iterator[str]:
    rows = db.execute(
        "SELECT published_at FROM articles WHERE +site = ? AND published_at IS NOT NULL AND state <> 'stub'"
        " ORDER BY published_at DESC LIMIT ?",
        (site, ARTICLES),
    )
    for row in rows:
        yield row["published_at"]


def count_quarantined(db: sqlite3.Connection, site: str) -> int:
    """How many articles of a site are in quarantine."""
    row = db.execute(
        "SELECT count(*) FROM articles WHERE site = ? AND state = 'degraded'", (site,)
    ).fetchone()
    return int(row[0])
