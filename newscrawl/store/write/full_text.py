"""Writes the texts of new articles into the full-text index together.

The index writes a segment of itself at the end of every statement, and segments have to be merged
later. Twenty texts in one statement cost half. So texts wait in a table that only this connection
sees, and a commit writes them, ordered by id, because the index also ends a segment where an id is
smaller than the one before. A rollback discards both alike.
"""

from __future__ import annotations

import sqlite3


def put_body(db: sqlite3.Connection, article_id: int, body: str, *, new: bool) -> None:
    """Writes an article's text.

    The text of a `new` article, which has none yet, waits for write_waiting.
    """
    if not new:
        write_waiting(db)
    table = "temp.waiting_bodies" if new else "bodies"
    db.execute(
        f"INSERT INTO {table} (article_id, body) VALUES (?, ?) ON CONFLICT (article_id)"
        " DO UPDATE SET body = excluded.body",
        (article_id, body),
    )


def write_waiting(db: sqlite3.Connection) -> None:
    """Writes the texts that wait.

    Called before a commit, and before anything else reads or changes `bodies`.
    """
    if db.execute("SELECT 1 FROM temp.waiting_bodies LIMIT 1").fetchone() is None:
        return
    db.execute(
        "INSERT INTO bodies (article_id, body) SELECT article_id, body FROM temp.waiting_bodies"
        " WHERE true ORDER BY article_id"
        " ON CONFLICT (article_id) DO UPDATE SET body = excluded.body"
    )
    db.execute("DELETE FROM temp.waiting_bodies")
