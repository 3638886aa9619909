"""Reads about articles in quarantine."""

from __future__ import annotations

import sqlite3


def count_held(db: sqlite3.Connection, site: str) -> int:
    """How many articles of a site are held back."""
    row = db.execute(
        "SELECT count(*) FROM articles WHERE site = ? AND state = 'degraded'", (site,)
    ).fetchone()
    return int(row[0])
