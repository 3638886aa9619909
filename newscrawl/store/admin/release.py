"""A copy of the database to publish: only what was requested, with or without texts, and compact.

The same archive and request give the same bytes each time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from newscrawl.store.connection import connect, copy_into, open_reader
from newscrawl.store.filters import Filter
from newscrawl.store.schema.migrations import NAMES, applied, migrate

# (table, column) -> the key of its rows. These columns hold what publishers wrote. Headlines, names
# and tags are part of a release without texts.
TEXTS: dict[tuple[str, str], str] = {
    ("articles", "summary"): "id",
    ("bodies", "body"): "article_id",
    ("revisions", "summary"): "article_id || '/' || revision",
    ("revisions", "body"): "article_id || '/' || revision",
    ("listings", "summary"): "crawl_id || '/' || category_id || '/' || page || '/' || position",
}
# In the order of the key, whatever the order in which the rows were written.
ORDERS = {"listings": "crawl_id, category_id, page, position"}
# An article that does not match the filter keeps only what links contain about it.
AS_STUB = """
    state = 'stub', summary = NULL, authors = '[]', tags = '[]', modified_at = NULL,
    language = NULL, image_url = NULL, word_count = NULL, body_hash = NULL, template = NULL,
    fetched_at = NULL, gone_at = NULL, revision = 0, provenance = '{}'
"""
# The queue, and what the search for near copies remembers.
WORKING = (
    "frontier",
    "text_bands",
    "compared_texts",
    "uncompared_texts",
    "reextractions",
    "unresolved_revisits",
    "backfill_questions",
    "backfill_captures",
    "backfill_rests",
)
# Tables with rows of single articles, and the column that names the article.
OF_ARTICLES = {
    "bodies": "article_id",
    "revisions": "article_id",
    "listings": "article_id",
    "links": "source_id",
    "discoveries": "article_id",
}


@dataclass(frozen=True, slots=True)
class Removed:
    """A text that a release leaves out: its place, and the hash of its exact UTF-8."""

    table: str
    column: str
    row: str
    hash: str


def text_hash(text: str) -> str:
    """`sha256:<hex>` of the exact UTF-8 of a text."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def snapshot(folder: Path, target: Path) -> None:
    """Writes a consistent copy of an archive's database, with the schema of today, to `target`.

    The archive itself is not upgraded. `target` must not exist.
    """
    with closing(open_reader(folder)) as db:
        copy_into(db, target)
    with closing(connect(target)) as copy:
        if not set(NAMES) <= set(applied(copy)):
            migrate(copy)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database file that becomes a release, in one transaction that ends with the block."""
    with closing(connect(path)) as db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN")
        yield db
        db.execute("COMMIT")


def narrow(db: sqlite3.Connection, only: Filter) -> None:
    """Deletes the queue, and everything that the filter leaves out.

    Articles to which matching articles link are kept as stubs.
    """
    for table in _present(db, WORKING):
        db.execute(f"DELETE FROM {table}")
    if only == Filter():
        return
    matching = only.conditions(db)
    db.execute(
        f"CREATE TEMP TABLE chosen AS SELECT a.id FROM articles a WHERE {matching.sql}",
        matching.values,
    )
    for table in _present(db, OF_ARTICLES):
        column = OF_ARTICLES[table]
        db.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM chosen)")
    db.execute("CREATE TEMP TABLE kept AS SELECT id FROM chosen UNION SELECT target_id FROM links")
    for statement in (
        "DELETE FROM duplicates WHERE article_id NOT IN (SELECT id FROM chosen)"
        " OR other_id NOT IN (SELECT id FROM chosen)",
        "DELETE FROM problems WHERE article_id NOT IN (SELECT id FROM chosen)",
        "DELETE FROM captures WHERE kind = 'article' AND id NOT IN"
        " (SELECT capture_id FROM revisions WHERE capture_id IS NOT NULL)",
        "DELETE FROM aliases WHERE article_id NOT IN (SELECT id FROM kept)",
        "DELETE FROM articles WHERE id NOT IN (SELECT id FROM kept)",
        f"UPDATE articles SET {AS_STUB} WHERE id NOT IN (SELECT id FROM chosen)",
    ):
        db.execute(statement)
    if only.site is not None:
        _delete_other_sites(db, only.site)
    db.execute("DROP TABLE chosen")
    db.execute("DROP TABLE kept")


def _present(db: sqlite3.Connection, tables: Iterable[str]) -> list[str]:
    """The tables that the archive has: it may be older than this newscrawl."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    present = {row["name"] for row in rows}
    return [table for table in tables if table in present]


def _delete_other_sites(db: sqlite3.Connection, site: str) -> None:
    """Deletes what belongs to other sites and is not needed by the articles that are kept."""
    for statement in (
        "DELETE FROM problems WHERE crawl_id IN (SELECT id FROM crawls WHERE site <> ?)",
        "DELETE FROM captures WHERE crawl_id IN (SELECT id FROM crawls WHERE site <> ?)",
        "DELETE FROM crawls WHERE site <> ? AND id NOT IN (SELECT last_crawl_id FROM links)",
        "DELETE FROM categories WHERE site <> ? AND id NOT IN"
        " (SELECT category_id FROM articles WHERE category_id IS NOT NULL)",
        "DELETE FROM sites WHERE site <> ? AND site NOT IN (SELECT site FROM articles)"
        " AND site NOT IN (SELECT site FROM categories)",
    ):
        db.execute(statement, (site,))


def texts(db: sqlite3.Connection) -> Iterator[Removed]:
    """Every text that a release without texts leaves out, in a fixed order."""
    for (table, column), key in TEXTS.items():
        order = ORDERS.get(table, "rowid")
        rows = db.execute(
            f"SELECT {key}, {column} FROM {table} WHERE {column} <> '' ORDER BY {order}"
        )
        for row_key, text in rows:
            yield Removed(table, column, str(row_key), text_hash(text))


def remove_texts(db: sqlite3.Connection) -> None:
    """Deletes all texts; triggers delete those of the full-text index with the bodies."""
    for table, column in TEXTS:
        if table == "bodies":
            db.execute("DELETE FROM bodies WHERE body <> ''")
        else:
            db.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} <> ''")


def want(db: sqlite3.Connection, removed: Iterable[Removed]) -> None:
    """Records which texts `fill` has to fill in."""
    rows = ((text.table, text.column, text.row, text.hash) for text in removed)
    db.execute(
        "CREATE TEMP TABLE wanted (table_name TEXT, column_name TEXT, row_key TEXT, hash TEXT)"
    )
    db.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?)", rows)
    db.execute("CREATE INDEX temp.wanted_hash ON wanted(hash)")


def fill(db: sqlite3.Connection, text: str) -> int:
    """Writes a text to every place where exactly this text was left out; the number of places."""
    hashed = text_hash(text)
    places = db.execute(
        "SELECT table_name, column_name, row_key FROM wanted WHERE hash = ?", (hashed,)
    ).fetchall()
    for table, column, row_key in places:
        key_values = [int(part) for part in row_key.split("/")]
        if table == "bodies":
            db.execute("INSERT INTO bodies (article_id, body) VALUES (?, ?)", (*key_values, text))
            continue
        key_columns = TEXTS[table, column].split(" || '/' || ")
        where = " AND ".join(f"{name} = ?" for name in key_columns)
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (text, *key_values))
    db.execute("DELETE FROM wanted WHERE hash = ?", (hashed,))
    return len(places)


def still_wanted(db: sqlite3.Connection) -> list[Removed]:
    """The texts that were not filled in."""
    rows = db.execute("SELECT table_name, column_name, row_key, hash FROM wanted ORDER BY rowid")
    return [Removed(*row) for row in rows]


def pages_of(db: sqlite3.Connection) -> dict[str, str]:
    """Digest -> address of every page whose bytes were kept."""
    rows = db.execute(
        "SELECT payload_digest, url FROM captures WHERE payload_digest IS NOT NULL"
        " AND kind <> 'robots' AND status IN (200, 203) ORDER BY id"
    )
    return {row["payload_digest"]: row["url"] for row in rows}


def compact(path: Path, target: Path) -> None:
    """Moves a database to `target` at its smallest, as one file, with a new full-text index."""
    with closing(connect(path)) as db:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('optimize')")
        copy_into(db, target)
    path.unlink()


def schema_sql(db: sqlite3.Connection) -> str:
    """The statements that make the schema, without tables that only SQLite and migrations use."""
    rows = db.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT GLOB 'sqlite_*'"
        " AND tbl_name NOT GLOB '_*' AND tbl_name NOT GLOB 'articles_fts_*' ORDER BY rowid"
    )
    return "".join(f"{row[0].strip()};\n" for row in rows)
