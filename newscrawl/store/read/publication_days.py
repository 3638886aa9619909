"""How many articles each site published on each day, counted when they are stored.

A table that triggers keep has these numbers, so that no page counts a million articles.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newscrawl.store.conditions import marks
from newscrawl.store.rows import HIDDEN

DAY = len("2026-09-01")
# For an archive of an earlier newscrawl that cannot be upgraded.
_COUNTED = f"""(
    SELECT site, ifnull(substr(published_local, 1, 10), '') AS day, count(*) AS articles
    FROM articles WHERE revision > 0 AND state NOT IN {HIDDEN} GROUP BY 1, 2
)"""
# Of a Filter with a site, since and until: a month is in it if any of its days is.
_IN_FILTER = """
    site = ifnull(?1, site)
    AND (?2 IS NULL OR (day <> '' AND day >= substr(?2, 1, length(day))))
    AND (?3 IS NULL OR (day <> '' AND day <= ?3))
"""


@dataclass(frozen=True, slots=True)
class SiteDay:
    """The articles of a site with the same day of publication in its own zone.

    The day is shorter for articles with a month or a year only, and empty for those without a time.
    """

    site: str
    day: str
    articles: int


@dataclass(frozen=True, slots=True)
class SiteTotal:
    """All articles of a site that were read and are not hidden; the first and last known day."""

    site: str
    articles: int
    first: str | None
    last: str | None


def site_days(
    db: sqlite3.Connection,
    since: str | None = None,
    until: str | None = None,
    sites: Sequence[str] | None = None,
) -> Iterator[SiteDay]:
    """The days from `since` to `until`, by site and day; by default every count of every site."""
    of_sites, values = _of_sites(sites)
    rows = db.execute(
        f"SELECT site, day, articles FROM {_source(db)} WHERE day >= ifnull(?, day)"
        f" AND day <= ifnull(?, day) AND {of_sites} ORDER BY site, day",
        (since, until, *values),
    )
    for row in rows:
        yield SiteDay(*row)


def site_totals(db: sqlite3.Connection, sites: Sequence[str] | None = None) -> dict[str, SiteTotal]:
    """Those of these sites that have articles, by default of all."""
    of_sites, values = _of_sites(sites)
    rows = db.execute(
        "SELECT site, sum(articles), min(whole), max(whole) FROM"
        f" (SELECT *, iif(length(day) = {DAY}, day, NULL) AS whole FROM {_source(db)}"
        f" WHERE {of_sites}) GROUP BY site ORDER BY site",
        values,
    )
    return {row[0]: SiteTotal(*row) for row in rows}


def days_of_all_sites(db: sqlite3.Connection) -> dict[str, int]:
    """The articles of all sites together by day, in order; parts of days as in SiteDay."""
    rows = db.execute(f"SELECT day, sum(articles) FROM {_source(db)} GROUP BY day ORDER BY day")
    return dict(rows.fetchall())


def busiest_sites(db: sqlite3.Connection, since: str, until: str, limit: int) -> list[str]:
    """The sites with the most articles of these days, by name."""
    rows = db.execute(
        "SELECT site FROM"
        f" (SELECT site FROM {_source(db)} WHERE day BETWEEN ? AND ? AND length(day) = {DAY}"
        " GROUP BY site ORDER BY sum(articles) DESC, site LIMIT ?) ORDER BY site",
        (since, until, limit),
    )
    return [row[0] for row in rows]


def last_known_day(db: sqlite3.Connection) -> str | None:
    """The newest day on which an article of any site was published."""
    rows = db.execute(f"SELECT max(day) FROM {_source(db)} WHERE length(day) = {DAY}")
    day: str | None = rows.fetchone()[0]
    return day


def published_days(
    db: sqlite3.Connection, site: str | None, *, newest_first: bool = False
) -> Iterator[str]:
    """The days of a site, or of all sites, each once; they are read as they are asked for."""
    order = "DESC" if newest_first else "ASC"
    rows = db.execute(
        f"SELECT DISTINCT day FROM {_source(db)} WHERE site = ifnull(?, site) AND day <> ''"
        f" ORDER BY day {order}",
        (site,),
    )
    for row in rows:
        yield row[0]


def articles_by_period(
    db: sqlite3.Connection, length: int, site: str | None, since: str | None, until: str | None
) -> dict[str, int]:
    """The articles of a Filter with these values by the first `length` letters of their day.

    7 gives months. The articles of no known time are those of the period "".
    """
    rows = db.execute(
        f"SELECT substr(day, 1, ?4) AS period, sum(articles) FROM {_source(db)}"
        f" WHERE {_IN_FILTER} GROUP BY period",
        (site, since, until, length),
    )
    return dict(rows.fetchall())


def count_days(
    db: sqlite3.Connection, site: str | None, since: str | None, until: str | None
) -> int:
    """How many articles a Filter with these values has: a month is in it if any of its days is."""
    row = db.execute(
        f"SELECT ifnull(sum(articles), 0) FROM {_source(db)} WHERE {_IN_FILTER}",
        (site, since, until),
    ).fetchone()
    return int(row[0])


def place_of(
    db: sqlite3.Connection, site: str | None, since: str | None, until: str | None, offset: int
) -> tuple[str, int]:
    """Where in a list of these articles, the newest first, an offset is.

    The day, and how many articles of that day come before. Beyond the end: the last day.
    """
    rows = db.execute(
        f"SELECT day, sum(articles) FROM {_source(db)} WHERE {_IN_FILTER}"
        " GROUP BY day ORDER BY day DESC",
        (site, since, until),
    )
    day, left, articles = "", offset, 0
    for day, articles in rows:
        if left < articles:
            return day, left
        left -= articles
    return day, left + articles


def _of_sites(sites: Sequence[str] | None) -> tuple[str, Sequence[str]]:
    """A condition on `site`, and its values."""
    if sites is None:
        return "1", ()
    return f"site IN ({marks(len(sites))})", sites


def _source(db: sqlite3.Connection) -> str:
    known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'publication_days'").fetchone()
    return _COUNTED if known is None else "publication_days"
