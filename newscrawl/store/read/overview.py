"""The archive at a glance: each site's articles and last crawl, and what went wrong."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newscrawl.store.conditions import marks
from newscrawl.store.known_names import check_site


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCrawl:
    """`finished_at` is None while the crawl runs, and if it was killed."""

    id: int
    started_at: str
    finished_at: str | None
    reason: str | None
    exit_code: int | None
    stats: Mapping[str, Any]
    problems: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStatus:
    """One site of the archive.

    `states` counts its articles by state, `pending` the pages still to fetch.
    """

    site: str
    name: str
    states: Mapping[str, int]
    pending: int
    newest: str | None  # published_local of the newest article
    last: LastCrawl | None


@dataclass(frozen=True, slots=True)
class UnfinishedReextraction:
    """A site whose raw pages were not all read again. `pages_read` is None if it was killed."""

    site: str
    started_at: str
    pages: int
    pages_read: int | None


def count_raw_pages(db: sqlite3.Connection) -> int:
    """How many captures have a record in a WARC file."""
    row = db.execute("SELECT count(*) FROM captures WHERE warc_file IS NOT NULL").fetchone()
    return int(row[0])


def count_article_pages(db: sqlite3.Connection, sites: Sequence[str]) -> int:
    """How many raw pages of articles the sites have, the ones that `reextract` reads again."""
    row = db.execute(
        "SELECT count(*) FROM captures p JOIN crawls c ON c.id = p.crawl_id"
        f" WHERE c.site IN ({marks(len(sites))}) AND p.kind = 'article'"
        " AND p.status IN (200, 203) AND p.warc_file IS NOT NULL",
        tuple(sites),
    ).fetchone()
    return int(row[0])


def count_articles(db: sqlite3.Connection) -> int:
    """How many articles the archive knows, stubs included."""
    return int(db.execute("SELECT count(*) FROM articles").fetchone()[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemGroup:
    """Problems of one kind on one site, with the message of the newest as the example."""

    site: str | None
    stage: str
    code: str
    count: int
    newest: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
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
    """`everything`: also problems that a later crawl has solved."""

    site: str | None = None
    code: str | None = None
    everything: bool = False

    def values(self) -> dict[str, object]:
        """The values for the named parameters of a query."""
        return {"site": self.site, "code": self.code, "everything": self.everything}


def site_statuses(db: sqlite3.Connection) -> list[SiteStatus]:
    """Every site of the archive, by name."""
    states = states_by_site(db)
    sites = db.execute("SELECT site, name FROM sites ORDER BY site").fetchall()
    return [
        SiteStatus(
            site=site,
            name=name,
            states=states.get(site, {}),
            pending=_count_pending(db, site),
            newest=_newest(db, site),
            last=_last_crawl(db, site),
        )
        for site, name in sites
    ]


def states_by_site(db: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """How many articles each site has by state, from the counts that triggers keep."""
    counts = "SELECT site, state, articles FROM article_states ORDER BY site, state"
    if not has_table(db, "article_states"):
        counts = "SELECT site, state, count(*) FROM articles GROUP BY site, state"
    states: dict[str, dict[str, int]] = {}
    for site, state, count in db.execute(counts):
        states.setdefault(site, {})[state] = count
    return states


def has_table(db: sqlite3.Connection, name: str) -> bool:
    """Whether there is such a table: an earlier archive that cannot be upgraded may lack it."""
    found = db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None


def unfinished_reextractions(db: sqlite3.Connection) -> list[UnfinishedReextraction]:
    """Every `reextract` that runs or was not finished, by site."""
    if not has_table(db, "reextractions"):
        return []
    rows = db.execute("SELECT site, started_at, pages, pages_read FROM reextractions ORDER BY site")
    return [UnfinishedReextraction(*row) for row in rows]


def _count_pending(db: sqlite3.Connection, site: str) -> int:
    row = db.execute(
        "SELECT count(*) FROM frontier WHERE site = ? AND state = 'pending'", (site,)
    ).fetchone()
    return int(row[0])


def _newest(db: sqlite3.Connection, site: str) -> str | None:
    row = db.execute(
        "SELECT published_local FROM articles WHERE site = ? AND published_at IS NOT NULL"
        " ORDER BY published_at DESC LIMIT 1",
        (site,),
    ).fetchone()
    return row[0] if row else None


def _last_crawl(db: sqlite3.Connection, site: str) -> LastCrawl | None:
    crawl = db.execute(
        "SELECT * FROM crawls WHERE site = ? AND reason IS NOT 'imported'"
        " ORDER BY started_at DESC, id DESC LIMIT 1",
        (site,),
    ).fetchone()
    if crawl is None:
        return None
    problems = db.execute(
        "SELECT count(*) FROM problems WHERE crawl_id = ?", (crawl["id"],)
    ).fetchone()
    return LastCrawl(
        id=crawl["id"],
        started_at=crawl["started_at"],
        finished_at=crawl["finished_at"],
        reason=crawl["reason"],
        exit_code=crawl["exit_code"],
        stats=json.loads(crawl["stats"]),
        problems=problems[0],
    )


# A problem with fetching a page is over once the page has been read after it, or its article under
# another address. A problem with a field remains.
_PROBLEMS = """
    FROM problems p LEFT JOIN crawls c ON c.id = p.crawl_id
    LEFT JOIN articles a ON a.id = p.article_id
    LEFT JOIN frontier f ON f.url = p.url AND f.site = ifnull(c.site, a.site)
    LEFT JOIN captures k ON k.id = f.capture_id
    WHERE (:everything OR p.field IS NOT NULL OR f.state IS NOT 'done' OR k.fetched_at IS NULL
            OR k.fetched_at <= p.seen_at)
        AND (:everything OR p.field IS NOT NULL OR ifnull(a.fetched_at, '') <= p.seen_at
            OR ifnull(f.state, '') NOT IN ('spare', 'failed'))
        AND (:site IS NULL OR ifnull(c.site, a.site) = :site) AND (:code IS NULL OR p.code = :code)
"""


def problem_groups(db: sqlite3.Connection, only: ProblemFilter) -> list[ProblemGroup]:
    """The problems by kind, the most frequent first; UsageError for an unknown site."""
    if only.site is not None:
        check_site(db, only.site)
    # With max(), SQLite takes the other columns from the row that has the maximum.
    rows = db.execute(
        f"""
        SELECT ifnull(c.site, a.site) AS site, p.stage, p.code, count(*) AS count,
            max(p.seen_at) AS newest, p.message
        {_PROBLEMS}
        GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1, 2, 3
        """,
        only.values(),
    )
    return [ProblemGroup(**dict(row)) for row in rows]


def problem_rows(db: sqlite3.Connection, only: ProblemFilter, limit: int) -> list[ProblemRow]:
    """The newest problems."""
    rows = db.execute(
        f"""
        SELECT p.id, p.seen_at, ifnull(c.site, a.site) AS site, p.stage, p.code, p.field, p.message,
            p.raw, p.url, p.article_id
        {_PROBLEMS}
        ORDER BY p.id DESC LIMIT :limit
        """,
        only.values() | {"limit": limit},
    )
    return [ProblemRow(**dict(row)) for row in rows]
