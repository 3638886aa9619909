"""Named queries for everybody who does not write SQL.

Columns `…article_id` lead to the article's page.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class CannedQuery:
    """`sql` may have parameters (`:name`); one that is not given is an empty text.

    `earlier_sql` gives the same in an archive of an earlier newscrawl that cannot be upgraded.
    """

    name: str
    title: str
    about: str
    sql: str
    earlier_sql: str | None = None


CANNED_QUERIES: tuple[CannedQuery, ...] = (
    CannedQuery(
        "who-links-here",
        "Who links to an article",
        "Every article that links to the one with this id (the site's own id, as in its address), and since when.",
        """
        SELECT s.id AS article_id, s.site, s.title, s.published_local, l.kind, l.position, l.anchor,
            l.first_seen_at, l.last_seen_at
        FROM articles t JOIN links l ON l.target_id = t.id JOIN articles s ON s.id = l.source_id
        WHERE t.site IN (SELECT site FROM sites) AND t.key = :article
        ORDER BY l.first_seen_at, s.id
        """,
    ),
    CannedQuery(
        "most-linked",
        "Most linked articles",
        "The articles to which most others link. Kind: related, same_category or inline; empty for all kinds.",
        """
        SELECT t.id AS article_id, t.site, t.title, t.state, t.published_local, most.linked_by
        FROM (
            SELECT target_id, CASE :kind WHEN '' THEN sources WHEN 'related' THEN related
                WHEN 'same_category' THEN same_category WHEN 'inline' THEN inline ELSE 0 END AS linked_by
            FROM link_counts WHERE linked_by > 0 ORDER BY linked_by DESC, target_id LIMIT 200
        ) most JOIN articles t ON t.id = most.target_id
        ORDER BY most.linked_by DESC, t.id
        """,
        earlier_sql="""
        SELECT t.id AS article_id, t.site, t.title, t.state, t.published_local, count(DISTINCT l.source_id) AS linked_by
        FROM links l JOIN articles t ON t.id = l.target_id
        WHERE :kind = '' OR l.kind = :kind
        GROUP BY l.target_id ORDER BY linked_by DESC, t.id LIMIT 200
        """,
    ),
    CannedQuery(
        "edited-after-publication",
        "Edited after publication",
        "Articles that changed between two fetches, the latest first. A change was seen at the next fetch; when it was"
        " made is known only if the page names a new time of change. Hours are counted from publication.",
        """
        SELECT a.id AS article_id, a.site, a.title, a.published_local, a.revision AS revisions,
            iif(r.modified_at IS NOT old.modified_at, r.modified_at, NULL) AS publisher_changed_at,
            round((julianday(iif(r.modified_at IS NOT old.modified_at, r.modified_at, NULL))
                - julianday(a.published_at)) * 24, 1) AS hours_until_changed,
            r.fetched_at AS change_seen_at,
            round((julianday(r.fetched_at) - julianday(a.published_at)) * 24, 1) AS hours_until_seen
        FROM revisions r CROSS JOIN articles a ON a.id = r.article_id AND a.revision = r.revision
        LEFT JOIN revisions old ON old.article_id = r.article_id AND old.revision = r.revision - 1
        WHERE r.revision > 1 ORDER BY r.fetched_at DESC, a.id LIMIT 500
        """,
    ),
    CannedQuery(
        "headline-changes",
        "Changed headlines",
        "Headlines that were replaced: the old one, the new one, and when the new one was first seen.",
        """
        SELECT a.id AS article_id, a.site, old.title AS old_headline, new.title AS new_headline,
            new.fetched_at AS change_seen_at, new.revision
        FROM articles a
        JOIN revisions new ON new.article_id = a.id AND new.revision > 1
        JOIN revisions old ON old.article_id = a.id AND old.revision = new.revision - 1
        WHERE a.revision > 1 AND old.title IS NOT new.title
        ORDER BY new.fetched_at DESC, a.id LIMIT 500
        """,
    ),
    CannedQuery(
        "the-same-text-elsewhere",
        "The same text elsewhere",
        "Articles with exactly or nearly the same text as the one with this id (the site's own id). Near copies are"
        " those that the command “newscrawl dupes --update” has found.",
        """
        SELECT o.id AS article_id, o.site, o.title, o.published_local, d.method, d.similarity,
            t.site AS compared_with_site, t.title AS compared_with
        FROM articles t
        JOIN (SELECT article_id AS id, other_id, method, similarity FROM duplicates
            UNION ALL SELECT other_id, article_id, method, similarity FROM duplicates) d ON d.id = t.id
        JOIN articles o ON o.id = d.other_id
        WHERE t.site IN (SELECT site FROM sites) AND t.key = :article
        ORDER BY d.similarity DESC, o.published_at IS NULL, o.published_at, o.id
        """,
    ),
    CannedQuery(
        "disappeared-from-the-front-page",
        "Disappeared from a category page",
        "Articles on the first page of a category in one of the last hundred crawls, and on none of its pages in the next.",
        """
        WITH walks AS (
            SELECT DISTINCT category_id, crawl_id FROM listings
            WHERE page = 1 AND crawl_id > (SELECT max(id) - 100 FROM crawls)
        ),
        steps AS (
            SELECT category_id, crawl_id, lead(crawl_id) OVER (PARTITION BY category_id ORDER BY crawl_id) AS next_id
            FROM walks
        )
        SELECT a.id AS article_id, c.site, c.name AS category, l.title AS teased, l.position AS last_place,
            l.seen_at AS last_seen_at, crawls.started_at AS missing_since, a.state
        FROM steps s
        JOIN listings l ON l.crawl_id = s.crawl_id AND l.category_id = s.category_id AND l.page = 1
        JOIN crawls ON crawls.id = s.next_id
        JOIN categories c ON c.id = l.category_id JOIN articles a ON a.id = l.article_id
        WHERE NOT EXISTS (
            SELECT 1 FROM listings n
            WHERE n.article_id = l.article_id AND n.crawl_id = s.next_id AND n.category_id = s.category_id
        )
        ORDER BY missing_since DESC, category, last_place LIMIT 500
        """,
    ),
    CannedQuery(
        "authors-per-month",
        "Sources and authors per month",
        "How many articles name each author or agency, month by month.",
        """
        SELECT a.site, substr(a.published_local, 1, 7) AS month, name.value AS author, count(*) AS articles
        FROM articles a, json_each(a.authors) AS name
        WHERE a.published_local IS NOT NULL AND a.state <> 'stub'
        GROUP BY a.site, month, author ORDER BY month DESC, articles DESC, author LIMIT 1000
        """,
    ),
    CannedQuery(
        "what-failed-and-why",
        "What failed, and why",
        "Problems with fetching and reading, by kind, the most frequent first, with the newest of each as an example.",
        """
        SELECT ifnull(c.site, a.site) AS at_site, p.stage, p.code, p.field, count(*) AS times,
            max(p.seen_at) AS last_seen_at, p.message, p.url, p.article_id
        FROM problems p LEFT JOIN crawls c ON c.id = p.crawl_id LEFT JOIN articles a ON a.id = p.article_id
        GROUP BY at_site, p.stage, p.code, p.field ORDER BY times DESC, last_seen_at DESC LIMIT 500
        """,
    ),
)


def queries_for(db: sqlite3.Connection) -> tuple[CannedQuery, ...]:
    """The queries in SQL that the schema of this archive has the tables for."""
    known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'link_counts'").fetchone()
    if known is not None:
        return CANNED_QUERIES
    return tuple(replace(query, sql=query.earlier_sql or query.sql) for query in CANNED_QUERIES)
