"""What the pages of a site and of a category say before their articles."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from newscrawl.core.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """A row of `sites`."""

    site: str
    name: str
    domain: str | None
    language: str | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFacts:
    """A category of a site; `parent` is the name of the one that it is in."""

    site: str
    key: str
    name: str
    url: str | None
    parent: str | None


def site_facts(db: sqlite3.Connection, site: str) -> SiteFacts:
    """The site, which is in the archive."""
    row = db.execute(
        "SELECT site, ifnull(name, site) AS name, domain, language,"
        " ifnull(timezone, 'UTC') AS zone FROM sites WHERE site = ?",
        (site,),
    ).fetchone()
    return SiteFacts(**dict(row))


def category_facts(db: sqlite3.Connection, site: str, key: str) -> CategoryFacts:
    """The category; UsageError if the archive has none with this key or slug."""
    row = db.execute(
        "SELECT c.site, c.key, ifnull(c.name, c.key) AS name, c.url, p.name AS parent"
        " FROM categories c LEFT JOIN categories p ON p.id = c.parent_id"
        " WHERE c.site = ?1 AND ?2 IN (c.key, c.slug) ORDER BY c.key <> ?2 LIMIT 1",
        (site, key),
    ).fetchone()
    if row is None:
        raise UsageError(
            f"the archive has no category {key[:60]!r} of {site[:60]}",
            "the page of the site lists its categories",
        )
    return CategoryFacts(**dict(row))


def categories_of(db: sqlite3.Connection, site: str) -> list[CategoryFacts]:
    """The categories of a site, by name."""
    rows = db.execute(
        "SELECT c.site, c.key, ifnull(c.name, c.key) AS name, c.url, p.name AS parent"
        " FROM categories c LEFT JOIN categories p ON p.id = c.parent_id"
        " WHERE c.site = ? ORDER BY name, c.key",
        (site,),
    )
    return [CategoryFacts(**dict(row)) for row in rows]
