"""The migration that keeps how many articles each site published on each day, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

# An article that search and volume can find: it was read, and is not hidden.
_SHOWN = "{0}revision > 0 AND {0}state NOT IN ('blocked', 'degraded')"
_NEW, _OLD = _SHOWN.format("new."), _SHOWN.format("old.")
_DAY = "ifnull(substr({0}published_local, 1, 10), '')"
_ADD_NEW = f"""
    INSERT INTO publication_days SELECT new.site, {_DAY.format("new.")}, 1 WHERE {_NEW}
    ON CONFLICT (site, day) DO UPDATE SET articles = articles + 1;
"""
_TAKE_OLD = f"""
    UPDATE publication_days SET articles = articles - 1
    WHERE {_OLD} AND site = old.site AND day = {_DAY.format("old.")};
    DELETE FROM publication_days
    WHERE site = old.site AND day = {_DAY.format("old.")} AND articles = 0;
"""

PUBLICATION_DAYS = (
    """
    CREATE TABLE publication_days (
        site TEXT NOT NULL,
        day TEXT NOT NULL,
        articles INTEGER NOT NULL,
        PRIMARY KEY (site, day)
    )
    """,
    f"""
    INSERT INTO publication_days
    SELECT site, {_DAY.format("")}, count(*) FROM articles WHERE {_SHOWN.format("")} GROUP BY 1, 2
    """,
    f"""
    CREATE TRIGGER publication_days_insert AFTER INSERT ON articles WHEN {_NEW} BEGIN
        {_ADD_NEW}
    END
    """,
    f"""
    CREATE TRIGGER publication_days_update AFTER UPDATE OF published_local, state, revision
    ON articles WHEN ({_NEW}) IS NOT ({_OLD})
        OR new.published_local IS NOT old.published_local BEGIN
        {_TAKE_OLD}
        {_ADD_NEW}
    END
    """,
    f"""
    CREATE TRIGGER publication_days_delete AFTER DELETE ON articles WHEN {_OLD} BEGIN
        {_TAKE_OLD}
    END
    """,
)
