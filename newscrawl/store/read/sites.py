"""The sites of an archive, as pages name them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

_ZONE = "ifnull(timezone, 'UTC')"
# A list of more names is longer than a page, and a name is typed faster than it is found there.
MOST_SELECTABLE = 300


@dataclass(frozen=True, slots=True)
class SiteName:
    """A site, its name as its site file writes it, and its time zone (`Asia/Ho_Chi_Minh`)."""

    site: str
    name: str
    zone: str


def named_sites(db: sqlite3.Connection) -> list[SiteName]:
    """Every site of the archive, by its key; the zone is UTC where the archive does not know it."""
    rows = db.execute(f"SELECT site, ifnull(name, site), {_ZONE} FROM sites ORDER BY site")
    return [SiteName(*row) for row in rows]


def named_sites_text(db: sqlite3.Connection) -> str:
    """What named_sites() gives, as a list of lists in JSON, in any order.

    With thousands of sites, SQLite writes it in a fifth of the time, and whoever keeps what was
    made of it can compare it.
    """
    row = db.execute(
        f"SELECT json_group_array(json_array(site, ifnull(name, site), {_ZONE})) FROM sites"
    ).fetchone()
    return str(row[0])


def site_name(db: sqlite3.Connection, site: str) -> str:
    """The name of a site of the archive."""
    row = db.execute("SELECT ifnull(name, site) FROM sites WHERE site = ?", (site,)).fetchone()
    return str(row[0])


def count_sites(db: sqlite3.Connection) -> int:
    """How many sites the archive has rows of."""
    row = db.execute("SELECT count(*) FROM sites").fetchone()
    return int(row[0])


def some_sites(db: sqlite3.Connection, limit: int, offset: int = 0) -> list[str]:
    """A part of all sites by name."""
    rows = db.execute("SELECT site FROM sites ORDER BY site LIMIT ? OFFSET ?", (limit, offset))
    return [row[0] for row in rows]


def selectable_sites(db: sqlite3.Connection) -> list[str] | None:
    """All sites by name, for a list to select one from; None if there are too many for a list."""
    sites = some_sites(db, MOST_SELECTABLE + 1)
    return sites if len(sites) <= MOST_SELECTABLE else None


def newest_sites(db: sqlite3.Connection, limit: int, now: str) -> list[str]:
    """The sites with the newest articles, by name; if too few have articles, the last crawled ones.

    `now` is UTC text: an article of the future has a wrong date.
    """
    rows = db.execute(
        """
        SELECT site FROM (
            SELECT s.site,
                (SELECT max(published_at) FROM articles
                    WHERE site = s.site AND published_at <= ?) AS newest,
                (SELECT max(started_at) FROM crawls WHERE site = s.site) AS crawled
            FROM sites s ORDER BY newest DESC, crawled DESC, s.site LIMIT ?
        ) ORDER BY site
        """,
        (now, limit),
    )
    return [row[0] for row in rows]
