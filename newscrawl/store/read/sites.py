"""The sites of an archive, as pages name them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteName:
    """A site, its name as its site file writes it, and its time zone (`Asia/Ho_Chi_Minh`)."""

    site: str
    name: str
    zone: str


def named_sites(db: sqlite3.Connection) -> list[SiteName]:
    """Every site of the archive, by its key; the zone is UTC where the archive does not know it."""
    rows = db.execute(
        "SELECT site, ifnull(name, site), ifnull(timezone, 'UTC') FROM sites ORDER BY site"
    )
    return [SiteName(*row) for row in rows]
