"""What health is judged by: finished crawls, times of articles, articles in quarantine."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newscrawl.core.times import from_utc_text
from newscrawl.store.conditions import marks

RUNS = 30  # more than a week of crawls every six hours
ARTICLES = 500
# Crawls whose statistics can be compared: neither of single addresses, nor of other tools' files.
_COMPARABLE = (
    "site = {} AND finished_at IS NOT NULL AND reason NOT IN ('rebuilt', 'imported')"
    " AND json_extract(options, '$.urls') IS NULL ORDER BY started_at DESC, id DESC"
)
# A skip from site to site in the index, which has an entry for every crawl.
_CRAWLED_SITES = "FROM sites s WHERE EXISTS (SELECT 1 FROM crawls c WHERE c.site = s.site)"
# The options that leave out a part of a site.
LIMITS = ("categories", "since", "until", "max_pages", "limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedCrawl:
    """A row of `crawls` that has an end."""

    id: int
    finished_at: datetime
    exit_code: int
    reason: str
    options: dict[str, Any]
    stats: dict[str, Any]


def finished_crawls(db: sqlite3.Connection, site: str) -> list[FinishedCrawl]:
    """The last finished crawls of whole categories, oldest first.

    Crawls of single addresses do not count.
    """
    rows = db.execute(
        "SELECT id, finished_at, exit_code, reason, options, stats FROM crawls"
        f" WHERE {_COMPARABLE.format('?')} LIMIT ?",
        (site, RUNS),
    ).fetchall()
    return [
        FinishedCrawl(
            id=row["id"],
            finished_at=from_utc_text(row["finished_at"]),
            exit_code=row["exit_code"],
            reason=row["reason"],
            options=json.loads(row["options"]),
            stats=json.loads(row["stats"]),
        )
        for row in reversed(rows)
    ]


def crawled_sites(db: sqlite3.Connection) -> list[str]:
    """The sites that were ever crawled, by name."""
    rows = db.execute(f"SELECT s.site {_CRAWLED_SITES} ORDER BY s.site")
    return [row[0] for row in rows]


def count_crawled_sites(db: sqlite3.Connection) -> int:
    """How many sites were ever crawled."""
    row = db.execute(f"SELECT count(*) {_CRAWLED_SITES}").fetchone()
    return int(row[0])


def failed_first(
    db: sqlite3.Connection, limit: int, offset: int, good_reasons: Sequence[str]
) -> list[str]:
    """A part of the sites that were ever crawled, by name.

    Those whose last finished crawl has another exit code than 0 come first, unless it ended for one
    of these reasons.
    """
    is_failed = f"exit_code <> 0 AND reason NOT IN ({marks(len(good_reasons))})"
    last_is_failed = f"SELECT {is_failed} FROM crawls WHERE {_COMPARABLE.format('s.site')} LIMIT 1"
    rows = db.execute(
        f"SELECT s.site {_CRAWLED_SITES} ORDER BY ifnull(({last_is_failed}), 0) DESC, s.site"
        " LIMIT ? OFFSET ?",
        (*good_reasons, limit, offset),
    )
    return [row[0] for row in rows]


def last_ends(db: sqlite3.Connection) -> dict[str, str]:
    """When the last of these crawls of each site ended (UTC text), for sites that have one."""
    ended = f"SELECT finished_at FROM crawls WHERE {_COMPARABLE.format('s.site')} LIMIT 1"
    rows = db.execute(f"SELECT site, ({ended}) AS ended_at FROM sites s ORDER BY site")
    return {row["site"]: row["ended_at"] for row in rows if row["ended_at"] is not None}


def limits_so_far(db: sqlite3.Connection, site: str) -> dict[str, Any]:
    """The limits of the site's latest crawl, by option, if every crawl so far was limited.

    Empty otherwise. Crawls of single addresses and of mirrors do not count.
    """
    rows = db.execute(
        "SELECT options FROM crawls WHERE site = ?"
        " AND ifnull(reason, '') NOT IN ('rebuilt', 'imported')"
        " AND json_extract(options, '$.urls') IS NULL"
        " AND json_extract(options, '$.base_url') IS NULL ORDER BY started_at, id",
        (site,),
    )
    limits: dict[str, Any] = {}
    for row in rows:
        options = json.loads(row["options"])
        limits = {name: options[name] for name in LIMITS if name in options}
        if not limits:
            return {}
    return limits


def publication_times(db: sqlite3.Connection, site: str) -> list[datetime]:
    """When the site's newest articles were published, newest first."""
    rows = db.execute(
        "SELECT published_at FROM articles WHERE site = ? AND published_at IS NOT NULL"
        " AND state <> 'stub' ORDER BY published_at DESC LIMIT ?",
        (site, ARTICLES),
    )
    return [from_utc_text(row["published_at"]) for row in rows]


def count_quarantined(db: sqlite3.Connection, site: str) -> int:
    """How many articles of a site are in quarantine."""
    row = db.execute(
        "SELECT count(*) FROM articles WHERE site = ? AND state = 'degraded'", (site,)
    ).fetchone()
    return int(row[0])
