"""The archive at a glance: per site what is there, how its last crawl ended, and what went wrong."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newscrawl.store.filters import check_site


@dataclass(frozen=True, slots=True)
class LastCrawl:
    """`finished_at` is None while it runs, and where it was killed."""

    id: int
    started_at: str
    finished_at: str | None
    reason: str | None
    exit_code: int | None
    stats: Mapping[str, Any]
    problems: int


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """One site of the archive; `states` counts its articles by state, `pending` pages still to fetch."""

    site: str
    name: str
    states: Mapping[str, int]
    pending: int
    newest: str | None  # published_local of the newest article
    last: LastCrawl | None


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Problems of one kind on one site, with the newest of them as the example."""

    site: str | None
    stage: str
    code: str
    count: int
    newest: str
    message: str


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One thing that could not be fetched or read."""

    id: int
    seen_at: str
    site: str | None
    stage: str
    code: str
    field: str | None
    message: str
    raw: str | None
    url: str | None
    article_id: int | None


@dataclass(frozen=True, slots=True)
class ProblemFilter:
    """`everything`: also what a later crawl has mended."""

    site: str | None = None
    code: str | None = None
    everything: bool = False


def site_statuses(db: sqlite3.Connection) -> list[SiteStatus]:
    """Every site of the archive, by name."""
    states: dict[str, dict[str, int]] = {}
    for site, state, count in db.execute(
        "SELECT site, state, count(*) FROM articles GROUP BY site, state"
    ):
        states.setdefault(site, {})[state] = count
    rows = db.execute("SELECT site, name FROM sites ORDER BY site").fetchall()
    return [
        SiteStatus(row["site"], row["name"], states.get(row["site"], {}), _pending(db, row["site"]),
                   _newest(db, row["site"]), _last_crawl(db, row["site"]))
        for row in rows
    ]  # fmt: skip


def _pending(db: sqlite3.Connection, site: str) -> int:
    row = db.execute(
        "SELECT count(*) FROM frontier WHERE site = ? AND state = 'pending'", (site,)
    ).fetchone()
    return int(row[0])


def _newest(db: sqlite3.Connection, site: str) -> str | None:
    # The + keeps SQLite from the index on site, so that it walks the one on time from its end.
    row = db.execute(
        "SELECT published_local FROM articles WHERE +site = ? AND published_at IS NOT NULL"
        " ORDER BY published_at DESC LIMIT 1",
        (site,),
    ).fetchone()
    return row[0] if row else None


def _last_crawl(db: sqlite3.Connection, site: str) -> LastCrawl | None:
    row = db.execute(
        "SELECT * FROM crawls WHERE site = ? ORDER BY id DESC LIMIT 1", (site,)
    ).fetchone()
    if row is None:
        return None
    problems = db.execute(
        "SELECT count(*) FROM problems WHERE crawl_id = ?", (row["id"],)
    ).fetchone()[0]
    return LastCrawl(
        row["id"],
        row["started_at"],
        row["finished_at"],
        row["reason"],
        row["exit_code"],
        json.loads(row["stats"]),
        problems,
    )


# What stands in the way of a page is over once the page was read after it; what a page says badly stays.
PROBLEMS = """
    FROM problems p LEFT JOIN crawls c ON c.id = p.crawl_id LEFT JOIN articles a ON a.id = p.article_id
    LEFT JOIN frontier f ON f.url = p.url LEFT JOIN captures k ON k.id = f.capture_id
    WHERE (:everything OR p.field IS NOT NULL OR f.state IS NOT 'done' OR k.fetched_at IS NULL
            OR k.fetched_at <= p.seen_at)
        AND (:site IS NULL OR ifnull(c.site, a.site) = :site) AND (:code IS NULL OR p.code = :code)
"""


def problem_groups(db: sqlite3.Connection, only: ProblemFilter) -> list[ProblemGroup]:
    """How many problems of each kind there are, the most frequent first; UsageError for an unknown site."""
    if only.site is not None:
        check_site(db, only.site)
    # With max(), SQLite takes the bare columns from the row that has the maximum.
    rows = db.execute(
        f"SELECT ifnull(c.site, a.site) AS at_site, p.stage, p.code, count(*), max(p.seen_at), p.message {PROBLEMS}"
        " GROUP BY at_site, p.stage, p.code ORDER BY count(*) DESC, at_site, p.stage, p.code",
        _values(only),
    )
    return [ProblemGroup(*row) for row in rows]


def problem_rows(db: sqlite3.Connection, only: ProblemFilter, limit: int) -> list[ProblemRow]:
    """The newest problems."""
    rows = db.execute(
        "SELECT p.id, p.seen_at, ifnull(c.site, a.site), p.stage, p.code, p.field, p.message, p.raw, p.url,"
        f" p.article_id {PROBLEMS} ORDER BY p.id DESC LIMIT :limit",
        _values(only) | {"limit": limit},
    )
    return [ProblemRow(*row) for row in rows]


def _values(only: ProblemFilter) -> dict[str, object]:
    return {"site": only.site, "code": only.code, "everything": only.everything}
