"""Who cites whom: how many links lead from each site to each other one."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

ALL = 2**62
_COUNTED = """(
    SELECT s.site AS source_site, t.site AS target_site, count(*) AS links
    FROM links l JOIN articles s ON s.id = l.source_id JOIN articles t ON t.id = l.target_id
    WHERE s.site <> t.site GROUP BY 1, 2
)"""


@dataclass(frozen=True, slots=True)
class SiteLinks:
    """The links from the articles of one site to those of another."""

    source: str
    target: str
    links: int


def site_links(
    db: sqlite3.Connection, site: str | None = None, limit: int = ALL, offset: int = 0
) -> list[SiteLinks]:
    """The pairs of different sites with links, the most first; of all sites, or of one.

    Without the first `offset`.
    """
    rows = db.execute(
        f"SELECT source_site, target_site, links {_pairs(db)}"
        " ORDER BY links DESC, source_site, target_site LIMIT ?2 OFFSET ?3",
        (site, limit, offset),
    )
    return [SiteLinks(*row) for row in rows]


def count_site_links(db: sqlite3.Connection, site: str | None = None) -> tuple[int, int]:
    """How many pairs there are, and the links of the one that has the most."""
    row = db.execute(f"SELECT count(*), ifnull(max(links), 0) {_pairs(db)}", (site,)).fetchone()
    return int(row[0]), int(row[1])


def _pairs(db: sqlite3.Connection) -> str:
    """FROM and WHERE, with the site as the first value."""
    known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'site_links'").fetchone()
    # An archive of an earlier newscrawl that cannot be upgraded is counted.
    source = _COUNTED if known is None else "site_links"
    return f"FROM {source} WHERE ?1 IS NULL OR ?1 IN (source_site, target_site)"
