"""Which articles a search or an export is about, as SQL."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from newscrawl.core.errors import UsageError
from newscrawl.core.text import fold
from newscrawl.store.rows import HIDDEN


@dataclass(frozen=True, slots=True)
class Filter:
    """`category` is a key, slug or name; `since` and `until` are days (`2026-09-01`) in the article's own zone."""

    site: str | None = None
    category: str | None = None
    since: str | None = None
    until: str | None = None

    def where(
        self,
        db: sqlite3.Connection,
        article: str = "a",
        category: str = "a.category_id",
        held: str | None = "a",
    ) -> tuple[str, list[object]]:
        """A condition on the articles row called `article` and the id of a category, and its values.

        Articles that are held back do not count, unless `held` (the row they are looked up in) is None.
        UsageError for a site or category that the archive lacks.
        """
        clauses, values = ["1"], list[object]()
        if held is not None:
            clauses.append(f"{held}.state NOT IN {HIDDEN}")
        if self.site is not None:
            check_site(db, self.site)
        if self.site is not None and self.category is None:
            clauses.append(f"{article}.site = ?")
            values.append(self.site)
        if self.category is not None:
            ids = _category_ids(db, self.category, self.site)  # of this site, as their articles are
            clauses.append(f"{category} IN ({', '.join('?' * len(ids))})")
            values += ids
        # A month or a year (`2026-08`) counts where any of its days would.
        day = f"substr({article}.published_local, 1, 10)"
        if self.since is not None:
            clauses.append(f"{day} >= substr(?, 1, length({day}))")
            values.append(self.since)
        if self.until is not None:
            clauses.append(f"{day} <= ?")
            values.append(self.until)
        return " AND ".join(clauses), values


def site_names(db: sqlite3.Connection) -> list[str]:
    """The sites that the archive has rows of, by name."""
    return [row[0] for row in db.execute("SELECT site FROM sites ORDER BY site")]


def check_site(db: sqlite3.Connection, site: str) -> None:
    """UsageError where the archive has nothing of the site."""
    known = site_names(db)
    if site not in known:
        raise UsageError(
            f"the archive has no site {site[:60]!r}",
            f"its sites are: {', '.join(known) or 'none yet'}",
        )


def _category_ids(db: sqlite3.Connection, wanted: str, site: str | None) -> list[int]:
    """Of every category with that key or slug, else of those with that name, marks and case apart."""
    rows = db.execute(
        "SELECT id, key, slug, name FROM categories WHERE site = ifnull(?, site) ORDER BY site, id",
        (site,),
    ).fetchall()
    ids = [row["id"] for row in rows if wanted in (row["key"], row["slug"])]
    ids = ids or [row["id"] for row in rows if row["name"] and fold(row["name"]) == fold(wanted)]
    if not ids:
        known = ", ".join(dict.fromkeys(row["slug"] or row["key"] for row in rows)) or "none yet"
        raise UsageError(
            f"the archive has no category {wanted[:60]!r}", f"its categories are: {known[:300]}"
        )
    return ids
