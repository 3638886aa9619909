"""What a release says about itself: counts, dates, filled fields, versions of the programs."""

from __future__ import annotations

import sqlite3
from typing import Any

from newscrawl.store.rows import HIDDEN

# For each of these, how many of the articles that were read have it.
FIELDS = (
    "title",
    "summary",
    "authors",
    "category_id",
    "tags",
    "published_at",
    "modified_at",
    "image_url",
    "body_hash",
)
# Columns of tables with the id of an article, and a query that finds a row whose article is not
# among the exported articles. Without a query, rows of other articles are not exported either.
REFERENCES = {
    ("links", "source_id"): None,
    ("links", "target_id"): (
        "SELECT 1 FROM links l JOIN articles s ON s.id = l.source_id"
        f" JOIN articles t ON t.id = l.target_id AND t.state IN {HIDDEN}"
        f" WHERE s.state NOT IN {HIDDEN}"
    ),
    ("listings", "article_id"): (
        f"SELECT 1 FROM listings l JOIN articles a ON a.id = l.article_id AND a.state IN {HIDDEN}"
    ),
    ("revisions", "article_id"): None,
}
COUNTED = ("articles", "revisions", "links", "listings", "crawls", "captures", "problems")


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Rows by table, and `read`: the articles that were read."""
    counts = {table: _count(db, table) for table in COUNTED}
    counts["read"] = _count(db, "articles WHERE revision > 0")
    return counts


def _count(db: sqlite3.Connection, source: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {source}").fetchone()[0])


def sites(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Each site with its crawls: how many, the first and the last."""
    rows = db.execute(
        "SELECT s.site, s.name, s.domain, s.language, s.timezone, count(c.id) AS crawls,"
        " min(c.started_at) AS first_crawl, max(ifnull(c.finished_at, c.started_at)) AS last_crawl"
        " FROM sites s LEFT JOIN crawls c ON c.site = s.site GROUP BY s.site ORDER BY s.site"
    )
    return [dict(row) for row in rows]


def coverage(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """By site: articles that were read, how many have each field, first and last day, words."""
    sums = [f"sum(a.{name} IS NOT NULL AND a.{name} <> '[]') AS {name}" for name in FIELDS]
    rows = db.execute(
        f"SELECT a.site, count(*) AS articles, {', '.join(sums)}, sum(a.word_count) AS words,"
        " min(substr(a.published_local, 1, 10)) AS first_day,"
        " max(substr(a.published_local, 1, 10)) AS last_day"
        " FROM articles a WHERE a.revision > 0 GROUP BY a.site ORDER BY a.site"
    )
    return [dict(row) for row in rows]


def versions(db: sqlite3.Connection) -> dict[str, Any]:
    """Versions of newscrawl that crawled and extracted, and articles by template."""
    crawled = db.execute("SELECT DISTINCT version FROM crawls ORDER BY version")
    extracted = db.execute(
        "SELECT DISTINCT extractor FROM revisions WHERE extractor <> '' ORDER BY extractor"
    )
    templates = db.execute(
        "SELECT site, template, count(*) AS articles FROM articles WHERE revision > 0"
        " GROUP BY site, template ORDER BY site, template"
    )
    return {
        "crawled_by": [row[0] for row in crawled],
        "extracted_by": [row[0] for row in extracted],
        "templates": [dict(row) for row in templates],
    }


def references(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """The columns (table, column) in exports whose articles are all among the exported articles."""
    return [
        column
        for column, missing in REFERENCES.items()
        if missing is None or db.execute(f"{missing} LIMIT 1").fetchone() is None
    ]


def robots(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every fetch of a robots.txt."""
    rows = db.execute(
        "SELECT c.site, p.id, p.url, p.fetched_at, p.status, p.payload_digest, p.warc_file,"
        " p.warc_offset, p.warc_length FROM captures p JOIN crawls c ON c.id = p.crawl_id"
        " WHERE p.kind = 'robots' ORDER BY p.id"
    )
    return [dict(row) for row in rows]


def problem_rows(db: sqlite3.Connection) -> tuple[list[str], list[tuple[object, ...]]]:
    """The column names and the rows of the list of problems."""
    cursor = db.execute(
        "SELECT p.id, c.site, a.key, p.url, p.stage, p.field, p.code, p.message, p.raw, p.seen_at"
        " FROM problems p LEFT JOIN crawls c ON c.id = p.crawl_id"
        " LEFT JOIN articles a ON a.id = p.article_id ORDER BY p.id"
    )
    columns = [column[0] for column in cursor.description]
    return columns, [tuple(row) for row in cursor]
