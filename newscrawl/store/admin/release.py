"""A copy of the database to give away: narrowed to what was asked for, with or without texts, compact, the same
bytes each time."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from newscrawl.store.connection import connect, open_reader
from newscrawl.store.filters import Filter

# Table, column -> its key. These hold what the papers wrote; headlines, names and tags stay in a release without texts.
TEXTS: dict[tuple[str, str], str] = {
    ("articles", "summary"): "id",
    ("bodies", "body"): "article_id",
    ("revisions", "summary"): "article_id || '/' || revision",
    ("revisions", "body"): "article_id || '/' || revision",
    ("listings", "summary"): "crawl_id || '/' || category_id || '/' || page || '/' || position",
}
# What an article outside of the filter keeps is what a link says of it.
AS_STUB = (
    "state = 'stub', summary = NULL, authors = '[]', tags = '[]', modified_at = NULL, language = NULL,"
    " image_url = NULL, word_count = NULL, body_hash = NULL, template = NULL, fetched_at = NULL, gone_at = NULL,"
    " revision = 0, provenance = '{}'"
)
# The queue, and what the search for near-duplicates remembers.
WORKING = ("frontier", "text_bands", "compared_texts")
OF_ARTICLES = {"bodies": "article_id", "revisions": "article_id", "listings": "article_id", "links": "source_id",
               "discoveries": "article_id"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Removed:
    """A text that a release leaves out: where it stood, and the hash of exactly its UTF-8."""

    table: str
    column: str
    row: str
    hash: str


def text_hash(text: str) -> str:
    """`sha256:<hex>` of the text in UTF-8, as it is."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def snapshot(folder: Path, target: Path) -> None:
    """A consistent copy of an archive's database at `target`, which must not exist."""
    with closing(open_reader(folder)) as db:
        db.path = target  # what fails is the writing of the copy
        db.execute("VACUUM INTO ?", (str(target),))


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database file that is being made into a release, in one transaction that ends with the block."""
    with closing(connect(path)) as db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN")
        yield db
        db.execute("COMMIT")


def narrow(db: sqlite3.Connection, only: Filter) -> None:
    """Leaves the queue out, and all that the filter does not choose; what chosen articles link to stays as stubs."""
    for table in _present(db, WORKING):
        db.execute(f"DELETE FROM {table}")
    if only == Filter():
        return
    chosen = only.conditions(db)
    db.execute(
        f"CREATE TEMP TABLE chosen AS SELECT a.id FROM articles a WHERE {chosen.sql}", chosen.values
    )
    for table in _present(db, OF_ARTICLES):
        column = OF_ARTICLES[table]
        db.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM chosen)")
    db.execute("DELETE FROM duplicates WHERE article_id NOT IN (SELECT id FROM chosen)"
               " OR other_id NOT IN (SELECT id FROM chosen)")  # fmt: skip
    db.execute("DELETE FROM problems WHERE article_id NOT IN (SELECT id FROM chosen)")
    if only.site is not None:
        db.execute(
            "DELETE FROM problems WHERE crawl_id IN (SELECT id FROM crawls WHERE site <> ?)",
            (only.site,),
        )
    db.execute("CREATE TEMP TABLE kept AS SELECT id FROM chosen UNION SELECT target_id FROM links")
    db.execute("DELETE FROM aliases WHERE article_id NOT IN (SELECT id FROM kept)")
    db.execute("DELETE FROM articles WHERE id NOT IN (SELECT id FROM kept)")
    db.execute(f"UPDATE articles SET {AS_STUB} WHERE id NOT IN (SELECT id FROM chosen)")
    _drop_unused(db, only)
    db.execute("DROP TABLE chosen")
    db.execute("DROP TABLE kept")


def _present(db: sqlite3.Connection, tables: Iterable[str]) -> list[str]:
    """Those of the tables that the archive has: it may be older than this newscrawl."""
    there = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [table for table in tables if table in there]


def _drop_unused(db: sqlite3.Connection, only: Filter) -> None:
    """Captures of articles that are not there, and other sites' crawls, categories and rows."""
    db.execute(
        "DELETE FROM captures WHERE kind = 'article' AND id NOT IN"
        " (SELECT capture_id FROM revisions WHERE capture_id IS NOT NULL)"
    )
    if only.site is not None:
        db.execute(
            "DELETE FROM captures WHERE crawl_id IN (SELECT id FROM crawls WHERE site <> ?)",
            (only.site,),
        )
        db.execute(
            "DELETE FROM crawls WHERE site <> ? AND id NOT IN (SELECT last_crawl_id FROM links)",
            (only.site,),
        )
        db.execute("DELETE FROM categories WHERE site <> ? AND id NOT IN"
                   " (SELECT category_id FROM articles WHERE category_id IS NOT NULL)", (only.site,))  # fmt: skip
        db.execute("DELETE FROM sites WHERE site NOT IN (SELECT site FROM articles) AND site <> ?"
                   " AND site NOT IN (SELECT site FROM categories)", (only.site,))  # fmt: skip


def texts(db: sqlite3.Connection) -> Iterator[Removed]:
    """Every text that a release without texts leaves out, in a fixed order."""
    for (table, column), row in TEXTS.items():
        found = db.execute(f"SELECT {row}, {column} FROM {table} WHERE {column} <> '' ORDER BY rowid"
                           if table in ("articles", "bodies", "revisions") else
                           f"SELECT {row}, {column} FROM {table} WHERE {column} <> ''"
                           " ORDER BY crawl_id, category_id, page, position")  # fmt: skip
        for key, text in found:
            yield Removed(table, column, str(key), text_hash(text))


def remove_texts(db: sqlite3.Connection) -> None:
    """Takes all texts out; the full-text index goes with the bodies."""
    for table, column in TEXTS:
        if table == "bodies":
            db.execute("DELETE FROM bodies WHERE body <> ''")
        else:
            db.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} <> ''")


def want(db: sqlite3.Connection, removed: Iterable[Removed]) -> None:
    """Notes which texts are to be filled in."""
    db.execute("CREATE TEMP TABLE wanted (place TEXT, field TEXT, key TEXT, hash TEXT)")
    db.executemany(
        "INSERT INTO wanted VALUES (?, ?, ?, ?)",
        ((one.table, one.column, one.row, one.hash) for one in removed),
    )
    db.execute("CREATE INDEX temp.wanted_hash ON wanted(hash)")


def fill(db: sqlite3.Connection, text: str) -> int:
    """Puts a text where exactly this text was left out; the number of places."""
    hashed = text_hash(text)
    places = db.execute("SELECT place, field, key FROM wanted WHERE hash = ?", (hashed,)).fetchall()
    for place, field, key in places:
        if place == "bodies":
            db.execute("INSERT INTO bodies (article_id, body) VALUES (?, ?)", (int(key), text))
            continue
        columns = TEXTS[place, field].split(" || '/' || ")
        where = " AND ".join(f"{column} = ?" for column in columns)
        db.execute(
            f"UPDATE {place} SET {field} = ? WHERE {where}", (text, *map(int, key.split("/")))
        )
    db.execute("DELETE FROM wanted WHERE hash = ?", (hashed,))
    return len(places)


def still_wanted(db: sqlite3.Connection) -> list[Removed]:
    """The texts that were not found."""
    return [
        Removed(*row)
        for row in db.execute("SELECT place, field, key, hash FROM wanted ORDER BY rowid")
    ]


def pages_of(db: sqlite3.Connection) -> dict[str, str]:
    """Digest -> address of every page whose bytes were kept."""
    rows = db.execute(
        "SELECT payload_digest, url FROM captures WHERE payload_digest IS NOT NULL AND kind <> 'robots'"
        " AND status IN (200, 203) ORDER BY id"
    )
    return dict(tuple(row) for row in rows)


def compact(path: Path, target: Path) -> None:
    """The database at its smallest, in one file that needs no other, its full-text index made anew."""
    with closing(connect(path)) as db:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('optimize')")
        db.execute("VACUUM INTO ?", (str(target),))
    path.unlink()


def schema_sql(db: sqlite3.Connection) -> str:
    """The statements that make the schema; what SQLite and the migrations keep for themselves is left out."""
    own = "tbl_name NOT GLOB 'sqlite_*' AND tbl_name NOT GLOB '_*' AND tbl_name NOT GLOB 'articles_fts_*'"
    rows = db.execute(
        f"SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND {own} ORDER BY rowid"
    )
    return "".join(f"{row[0].strip()};\n" for row in rows)
