"""The migration that keeps counts and work lists for large archives, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

_ADD_NEW = """
    INSERT INTO article_states VALUES (new.site, new.state, 1)
    ON CONFLICT (site, state) DO UPDATE SET articles = articles + 1;
"""
_TAKE_OLD = """
    UPDATE article_states SET articles = articles - 1 WHERE site = old.site AND state = old.state;
    DELETE FROM article_states WHERE site = old.site AND state = old.state AND articles = 0;
"""
_NOTE_TEXT = "INSERT OR IGNORE INTO uncompared_texts VALUES (new.id);"

LARGE_ARCHIVES = (
    """
    CREATE TABLE article_states (
        site TEXT NOT NULL,
        state TEXT NOT NULL,
        articles INTEGER NOT NULL,
        PRIMARY KEY (site, state)
    )
    """,
    "INSERT INTO article_states SELECT site, state, count(*) FROM articles GROUP BY site, state",
    f"CREATE TRIGGER article_states_insert AFTER INSERT ON articles BEGIN {_ADD_NEW} END",
    f"CREATE TRIGGER article_states_delete AFTER DELETE ON articles BEGIN {_TAKE_OLD} END",
    f"""
    CREATE TRIGGER article_states_update AFTER UPDATE OF site, state ON articles
    WHEN new.site IS NOT old.site OR new.state IS NOT old.state BEGIN
        {_TAKE_OLD}
        {_ADD_NEW}
    END
    """,
    # The newest articles of a site, also of one that has published nothing for years.
    "CREATE INDEX articles_newest ON articles(site, published_at)",
    # The crawls of a site around a day.
    "CREATE INDEX crawls_times ON crawls(site, started_at)",
    "CREATE TABLE uncompared_texts (article_id INTEGER PRIMARY KEY REFERENCES articles(id))",
    """
    INSERT INTO uncompared_texts
    SELECT a.id FROM articles a LEFT JOIN compared_texts m ON m.article_id = a.id
    WHERE a.body_hash IS NOT NULL AND m.body_hash IS NOT substr(a.body_hash, 8, 16)
    """,
    f"""
    CREATE TRIGGER uncompared_texts_insert AFTER INSERT ON articles
    WHEN new.body_hash IS NOT NULL BEGIN {_NOTE_TEXT} END
    """,
    f"""
    CREATE TRIGGER uncompared_texts_update AFTER UPDATE OF body_hash ON articles
    WHEN new.body_hash IS NOT NULL AND new.body_hash IS NOT old.body_hash BEGIN {_NOTE_TEXT} END
    """,
    # Before: the foreign key of the list refers to the article.
    """
    CREATE TRIGGER uncompared_texts_delete BEFORE DELETE ON articles BEGIN
        DELETE FROM uncompared_texts WHERE article_id = old.id;
    END
    """,
)
