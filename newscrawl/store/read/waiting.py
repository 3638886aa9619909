"""Pages that wait for the wrong time, for `newscrawl doctor`."""

from __future__ import annotations

import sqlite3

# What the migration m007_frontier_of_sites finds, counted in an archive that has not had it.
_OVERLOOKED_BEFORE = """
    SELECT count(DISTINCT a.id) FROM articles a JOIN frontier f ON f.article_id = a.id
    WHERE f.kind = 'article' AND f.state = 'done' AND (
        (a.revision = 0 AND a.state IN ('stub', 'failed'))
        OR (a.state IN ('stored', 'degraded') AND a.revision > 0
            AND NOT EXISTS (SELECT 1 FROM frontier o WHERE o.url = a.url AND o.article_id = a.id)
            AND NOT EXISTS (
                SELECT 1 FROM frontier o WHERE o.article_id = a.id AND o.not_before IS NOT NULL
            ))
    )
"""
_LED_ELSEWHERE_BEFORE = """
    SELECT count(*) FROM aliases l JOIN articles t ON t.id = l.article_id
    JOIN articles s ON s.url = l.url AND s.site = t.site AND s.id <> t.id
    JOIN frontier f ON f.url = l.url AND f.article_id = t.id
    WHERE l.reason = 'redirect'
"""
_QUEUED_ELSEWHERE_BEFORE = """
    SELECT count(*) FROM articles a JOIN frontier o ON o.url = a.url AND o.site <> a.site
    WHERE a.state = 'stub' AND NOT EXISTS (SELECT 1 FROM frontier f WHERE f.article_id = a.id)
        AND (EXISTS (SELECT 1 FROM listings l WHERE l.article_id = a.id)
            {or_discovered})
"""


def count_overlooked(db: sqlite3.Connection) -> int:
    """How many articles an earlier version never requested, or never again.

    The next crawl of their sites requests them. Also for an archive that an earlier version made
    and no later one has written to.
    """
    if _has_migration(db):
        return _count(db, "SELECT count(*) FROM frontier WHERE reason = 'overlooked'")
    discovered = "SELECT 1 FROM sqlite_master WHERE name = 'discoveries'"
    or_discovered = ""
    if db.execute(discovered).fetchone():
        or_discovered = "OR a.id IN (SELECT article_id FROM discoveries)"
    return (
        _count(db, _OVERLOOKED_BEFORE)
        + _count(db, _LED_ELSEWHERE_BEFORE)
        + _count(db, _QUEUED_ELSEWHERE_BEFORE.format(or_discovered=or_discovered))
    )


def count_far_ahead(db: sqlite3.Connection, site: str, after: str) -> int:
    """How many pages of a site wait until `after` (UTC text) or longer."""
    row = db.execute(
        "SELECT count(*) FROM frontier WHERE site = ? AND not_before > ?", (site, after)
    ).fetchone()
    return int(row[0])


def _has_migration(db: sqlite3.Connection) -> bool:
    row = db.execute(
        "SELECT 1 FROM _sqlite_migrations WHERE name = 'm007_frontier_of_sites'"
    ).fetchone()
    return row is not None


def _count(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])
