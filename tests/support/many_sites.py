"""An archive of very many sites, made in SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def add_sites(folder: Path, number: int) -> None:
    """Adds `paper-000` and so on, of two time zones in turn: rows of `sites`, and nothing else."""
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        db.executemany(
            "INSERT INTO sites (site, name, domain, timezone) VALUES (?, ?, 'x.example', ?)",
            [(f"paper-{n:03}", f"Paper {n}", ("UTC", "Asia/Tokyo")[n % 2]) for n in range(number)],
        )
