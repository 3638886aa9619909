"""Rows as `newscrawl export` writes them, read by the writer, with what is not committed yet."""

from __future__ import annotations

import json
import sqlite3

from newscrawl.core.records import LIST_FIELDS
from newscrawl.store.write.commits import Part


class Exported(Part):
    """`store.exported`: rows for Scrapy's feed exports (`scrapy crawl -O x.csv`)."""

    def article(self, site: str, key: str) -> dict[str, object] | None:
        """One row of `export articles`, lists as lists; None for an unknown article."""
        row = self._db.execute(
            "SELECT * FROM export_articles WHERE site = ? AND key = ?", (site, key)
        ).fetchone()
        if row is None:
            return None
        values = _values(row)
        if values["body"] is None:
            values["body"] = self._waiting_body(values["id"])
        return values

    def _waiting_body(self, article_id: object) -> str | None:
        """The text of a new article, which is written to `bodies` at the next commit."""
        row = self._db.execute(
            "SELECT body FROM waiting_bodies WHERE article_id = ?", (article_id,)
        ).fetchone()
        return None if row is None else str(row["body"])

    def listing(
        self, crawl_id: int, site: str, category_key: str, page: int
    ) -> list[dict[str, object]]:
        """The rows of `export listings` of one category page, in order of position."""
        rows = self._db.execute(
            "SELECT * FROM front_pages WHERE crawl_id = ? AND site = ? AND category_key = ?"
            " AND page = ? ORDER BY position",
            (crawl_id, site, category_key, page),
        )
        return [_values(row) for row in rows]


def _values(row: sqlite3.Row) -> dict[str, object]:
    values = dict(row)
    for name in LIST_FIELDS:
        if values.get(name) is not None:
            values[name] = json.loads(values[name])
    return values
