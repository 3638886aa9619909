"""What the archive knows of a site's articles: which it has read, and which it only heard of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

# An article may be queued under several addresses. That of its own address counts, if there is one.
_QUEUED = """iif(
    o.url IS NULL,
    (SELECT f.{0} FROM frontier f WHERE f.article_id = a.id AND f.state <> 'spare'
        ORDER BY f.rowid LIMIT 1),
    o.{0}
)"""
_KNOWN = f"""
WITH shown AS (
    SELECT article_id, max(kind = 'feed') AS feed, max(kind = 'sitemap') AS sitemap
    FROM discoveries GROUP BY article_id
)
SELECT a.key, a.url, a.title, a.state, a.revision > 0 AS stored, a.published_local,
    {_QUEUED.format("state")} AS queued, {_QUEUED.format("reason")} AS reason,
    EXISTS (SELECT 1 FROM listings l WHERE l.article_id = a.id) AS listing,
    ifnull(s.feed, 0) AS feed, ifnull(s.sitemap, 0) AS sitemap
FROM articles a
LEFT JOIN shown s ON s.article_id = a.id
LEFT JOIN frontier o ON o.url = a.url AND o.article_id = a.id AND o.state <> 'spare'
WHERE a.site = ? ORDER BY a.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """An article that the archive has heard of.

    `queued` and `reason` are of the frontier; None: never queued.
    """

    key: str
    url: str
    title: str | None
    state: str
    stored: bool
    published_local: str | None
    queued: str | None
    reason: str | None
    listing: bool
    feed: bool
    sitemap: bool


def known_articles(db: sqlite3.Connection, site: str) -> Iterator[KnownArticle]:
    """Every article of a site, in the order in which the archive first heard of them."""
    for row in db.execute(_KNOWN, (site,)):
        yield KnownArticle(
            key=row["key"],
            url=row["url"],
            title=row["title"],
            state=row["state"],
            stored=bool(row["stored"]),
            published_local=row["published_local"],
            queued=row["queued"],
            reason=row["reason"],
            listing=bool(row["listing"]),
            feed=bool(row["feed"]),
            sitemap=bool(row["sitemap"]),
        )


def tried_addresses(db: sqlite3.Connection, site: str) -> Iterator[str]:
    """Addresses that were requested and led to no article."""
    rows = db.execute(
        "SELECT url FROM frontier WHERE site = ? AND kind = 'article' AND article_id IS NULL"
        " AND state <> 'pending'",
        (site,),
    )
    for row in rows:
        yield row["url"]


def last_base_url(db: sqlite3.Connection, site: str) -> str | None:
    """The mirror on which the site was last crawled; None if that was the site itself."""
    row = db.execute(
        "SELECT options FROM crawls WHERE site = ? AND reason IS NOT 'imported'"
        " ORDER BY started_at DESC, id DESC LIMIT 1",
        (site,),
    ).fetchone()
    if row is None:
        return None
    base_url: str | None = json.loads(row["options"]).get("base_url")
    return base_url
