"""The migration that gives each site its own rows of the frontier, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

# The key begins with the address, so that a lookup by address alone still uses its index.
_TABLE = (
    """
    CREATE TABLE frontier_new (
        url TEXT NOT NULL,
        site TEXT NOT NULL REFERENCES sites(site),
        kind TEXT NOT NULL CHECK (kind IN ('article', 'listing', 'feed', 'sitemap')),
        article_id INTEGER REFERENCES articles(id),
        state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'spare')),
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before TEXT,
        reason TEXT,
        category_id INTEGER REFERENCES categories(id),
        page INTEGER,
        crawl_id INTEGER REFERENCES crawls(id),
        capture_id INTEGER REFERENCES captures(id),
        PRIMARY KEY (url, site)
    )
    """,
    # The order of the rows is the order of discovery.
    """
    INSERT INTO frontier_new (rowid, url, site, kind, article_id, state, attempts, not_before,
        reason, category_id, page, crawl_id, capture_id)
    SELECT rowid, url, site, kind, article_id, state, attempts, not_before, reason, category_id,
        page, crawl_id, capture_id
    FROM frontier ORDER BY rowid
    """,
    "DROP TABLE frontier",
    "ALTER TABLE frontier_new RENAME TO frontier",
    # Ends in the rowid, so that a run walks the open pages in the order of their discovery.
    "CREATE INDEX frontier_open ON frontier(site, kind) WHERE state = 'pending'",
    # Both for pages that are due again and for open pages that wait.
    "CREATE INDEX frontier_again ON frontier(site, not_before) WHERE not_before IS NOT NULL",
    "CREATE INDEX frontier_article ON frontier(article_id)",
)

FRONTIER_OF_SITES = _TABLE
