"""The rows of an export: columns and a stream of rows, in a fixed order, from one snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .filters import Filter

Subject = Literal["articles", "links", "listings"]
SUBJECTS: tuple[Subject, ...] = ("articles", "links", "listings")

# The cross join fixes the order of the loops: articles by id, so that nothing has to be sorted or kept.
STATEMENTS: dict[Subject, str] = {
    "articles": "SELECT v.* FROM articles a CROSS JOIN export_articles v ON v.id = a.id WHERE {where} ORDER BY a.id",
    "links": (
        "SELECT v.* FROM articles a CROSS JOIN article_links v ON v.source_id = a.id WHERE {where}"
        " ORDER BY a.id, v.kind, v.position, v.target_id"
    ),
    "listings": (
        "SELECT v.* FROM crawls w CROSS JOIN front_pages v ON v.crawl_id = w.id JOIN articles a ON a.id = v.article_id"
        " JOIN categories c ON c.site = v.site AND c.key = v.category_key WHERE {where}"
        " ORDER BY w.id, v.site, v.category_key, v.page, v.position"
    ),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """`columns` in order; `rows` can be walked once, while the database is open."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


def export_rows(db: sqlite3.Connection, subject: Subject, only: Filter, *, stubs: bool = False) -> Rows:
    """The rows of one table of the export. Articles that were never read are left out unless `stubs`.

    For links the filter is about the source, for listings about the article shown; there `--category` is the
    category page that showed it. UsageError for a site or category that the archive lacks.
    """
    where, values = only.where(db, category="c.id" if subject == "listings" else "a.category_id")
    if subject == "articles" and not stubs:
        where += " AND a.revision > 0"
    cursor = db.execute(STATEMENTS[subject].format(where=where), values)
    return Rows(tuple(column[0] for column in cursor.description), (tuple(row) for row in cursor))
