"""The texts of new articles, put into the full-text index together.

The index writes a piece of itself at the end of every statement, and pieces are to be joined later: with twenty texts
in one statement that costs half. So they wait in a table that only this connection sees, and a commit puts them down,
the smallest id first, since the index also ends its piece where an id goes down. Rolled back is both alike.
"""

from __future__ import annotations

import sqlite3


def put_body(db: sqlite3.Connection, article_id: int, body: str, *, new: bool) -> None:
    """Writes an article's text; that of a `new` one, which has none yet, is in `bodies` from `settle` on."""
    if not new:
        settle(db)
    table = "temp.waiting_bodies" if new else "bodies"
    db.execute(
        f"INSERT INTO {table} (article_id, body) VALUES (?, ?) ON CONFLICT (article_id)"
        " DO UPDATE SET body = excluded.body",
        (article_id, body),
    )


def settle(db: sqlite3.Connection) -> None:
    """Puts down the texts that wait: before a commit, and before anything else reads or changes `bodies`."""
    if db.execute("SELECT 1 FROM temp.waiting_bodies LIMIT 1").fetchone() is None:
        return
    db.execute(
        "INSERT INTO bodies (article_id, body) SELECT article_id, body FROM temp.waiting_bodies WHERE true"
        " ORDER BY article_id ON CONFLICT (article_id) DO UPDATE SET body = excluded.body"
    )
    db.execute("DELETE FROM temp.waiting_bodies")
