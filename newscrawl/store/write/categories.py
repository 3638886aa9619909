"""Sites and their categories, to which the rows of every page refer."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from newscrawl.core.records import HOME, OLD_HOME, Crumb, SiteRow
from newscrawl.core.text import slugify
from newscrawl.store.write.commits import Part


class Categories(Part):
    """`store.categories`: the rows of sites and categories."""

    def put_site(self, site: SiteRow) -> None:
        """Writes the row of a site and those of its categories.

        A category keeps the name that pages gave it.
        """
        with self._transaction():
            rename_old_home(self._db, site.site)
            self._db.execute(
                "INSERT INTO sites (site, name, domain, language, timezone) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (site) DO UPDATE SET name = excluded.name, domain = excluded.domain,"
                " language = excluded.language, timezone = excluded.timezone",
                (site.site, site.name, site.domain, site.language, site.timezone),
            )
            self._db.executemany(
                "INSERT INTO categories (site, key, slug, name, url) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (site, key) DO UPDATE"
                " SET slug = excluded.slug, url = excluded.url, name = ifnull(name, excluded.name)",
                [(site.site, row.key, row.slug, row.name, row.url) for row in site.categories],
            )

    def put(self, site: str, key: str, slug: str | None) -> int:
        """The id of the category with this key, which is added if it is unknown."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO categories (site, key, slug) VALUES (?, ?, ?)"
                " ON CONFLICT (site, key) DO NOTHING",
                (site, key, slug),
            )
            row = self._db.execute(
                "SELECT id FROM categories WHERE site = ? AND key = ?", (site, key)
            ).fetchone()
            return int(row["id"])

    def key_of(self, category_id: int) -> str:
        """The site's own key of a category."""
        row = self._db.execute("SELECT key FROM categories WHERE id = ?", (category_id,)).fetchone()
        return str(row["key"])

    def ids(self, site: str, keys: Collection[str]) -> frozenset[int]:
        """The ids of the site's categories with these keys."""
        rows = self._db.execute("SELECT id, key FROM categories WHERE site = ?", (site,))
        return frozenset(row["id"] for row in rows if row["key"] in keys)


def rename_old_home(db: sqlite3.Connection, site: str) -> None:
    """Gives the home page in an older archive the key that home pages have now."""
    db.execute(
        "UPDATE categories SET key = ? WHERE site = ? AND key = ?"
        " AND NOT EXISTS (SELECT 1 FROM categories WHERE site = ? AND key = ?)",
        (HOME, site, OLD_HOME, site, HOME),
    )


def find_category(db: sqlite3.Connection, site: str, crumb: Crumb | None) -> int | None:
    """The id of the category that a label means, by key, else by name; None if it is unknown."""
    if crumb is None:
        return None
    if crumb.key is not None:
        row = db.execute(
            "SELECT id FROM categories WHERE site = ? AND key = ?", (site, crumb.key)
        ).fetchone()
    else:
        row = db.execute(
            "SELECT id FROM categories WHERE site = ? AND name = ? ORDER BY id LIMIT 1",
            (site, crumb.name),
        ).fetchone()
    return int(row["id"]) if row else None


def put_category(db: sqlite3.Connection, site: str, crumb: Crumb | None) -> int | None:
    """The id of the category that a page names as its own, named as the page prints it.

    Adds a row for a new category. None if the page names none.
    """
    if crumb is None:
        return None
    category_id = find_category(db, site, crumb)
    if category_id is not None:
        db.execute(
            "UPDATE categories SET name = ? WHERE id = ? AND name IS NOT ?",
            (crumb.name, category_id, crumb.name),
        )
        return category_id
    key = crumb.key or slugify(crumb.name)
    if not key:
        return None
    row = db.execute(
        "INSERT INTO categories (site, key, name, url) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (site, key) DO UPDATE SET name = excluded.name RETURNING id",
        (site, key, crumb.name, crumb.url),
    ).fetchone()
    return int(row["id"])


def put_breadcrumb(
    db: sqlite3.Connection, site: str, breadcrumb: Iterable[Crumb], own: Crumb | None
) -> int | None:
    """The id of the page's own category. The steps above it that have a key become its parents."""
    parent: int | None = None
    for crumb in breadcrumb:
        is_own = own is not None and crumb.key == own.key
        if crumb.key is None or is_own:
            continue
        step = put_category(db, site, crumb)
        set_parent(db, step, parent)
        parent = step
    category = put_category(db, site, own)
    set_parent(db, category, parent)
    return category


def set_parent(db: sqlite3.Connection, category: int | None, parent: int | None) -> None:
    """Sets the parent of a category that has none, unless the parent is below the category.

    Another page may print the steps in another order.
    """
    if category is None or parent is None:
        return
    is_below = db.execute(
        "WITH RECURSIVE up(id) AS (VALUES (?) UNION SELECT c.parent_id FROM categories c"
        " JOIN up ON c.id = up.id WHERE c.parent_id IS NOT NULL) SELECT 1 FROM up WHERE id = ?",
        (parent, category),
    ).fetchone()
    if is_below is None:
        db.execute(
            "UPDATE categories SET parent_id = ? WHERE id = ? AND parent_id IS NULL",
            (parent, category),
        )
