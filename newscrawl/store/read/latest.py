"""The newest articles, for a first look at an archive."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem:
    """An article that was read for the first time at `fetched_at`."""

    id: int
    site: str
    key: str
    title: str | None
    category: str | None
    published_local: str | None
    fetched_at: str


def last_reading(db: sqlite3.Connection) -> str | None:
    """When an article page was last fetched; None if none was."""
    row = db.execute(
        "SELECT fetched_at FROM captures WHERE kind = 'article' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return row[0] if row else None


def news_since(db: sqlite3.Connection, since: str, *, limit: int) -> tuple[list[NewsItem], int]:
    """The articles first read at `since` or later, the last one first, and how many there are.

    Captures are in the order of time and lead to their article by the requested address, so the
    query takes no longer in a large archive.
    """
    row = db.execute(
        "SELECT id FROM captures WHERE fetched_at < ? ORDER BY id DESC LIMIT 1", (since,)
    ).fetchone()
    last_before = row["id"] if row else 0
    first_readings = """
        FROM captures p CROSS JOIN frontier f ON f.url = p.url
        JOIN articles a ON a.id = f.article_id
        JOIN revisions r ON r.article_id = a.id AND r.revision = 1 AND r.capture_id = p.id
        LEFT JOIN categories c ON c.id = a.category_id WHERE p.id > ?
    """
    count = db.execute(f"SELECT count(*) {first_readings}", (last_before,)).fetchone()[0]
    rows = db.execute(
        "SELECT a.id, a.site, a.key, a.title, c.name AS category, a.published_local, r.fetched_at"
        f" {first_readings} ORDER BY p.id DESC LIMIT ?",
        (last_before, limit),
    )
    return [NewsItem(**dict(row)) for row in rows], count
