"""The sites and categories that an archive has, by the names that users type."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from difflib import get_close_matches

from newscrawl.core.errors import UsageError
from newscrawl.core.text import fold

# Sites in a message: all of so many, else the ones most like what was typed.
MOST_NAMED, MOST_ALIKE = 20, 5
LONGEST_TYPED = 60


def site_names(db: sqlite3.Connection) -> list[str]:
    """The sites that the archive has rows of, by name."""
    return [row[0] for row in db.execute("SELECT site FROM sites ORDER BY site")]


def has_site(db: sqlite3.Connection, site: str) -> bool:
    """Whether the archive has rows of the site."""
    return db.execute("SELECT 1 FROM sites WHERE site = ?", (site,)).fetchone() is not None


def check_site(db: sqlite3.Connection, site: str) -> None:
    """UsageError if the archive has no such site."""
    if not has_site(db, site):
        names = named_few(site_names(db), site) or "none yet"
        raise UsageError(
            f"the archive has no site {site[:LONGEST_TYPED]!r}", f"its sites are: {names}"
        )


def named_few(
    names: Sequence[str], typed: str = "", listed_by: str = "newscrawl status lists them"
) -> str:
    """The names of sites for a message, in order; of very many, a few and how many more there are.

    Those few are the ones most like what was typed, the best first; if none is, the first ones.
    `listed_by` says where all of them are.
    """
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    few = get_close_matches(typed[:LONGEST_TYPED], names, MOST_ALIKE) or names[:MOST_NAMED]
    return f"{', '.join(few)} and {len(names) - len(few):,} more ({listed_by})"


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
