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

# Scheme and host of an address, which is enough to keep the addresses of a mirror apart.
_ORIGIN = "substr({0}, 1, 7 + instr(substr({0}, 9), '/'))"

# An article is requested under one address on each host, the last that answered.
ONE_ADDRESS = f"""
    UPDATE frontier SET state = 'spare', attempts = 0, not_before = NULL, reason = NULL,
        capture_id = NULL
    WHERE kind = 'article' AND state = 'done' AND capture_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM frontier o
        WHERE o.article_id = frontier.article_id AND o.kind = 'article' AND o.state = 'done'
            AND {_ORIGIN.format("o.url")} = {_ORIGIN.format("frontier.url")}
            AND (o.capture_id, o.rowid) > (frontier.capture_id, frontier.rowid)
    )
"""

# Earlier versions overlooked articles: they were never requested, or never again. They become due
# with the reason `overlooked`, which `doctor` counts.
_REPAIRS = (
    "CREATE INDEX articles_url ON articles(url)",
    # A redirect to another article took the row of its source.
    """
    UPDATE frontier SET article_id = s.id, state = 'pending', attempts = 0, not_before = NULL,
        reason = 'overlooked', capture_id = NULL
    FROM aliases l JOIN articles t ON t.id = l.article_id
    JOIN articles s ON s.url = l.url AND s.site = t.site AND s.id <> t.id
    WHERE l.reason = 'redirect' AND frontier.url = l.url AND frontier.site = t.site
        AND frontier.article_id = t.id
    """,
    # The address of an article is not another one of a second article.
    """
    DELETE FROM aliases WHERE reason = 'redirect' AND EXISTS (
        SELECT 1 FROM articles t JOIN articles s ON s.site = t.site AND s.id <> t.id
        WHERE t.id = aliases.article_id AND s.url = aliases.url
    )
    """,
    # A server answered 304 to the first request.
    """
    UPDATE frontier SET state = 'pending', attempts = 0, not_before = NULL, reason = 'overlooked',
        capture_id = NULL
    WHERE kind = 'article' AND state = 'done' AND article_id IN (
        SELECT id FROM articles WHERE revision = 0 AND state IN ('stub', 'failed')
    )
    """,
    # The address was queued for another site first.
    """
    INSERT OR IGNORE INTO frontier (url, site, kind, article_id, state, reason)
    SELECT a.url, a.site, 'article', a.id, 'pending', 'overlooked' FROM articles a
    WHERE a.state = 'stub'
        AND EXISTS (SELECT 1 FROM frontier f WHERE f.url = a.url AND f.site <> a.site)
        AND NOT EXISTS (SELECT 1 FROM frontier f WHERE f.article_id = a.id)
        AND (EXISTS (SELECT 1 FROM listings l WHERE l.article_id = a.id)
            OR a.id IN (SELECT article_id FROM discoveries))
    ORDER BY a.id
    """,
    "DROP INDEX articles_url",
    # The address that is requested takes over the next visit of the others.
    """
    UPDATE frontier SET not_before = (
        SELECT min(o.not_before) FROM frontier o
        WHERE o.article_id = frontier.article_id AND o.kind = 'article' AND o.state = 'done'
    )
    WHERE kind = 'article' AND state = 'done' AND not_before IS NULL AND article_id IN (
        SELECT article_id FROM frontier WHERE kind = 'article' AND state = 'done'
        GROUP BY article_id HAVING count(*) > 1
    )
    """,
    # The page names another address as its own, which was never requested.
    """
    UPDATE frontier SET not_before = ifnull(a.fetched_at, a.first_seen_at), reason = 'overlooked'
    FROM articles a
    WHERE a.id = frontier.article_id AND a.revision > 0 AND a.state IN ('stored', 'degraded')
        AND frontier.kind = 'article' AND frontier.state = 'done'
        AND frontier.not_before IS NULL AND NOT EXISTS (
            SELECT 1 FROM frontier o
            WHERE o.url = a.url AND o.site = a.site AND o.article_id = a.id
        )
    """,
    ONE_ADDRESS,
)

FRONTIER_OF_SITES = _TABLE + _REPAIRS
