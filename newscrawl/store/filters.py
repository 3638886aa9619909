"""Which articles a search or an export is about, as SQL conditions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from newscrawl.core.errors import UsageError
from newscrawl.core.text import fold
from newscrawl.store.rows import HIDDEN


class Conditions:
    """SQL conditions that all have to hold, and the values of their parameters in order."""

    def __init__(self) -> None:
        self._clauses: list[str] = []
        self.values: list[object] = []

    def add(self, clause: str, *values: object) -> None:
        """Adds a condition with a value for each `?` in it."""
        self._clauses.append(clause)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        """The conditions joined by AND; `1` if there are none."""
        return " AND ".join(self._clauses) or "1"


def marks(count: int) -> str:
    """`?, ?, ?`: as many parameters as there are values."""
    return ", ".join(["?"] * count)


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of articles.

    `category` is a key, slug or name. `since` and `until` are days (`2026-09-01`) in the article's
    own zone.
    """

    site: str | None = None
    category: str | None = None
    since: str | None = None
    until: str | None = None

    def conditions(
        self,
        db: sqlite3.Connection,
        *,
        article: str = "a",
        category: str = "a.category_id",
        with_hidden: bool = False,
    ) -> Conditions:
        """Conditions on a row called `article` and on `category`, an expression for the id.

        Articles in quarantine and blocked ones are left out unless `with_hidden`. UsageError for a
        site or category that the archive lacks.
        """
        conditions = Conditions()
        if not with_hidden:
            conditions.add(f"{article}.state NOT IN {HIDDEN}")
        if self.site is not None:
            check_site(db, self.site)
        if self.category is not None:
            # These are categories of the site, so no condition on the site is needed.
            ids = _category_ids(db, self.category, self.site)
            conditions.add(f"{category} IN ({marks(len(ids))})", *ids)
        elif self.site is not None:
            conditions.add(f"{article}.site = ?", self.site)
        # A month or a year (`2026-08`) matches if any of its days does.
        day = f"substr({article}.published_local, 1, 10)"
        if self.since is not None:
            conditions.add(f"{day} >= substr(?, 1, length({day}))", self.since)
        if self.until is not None:
            conditions.add(f"{day} <= ?", self.until)
        return conditions


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


def _category_ids(db: sqlite3.Connection, category: str, site: str | None) -> list[int]:
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
