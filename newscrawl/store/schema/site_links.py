"""The migration that keeps how many links lead from each site to each other one, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

_ADD = """
    INSERT INTO site_links
    SELECT s.site, t.site, 1 FROM articles s JOIN articles t ON t.id = new.target_id
    WHERE s.id = new.source_id AND s.site <> t.site
    ON CONFLICT (source_site, target_site) DO UPDATE SET links = links + 1;
"""
_TAKE = """
    UPDATE site_links SET links = links - 1
    WHERE source_site = (SELECT site FROM articles WHERE id = old.source_id)
        AND target_site = (SELECT site FROM articles WHERE id = old.target_id);
    DELETE FROM site_links WHERE links = 0;
"""

SITE_LINKS = (
    """
    CREATE TABLE site_links (
        source_site TEXT NOT NULL,
        target_site TEXT NOT NULL,
        links INTEGER NOT NULL,
        PRIMARY KEY (source_site, target_site)
    )
    """,
    """
    INSERT INTO site_links
    SELECT s.site, t.site, count(*)
    FROM links l CROSS JOIN articles s ON s.id = l.source_id
        CROSS JOIN articles t ON t.id = l.target_id
    WHERE s.site <> t.site GROUP BY 1, 2
    """,
    f"CREATE TRIGGER site_links_insert AFTER INSERT ON links BEGIN {_ADD} END",
    f"CREATE TRIGGER site_links_delete AFTER DELETE ON links BEGIN {_TAKE} END",
    f"""
    CREATE TRIGGER site_links_update AFTER UPDATE OF source_id, target_id ON links BEGIN
        {_TAKE} {_ADD}
    END
    """,
)
