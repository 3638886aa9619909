"""The migration that gives every table a rowid, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

from itertools import chain

# The tables that were WITHOUT ROWID, and the statements that make them again. There, the columns
# of a key are NOT NULL without being declared so. No other table refers to any of these.
_REMADE: dict[str, tuple[str, ...]] = {
    "links": (
        """
        CREATE TABLE links (
            source_id INTEGER NOT NULL REFERENCES articles(id),
            target_id INTEGER NOT NULL REFERENCES articles(id),
            kind TEXT NOT NULL CHECK (kind IN ('related', 'same_category', 'inline')),
            position INTEGER NOT NULL,
            anchor TEXT,
            first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL,
            first_crawl_id INTEGER REFERENCES crawls(id),
            last_crawl_id INTEGER REFERENCES crawls(id),
            PRIMARY KEY (source_id, target_id, kind)
        )
        """,
        "CREATE INDEX links_target ON links(target_id)",
    ),
    "listings": (
        """
        CREATE TABLE listings (
            crawl_id INTEGER NOT NULL REFERENCES crawls(id),
            category_id INTEGER NOT NULL REFERENCES categories(id),
            page INTEGER NOT NULL,
            position INTEGER NOT NULL,
            block TEXT NOT NULL,
            article_id INTEGER NOT NULL REFERENCES articles(id),
            title TEXT, summary TEXT, published_raw TEXT,
            seen_at TEXT NOT NULL,
            PRIMARY KEY (crawl_id, category_id, page, position)
        )
        """,
        "CREATE INDEX listings_article ON listings(article_id, crawl_id)",
    ),
    "aliases": (
        """
        CREATE TABLE aliases (
            url TEXT NOT NULL PRIMARY KEY,
            article_id INTEGER NOT NULL REFERENCES articles(id),
            reason TEXT NOT NULL CHECK (reason IN ('slug', 'redirect', 'canonical', 'mirror'))
        )
        """,
        "CREATE INDEX aliases_article ON aliases(article_id)",
    ),
    "duplicates": (
        """
        CREATE TABLE duplicates (
            article_id INTEGER NOT NULL REFERENCES articles(id),
            other_id INTEGER NOT NULL REFERENCES articles(id),
            method TEXT NOT NULL,
            similarity REAL NOT NULL,
            PRIMARY KEY (article_id, other_id, method)
        )
        """,
        "CREATE INDEX duplicates_other ON duplicates(other_id)",
    ),
    "discoveries": (
        """
        CREATE TABLE discoveries (
            crawl_id INTEGER NOT NULL REFERENCES crawls(id),
            kind TEXT NOT NULL CHECK (kind IN ('feed', 'sitemap')),
            source_url TEXT NOT NULL,
            article_id INTEGER NOT NULL REFERENCES articles(id),
            position INTEGER NOT NULL,
            published_raw TEXT,
            seen_at TEXT NOT NULL,
            PRIMARY KEY (source_url, article_id)
        )
        """,
    ),
    "text_bands": (
        """
        CREATE TABLE text_bands (
            band INTEGER NOT NULL,
            article_id INTEGER NOT NULL,
            PRIMARY KEY (band, article_id)
        )
        """,
    ),
}
_SITES = """
    CREATE TABLE sites (
        site TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL, domain TEXT NOT NULL, language TEXT, timezone TEXT
    )
"""


def _remade(table: str, made: tuple[str, ...]) -> tuple[str, ...]:
    """Makes a table again with its rows, in the order of their key.

    The rows wait in a temporary table, so that the database grows by the new indexes only.
    """
    create, *indexes = made
    return (
        f"CREATE TEMP TABLE kept AS SELECT * FROM main.{table}",
        f"DROP TABLE main.{table}",
        create,
        f"INSERT INTO main.{table} SELECT * FROM temp.kept ORDER BY rowid",
        "DROP TABLE temp.kept",
        *indexes,
    )


ROWIDS = (
    *chain.from_iterable(_remade(table, made) for table, made in _REMADE.items()),
    # Last: every other table refers to sites, and this lasts until the transaction ends.
    "PRAGMA defer_foreign_keys = ON",
    *_remade("sites", (_SITES,)),
)
