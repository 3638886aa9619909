"""Indexes that queries name, in archives that may be of an earlier newscrawl."""

from __future__ import annotations

import sqlite3


def has_index(db: sqlite3.Connection, name: str) -> bool:
    """False for an archive of an earlier newscrawl that cannot be upgraded."""
    known = db.execute("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (name,))
    return known.fetchone() is not None


def revised_ids(db: sqlite3.Connection, of_sites: str = "site = ?") -> str:
    """A query for the ids of the revised articles of a site, or of several, which reads no article.

    `of_sites` is a condition on their site.
    """
    index = "INDEXED BY articles_revised" if has_index(db, "articles_revised") else ""
    return f"SELECT id FROM articles {index} WHERE revision > 1 AND {of_sites}"
