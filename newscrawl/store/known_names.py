"""The sites and categories that an archive has, by the names that users type."""

from __future__ import annotations

import sqlite3

from newscrawl.core.errors import UsageError
from newscrawl.core.text import fold


def site_names(db: sqlite3.Connection) -> list[str]:
    """The sites that the archive has rows of, by name."""
    return [row[0] for row in db.execute("SELECT site FROM sites ORDER BY site")]


def check_site(db: sqlite3.Connection, site: str) -> None:
    """UsageError if the archive has no such site."""
    names = site_names(db)
    if site not in names:
        raise UsageError(
            f"the archive has no site {site[:60]!r}",
            f"its sites are: {', '.join(names) or 'none yet'}",
        )


def category_ids(db: sqlite3.Connection, category: str, site: str | None = None) -> list[int]:
    """The ids of all categories with this key or slug, else of those with this name.

    Names are compared without case and marks.
    """
    rows = db.execute(
        "SELECT id, key, slug, name FROM categories WHERE site = ifnull(?, site) ORDER BY site, id",
        (site,),
    ).fetchall()
    ids = [row["id"] for row in rows if category in (row["key"], row["slug"])]
    if not ids:
        names = {row["id"]: fold(row["name"]) for row in rows if row["name"]}
        ids = [category_id for category_id, name in names.items() if name == fold(category)]
    if not ids:
        known = dict.fromkeys(row["slug"] or row["key"] for row in rows)
        raise UsageError(
            f"the archive has no category {category[:60]!r}",
            f"its categories are: {(', '.join(known) or 'none yet')[:300]}",
        )
    return ids
