"""The newest articles, for a first look at an archive."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from newscrawl.store.rows import HIDDEN


@dataclass(frozen=True, slots=True)
class NewestArticle:
    """An article with the newest times of publication."""

    id: int
    site: str
    title: str | None
    category: str | None
    published_local: str | None


def newest_articles(db: sqlite3.Connection, limit: int) -> list[NewestArticle]:
    """The articles that were published last, the newest first, without hidden ones."""
    rows = db.execute(
        "SELECT a.id, a.site, a.title, c.name, a.published_local"
        " FROM articles a LEFT JOIN categories c ON c.id = a.category_id"
        f" WHERE a.published_at IS NOT NULL AND a.revision > 0 AND a.state NOT IN {HIDDEN}"
        " ORDER BY a.published_at DESC, a.id DESC LIMIT ?",
        (limit,),
    )
    return [NewestArticle(*row) for row in rows]
