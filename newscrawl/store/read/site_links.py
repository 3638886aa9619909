"""Who cites whom: how many links lead from each site to each other one."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

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


def site_links(db: sqlite3.Connection, site: str | None = None) -> list[SiteLinks]:
    """The pairs of different sites with links, the most first; of all sites, or of one."""
    known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'site_links'").fetchone()
    # An archive of an earlier newscrawl that cannot be upgraded is counted.
    source = _COUNTED if known is None else "site_links"
    rows = db.execute(
        f"SELECT source_site, target_site, links FROM {source}"
        " WHERE ?1 IS NULL OR ?1 IN (source_site, target_site)"
        " ORDER BY links DESC, source_site, target_site",
        (site,),
    )
    return [SiteLinks(*row) for row in rows]
