"""The archive's schema, as a list of migrations that sqlite-utils applies in order and records.

A change of the schema is a new function, added to the end of MIGRATIONS; the functions here never
change. Each migration and its record share one transaction, so a crash in between leaves the old
schema.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from newscrawl.core.crashpoints import reach
from newscrawl.core.extras import without_modules
from newscrawl.store.schema.backfills import BACKFILL_KEYS, BACKFILLS
from newscrawl.store.schema.changes_in_order import CHANGES_IN_ORDER
from newscrawl.store.schema.frontier_of_sites import FRONTIER_OF_SITES
from newscrawl.store.schema.full_text_by_field import FULL_TEXT_BY_FIELD
from newscrawl.store.schema.imported_pages import IMPORTED_PAGES
from newscrawl.store.schema.kept_for_pages import KEPT_FOR_PAGES
from newscrawl.store.schema.large_archives import LARGE_ARCHIVES
from newscrawl.store.schema.publication_days import PUBLICATION_DAYS
from newscrawl.store.schema.publication_hours import PUBLICATION_HOURS
from newscrawl.store.schema.rowids import ROWIDS
from newscrawl.store.schema.site_links import SITE_LINKS
from newscrawl.store.schema.tables import FULL_TEXT, INDEXES, TABLES, VIEWS

if TYPE_CHECKING:
    from sqlite_utils import Database

MIGRATION_SET = "newscrawl"


def m001_the_archive(db: Database) -> None:
    """Tables, indexes, full text and views of the first release."""
    for statement in TABLES:
        db.execute(statement)
    reach("mid_migration")
    for statement in INDEXES + FULL_TEXT + VIEWS:
        db.execute(statement)


def m002_discoveries(db: Database) -> None:
    """What feeds and sitemaps showed: for each article and source, its newest showing."""
    db.execute(
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
        ) WITHOUT ROWID
        """
    )


def m003_bylines_and_times_of_revisions(db: Database) -> None:
    """Authors and publication times of revisions, and indexes that find the latest changes."""
    for column in ("authors", "published_local", "published_source"):
        db.execute(f"ALTER TABLE revisions ADD COLUMN {column} TEXT")
    db.execute("CREATE INDEX revisions_changed ON revisions(fetched_at) WHERE revision > 1")
    db.execute("CREATE INDEX articles_gone ON articles(gone_at) WHERE gone_at IS NOT NULL")


def m004_near_duplicates(db: Database) -> None:
    """Pairs have the smaller id first and no captions; bands of texts find near copies.

    A change of how bands are made needs a migration that empties both tables.
    """
    for statement in (
        "INSERT OR REPLACE INTO duplicates SELECT other_id, article_id, method, similarity"
        " FROM duplicates WHERE article_id > other_id",
        "DELETE FROM duplicates WHERE article_id > other_id OR article_id IN"
        " (SELECT article_id FROM bodies WHERE length(body) < 200)",
        "CREATE INDEX duplicates_other ON duplicates(other_id)",
        "CREATE TABLE text_bands (band INTEGER, article_id INTEGER, PRIMARY KEY (band, article_id))"
        " WITHOUT ROWID",
        "CREATE TABLE compared_texts ("
        " article_id INTEGER PRIMARY KEY REFERENCES articles(id), body_hash TEXT NOT NULL)",
    ):
        db.execute(statement)


def m005_full_text_is_joined_by_maintain(db: Database) -> None:
    """Storing an article no longer merges segments of the full-text index.

    Merging costs more in a larger index. SQLite still merges sixteen segments of a size
    (crisismerge), so that there are never very many. `maintain` merges all of them.
    """
    db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('automerge', 0)")


def m006_refused_pages(db: Database) -> None:
    """Each capture has the reason why its page was refused.

    Earlier versions noted it as a problem, and a second refusal of the same page not at all: pages
    fetched since the last one that was used, at an address whose last refusal was `soft_404`, were
    refused too.
    """
    db.execute("ALTER TABLE captures ADD COLUMN refused TEXT")
    noted = "SELECT url, seen_at FROM problems WHERE url IS NOT NULL AND code"
    made_a_revision = "SELECT capture_id FROM revisions WHERE capture_id IS NOT NULL"
    for code in ("worse_page", "dropped", "soft_404"):
        db.execute(
            "UPDATE captures SET refused = ? WHERE kind = 'article'"
            f" AND id NOT IN ({made_a_revision}) AND (url, fetched_at) IN ({noted} = ?)",
            (code, code),
        )
    db.execute(
        "UPDATE captures SET refused = 'soft_404' FROM"
        " (SELECT url, ifnull(max(capture_id), 0) AS used FROM frontier WHERE reason = 'soft_404'"
        " GROUP BY url) f"
        " WHERE captures.url = f.url AND kind = 'article' AND status IN (200, 203)"
        f" AND refused IS NULL AND captures.id > f.used AND captures.id NOT IN ({made_a_revision})"
        " AND (captures.url, captures.fetched_at) NOT IN"
        f" ({noted} <> 'soft_404' AND stage = 'extract')"
    )


def m007_frontier_of_sites(db: Database) -> None:
    """What is to be fetched belongs to a site: one address may be queued for several.

    `spare` is a new state: another address of an article, for when the one in use fails.
    """
    for statement in FRONTIER_OF_SITES:
        db.execute(statement)


def m008_reextractions(db: Database) -> None:
    """The sites whose raw pages are being read again, until all of them have been."""
    db.execute(
        "CREATE TABLE reextractions (site TEXT PRIMARY KEY REFERENCES sites(site),"
        " started_at TEXT NOT NULL, pages INTEGER NOT NULL, pages_read INTEGER)"
    )


def m009_full_text_by_field(db: Database) -> None:
    """A search may name a field; authors and tags are in the index too."""
    for statement in FULL_TEXT_BY_FIELD:
        db.execute(statement)


def m010_every_table_has_a_rowid(db: Database) -> None:
    """No table is WITHOUT ROWID, because DuckDB's extension for SQLite cannot read such tables."""
    for statement in ROWIDS:
        db.execute(statement)


def m011_publication_hours(db: Database) -> None:
    """The hour of publication stands by itself: to count articles by time reads no whole rows."""
    for statement in PUBLICATION_HOURS:
        db.execute(statement)


def m012_publication_days(db: Database) -> None:
    """How many articles each site published on each day: a calendar counts no articles."""
    for statement in PUBLICATION_DAYS:
        db.execute(statement)


def m013_local_times(db: Database) -> None:
    """Lists of articles that were read, the newest first, read an index and stop early."""
    db.execute("CREATE INDEX articles_local ON articles(published_local) WHERE revision > 0")


def m014_site_links(db: Database) -> None:
    """How many links lead from each site to each other one."""
    for statement in SITE_LINKS:
        db.execute(statement)


def m015_imported_pages(db: Database) -> None:
    """Captures name their article and, if they were imported, the record that they come from."""
    for statement in IMPORTED_PAGES:
        db.execute(statement)


def m016_kept_for_pages(db: Database) -> None:
    """How many articles link to each one, and an index of revised articles."""
    for statement in KEPT_FOR_PAGES:
        db.execute(statement)


def m017_changes_in_order(db: Database) -> None:
    """Changes are listed and counted by day from their index alone."""
    for statement in CHANGES_IN_ORDER:
        db.execute(statement)


def m018_backfills(db: Database) -> None:
    """The plans of backfills: which captures of other archives are wanted."""
    for statement in BACKFILLS:
        db.execute(statement)


def m019_large_archives(db: Database) -> None:
    """What status, health, front and dupes --update need is found without reading all articles."""
    for statement in LARGE_ARCHIVES:
        db.execute(statement)


def m020_what_lists_announce(db: Database) -> None:
    """Captures of lists say how many articles they announced: how often to request a list again."""
    db.execute("ALTER TABLE captures ADD COLUMN discovered INTEGER")


def m021_backfill_keys(db: Database) -> None:
    """What an index resumes at has a name that does not stand for a time."""
    for statement in BACKFILL_KEYS:
        db.execute(statement)


MIGRATIONS = (
    m001_the_archive,
    m002_discoveries,
    m003_bylines_and_times_of_revisions,
    m004_near_duplicates,
    m005_full_text_is_joined_by_maintain,
    m006_refused_pages,
    m007_frontier_of_sites,
    m008_reextractions,
    m009_full_text_by_field,
    m010_every_table_has_a_rowid,
    m011_publication_hours,
    m012_publication_days,
    m013_local_times,
    m014_site_links,
    m015_imported_pages,
    m016_kept_for_pages,
    m017_changes_in_order,
    m018_backfills,
    m019_large_archives,
    m020_what_lists_announce,
    m021_backfill_keys,
)
NAMES = tuple(migration.__name__ for migration in MIGRATIONS)


def applied(connection: sqlite3.Connection) -> list[str]:
    """The names of the migrations that a database has had, oldest first."""
    table = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'"
    ).fetchone()
    if table is None:
        return []
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY rowid",
        (MIGRATION_SET,),
    )
    return [row[0] for row in rows]


def migrate(connection: sqlite3.Connection) -> None:
    """Applies the migrations that a database has not had."""
    # Imported here, since an archive that is up to date does not need it.
    with without_modules("numpy", "pandas"):
        from sqlite_utils import Database
        from sqlite_utils.migrations import Migrations

    migrations = Migrations(MIGRATION_SET)
    for migration in MIGRATIONS:
        migrations()(migration)
    migrations.apply(Database(connection))
