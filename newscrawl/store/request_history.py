"""What earlier requests found: the evidence for when to request lists and articles again."""

from __future__ import annotations

import sqlite3

# More requests of a list say nothing new: the older ones hardly count.
LIST_REQUESTS = 200
PUBLISHED = 500
# The newest articles of a site, and the newest of those that are visited at every age.
NEWEST, WATCHED = 100, 300


class RequestHistory:
    """The requests of an archive, by list and by site."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def is_kept(self) -> bool:
        """Whether the archive has it: one that an older newscrawl made has it after a crawl."""
        rows = self._db.execute(
            "SELECT count(*) FROM pragma_table_info('captures')"
            " WHERE name IN ('discovered', 'source', 'article_id')"
        )
        return int(rows.fetchone()[0]) == 3

    def list_requests(self, url: str) -> list[tuple[str, int]]:
        """The latest requests of a category page, feed or sitemap that were answered, in order.

        Each with its time (UTC text) and the number of articles that it was the first to announce.
        """
        rows = self._db.execute(
            "SELECT fetched_at, ifnull(discovered, 0) FROM captures"
            " WHERE url = ? AND kind <> 'article' AND source = 'crawl'"
            " AND (discovered IS NOT NULL OR status = 304) ORDER BY id DESC LIMIT ?",
            (url, LIST_REQUESTS),
        ).fetchall()
        return [(row[0], row[1]) for row in reversed(rows)]

    def publication_hours(self, site: str) -> list[int]:
        """The hours, in the site's zone, at which its newest articles were published."""
        rows = self._db.execute(
            "SELECT published_local FROM"
            " (SELECT published_local, published_precision FROM articles"
            " WHERE site = ? AND state = 'stored' ORDER BY id DESC LIMIT ?)"
            " WHERE published_precision IN ('second', 'minute')",
            (site, PUBLISHED),
        )
        return [int(row[0][11:13]) for row in rows]

    def article_fetches(self, site: str, one_in: int) -> list[tuple[int, str, bool]]:
        """Each fetch of the newest articles, and of one in `one_in` of those before them.

        As (article, time as UTC text, whether a revision was added), by article and time. Articles
        that were found more than a day after their publication are left out: their first fetch was
        not the beginning of their life.
        """
        articles = (
            "SELECT id FROM articles WHERE site = ?1 AND state = 'stored'"
            " AND ifnull(published_at, first_seen_at)"
            " > strftime('%Y-%m-%dT%H:%M:%SZ', first_seen_at, '-1 day')"
        )
        rows = self._db.execute(
            f"""
            SELECT c.article_id, c.fetched_at,
                EXISTS (SELECT 1 FROM revisions r
                    WHERE r.article_id = c.article_id AND r.capture_id = c.id)
            FROM captures c
            WHERE c.article_id IN (
                SELECT * FROM ({articles} ORDER BY id DESC LIMIT ?2)
                UNION
                SELECT * FROM ({articles} AND id % ?3 = 0 ORDER BY id DESC LIMIT ?4)
            ) AND c.source = 'crawl' AND c.refused IS NULL AND c.status IN (200, 203, 304)
            ORDER BY c.article_id, c.fetched_at, c.id
            """,
            (site, NEWEST, one_in, WATCHED),
        )
        return [(row[0], row[1], bool(row[2])) for row in rows]
