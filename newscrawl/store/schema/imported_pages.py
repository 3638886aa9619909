"""The migration for pages from other people's archives, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

# Which article a capture shows: what its captures show in order of time is the article's history.
_ARTICLE_OF_CAPTURES = (
    "ALTER TABLE captures ADD COLUMN article_id INTEGER REFERENCES articles(id)",
    "UPDATE captures SET article_id = r.article_id FROM revisions r"
    " WHERE r.capture_id = captures.id",
    "UPDATE captures SET article_id = f.article_id FROM frontier f"
    " WHERE f.capture_id = captures.id AND f.kind = 'article' AND f.article_id IS NOT NULL"
    " AND captures.article_id IS NULL",
    "UPDATE captures SET article_id = f.article_id FROM frontier f JOIN crawls c ON c.site = f.site"
    " WHERE f.url = captures.url AND c.id = captures.crawl_id AND captures.kind = 'article'"
    " AND f.kind = 'article' AND f.article_id IS NOT NULL AND captures.article_id IS NULL",
    "CREATE INDEX captures_article ON captures(article_id) WHERE article_id IS NOT NULL",
)

IMPORTED_PAGES = (
    *_ARTICLE_OF_CAPTURES,
    "ALTER TABLE captures ADD COLUMN source TEXT NOT NULL DEFAULT 'crawl'",
    "ALTER TABLE captures ADD COLUMN source_record TEXT",
    "ALTER TABLE captures ADD COLUMN source_address TEXT",
    "CREATE INDEX captures_imported ON captures(url, fetched_at) WHERE source <> 'crawl'",
    """
    CREATE TABLE unresolved_revisits (
        url TEXT NOT NULL,
        fetched_at TEXT NOT NULL,
        status INTEGER NOT NULL,
        headers TEXT NOT NULL,
        refers_to_url TEXT,
        refers_to_date TEXT,
        payload_digest TEXT,
        source TEXT NOT NULL,
        source_record TEXT,
        source_address TEXT,
        PRIMARY KEY (url, fetched_at)
    )
    """,
)
