"""The migration that keeps counts of links and an index of revised articles, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

_KINDS = ("related", "same_category", "inline")
_COLUMNS = ", ".join(("target_id", "sources", *_KINDS))
_COUNTED = "target_id, count(DISTINCT source_id), " + ", ".join(
    f"sum(kind = '{kind}')" for kind in _KINDS
)
_OTHER_LINK = """
    EXISTS (
        SELECT 1 FROM links
        WHERE source_id = {0}.source_id AND target_id = {0}.target_id AND kind <> {0}.kind
    )
"""
_ADD = ", ".join(f"{name} = {name} + excluded.{name}" for name in ("sources", *_KINDS))
_TAKE = ", ".join(f"{kind} = {kind} - (old.kind = '{kind}')" for kind in _KINDS)

KEPT_FOR_PAGES = (
    # The sources of a target in order: the first links to an article with very many are found at
    # once, and links are counted without reading their rows.
    "CREATE INDEX links_to ON links(target_id, source_id, kind)",
    "DROP INDEX links_target",
    """
    CREATE TABLE link_counts (
        target_id INTEGER PRIMARY KEY,
        sources INTEGER NOT NULL,
        related INTEGER NOT NULL,
        same_category INTEGER NOT NULL,
        inline INTEGER NOT NULL
    )
    """,
    f"INSERT INTO link_counts ({_COLUMNS}) SELECT {_COUNTED} FROM links GROUP BY target_id",
    f"""
    CREATE TRIGGER link_counts_insert AFTER INSERT ON links BEGIN
        INSERT INTO link_counts ({_COLUMNS}) SELECT new.target_id, NOT {_OTHER_LINK.format("new")},
            new.kind = 'related', new.kind = 'same_category', new.kind = 'inline' WHERE 1
        ON CONFLICT (target_id) DO UPDATE SET {_ADD};
    END
    """,
    f"""
    CREATE TRIGGER link_counts_delete AFTER DELETE ON links BEGIN
        UPDATE link_counts SET sources = sources - NOT {_OTHER_LINK.format("old")}, {_TAKE}
        WHERE target_id = old.target_id;
        DELETE FROM link_counts
        WHERE target_id = old.target_id AND related + same_category + inline = 0;
    END
    """,
    f"""
    CREATE TRIGGER link_counts_update AFTER UPDATE OF source_id, target_id, kind ON links BEGIN
        DELETE FROM link_counts WHERE target_id IN (old.target_id, new.target_id);
        INSERT INTO link_counts ({_COLUMNS}) SELECT {_COUNTED} FROM links
        WHERE target_id IN (old.target_id, new.target_id) GROUP BY target_id;
    END
    """,
    # Lists of revised articles, the newest first, with what their filters ask for.
    "CREATE INDEX articles_revised ON articles(published_local, site, state, category_id, revision)"
    " WHERE revision > 1",
)
