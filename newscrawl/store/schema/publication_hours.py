"""The migration that keeps the hour of publication of each article by itself, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

# An article that search and volume can find: it was read, and is not hidden.
_SHOWN = "{0}revision > 0 AND {0}state NOT IN ('blocked', 'degraded')"
_NEW = _SHOWN.format("new.")

PUBLICATION_HOURS = (
    """
    CREATE TABLE publication_hours (
        article_id INTEGER PRIMARY KEY REFERENCES articles(id),
        hour TEXT
    )
    """,
    f"""
    INSERT INTO publication_hours
    SELECT id, substr(published_local, 1, 13) FROM articles WHERE {_SHOWN.format("")} ORDER BY id
    """,
    f"""
    CREATE TRIGGER publication_hours_insert AFTER INSERT ON articles WHEN {_NEW} BEGIN
        INSERT INTO publication_hours VALUES (new.id, substr(new.published_local, 1, 13));
    END
    """,
    f"""
    CREATE TRIGGER publication_hours_update AFTER UPDATE OF published_local, state, revision
    ON articles WHEN old.published_local IS NOT new.published_local
        OR old.state IS NOT new.state OR old.revision IS NOT new.revision BEGIN
        DELETE FROM publication_hours WHERE article_id = new.id;
        INSERT INTO publication_hours
        SELECT new.id, substr(new.published_local, 1, 13) WHERE {_NEW};
    END
    """,
    # Before, because the hour refers to the article.
    """
    CREATE TRIGGER publication_hours_delete BEFORE DELETE ON articles BEGIN
        DELETE FROM publication_hours WHERE article_id = old.id;
    END
    """,
)
