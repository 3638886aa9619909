"""Whether the database still holds what was written to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.fingerprints import body_hash
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.store.connection import Connection, connect, open_reader
from newscrawl.store.read_only import can_write
from newscrawl.store.values import odd_values

# The exit codes of errors over what a database holds. Others are about the disk, or another run.
OF_CONTENT = frozenset({1, 2, 5})


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in the archive that differs from what was written.

    `code` says what kind of flaw it is, `message` what was found. `capture_id` is that of a capture
    whose raw page cannot be read.
    """

    code: str
    where: str
    message: str
    capture_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Where the raw bytes of a capture should be."""

    capture_id: int
    url: str
    warc_file: str
    offset: int
    length: int
    digest: str | None


def check_database(folder: Path) -> Iterator[Flaw]:
    """The flaws in a database: of SQLite's own checks, odd values, wrong texts, missing revisions.

    A text is wrong if it differs from its hash. SQLite does not notice a changed letter in a text.
    No flaw ends the search for others. ArchiveDamaged if the file is no database.
    """
    with (
        closing(open_reader(folder)) as db,
        closing(open_reader(folder)) as raw,
        closing(open_leniently(folder)) as lenient,
    ):
        yield from _all_of(_check_structure(db), DATABASE)
        yield from _all_of(_check_references(db), "references")
        yield from _all_of(_check_values(db, raw), "values")
        yield from _all_of(_check_texts(lenient, ArchiveFolder(folder).lacks_texts), "texts")
        yield from _all_of(_check_revisions(lenient), "revisions")


def open_leniently(folder: Path) -> Connection:
    """A read-only connection that gives every text, with U+FFFD for what is no UTF-8."""
    db = open_reader(folder)
    db.text_factory = partial(str, encoding="utf-8", errors="replace")
    return db


def _all_of(flaws: Iterator[Flaw], where: str) -> Iterator[Flaw]:
    """The flaws, and one more if SQLite cannot read on, or refuses a statement over the schema."""
    try:
        yield from flaws
    except NewscrawlError as error:
        if error.exit_code not in OF_CONTENT:
            raise
        yield Flaw("corrupt", where, error.message)


def _check_structure(db: sqlite3.Connection) -> Iterator[Flaw]:
    for (message,) in db.execute("PRAGMA quick_check"):
        if message != "ok":
            yield Flaw("corrupt", DATABASE, str(message))


def _check_references(db: sqlite3.Connection) -> Iterator[Flaw]:
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield Flaw(
            "foreign_key", f"{table} row {rowid}", f"points at a row that is not in {parent}"
        )


def _check_values(db: sqlite3.Connection, raw: sqlite3.Connection) -> Iterator[Flaw]:
    for odd in odd_values(db, raw):
        yield Flaw("value", f"{odd.table} {odd.row}, column {odd.column}", odd.message)


def _check_revisions(db: sqlite3.Connection) -> Iterator[Flaw]:
    rows = db.execute(
        "SELECT a.site || '/' || a.key FROM articles a WHERE a.revision > 0 AND NOT EXISTS"
        " (SELECT 1 FROM revisions r WHERE r.article_id = a.id AND r.revision = a.revision)"
    )
    for (article,) in rows:
        yield Flaw("no_revision", f"article {article}", "its newest revision is missing")


def _check_texts(db: sqlite3.Connection, may_be_absent: bool) -> Iterator[Flaw]:
    """Texts that differ from their hashes. No text is an empty text, unless it `may_be_absent`."""
    bodies = db.execute(
        "SELECT 'article ' || a.site || '/' || a.key, b.body, a.body_hash"
        " FROM bodies b JOIN articles a ON a.id = b.article_id"
        " WHERE typeof(a.body_hash) = 'text' AND typeof(b.body) = 'text'"
    )
    revisions = db.execute(
        "SELECT 'revision ' || r.revision || ' of ' || a.site || '/' || a.key, r.body, r.body_hash"
        " FROM revisions r JOIN articles a ON a.id = r.article_id"
        " WHERE typeof(r.body_hash) = 'text' AND typeof(r.body) IN ('text', 'null')"
    )
    for where, body, stored_hash in chain(bodies, revisions):
        if body is None and may_be_absent:
            continue
        actual_hash = body_hash(body or "")
        if actual_hash != stored_hash:
            yield Flaw(
                "body_hash",
                where,
                f"the text's hash is {actual_hash}, but the archive has {stored_hash}",
            )


def check_full_text(folder: Path) -> Iterator[Flaw]:
    """A flaw if the full-text index differs from the texts.

    SQLite checks this under a write lock, so it cannot be done during a crawl, and not where the
    database cannot be written: see `can_check_full_text`. The database is not changed: while it is
    open for reading too, closing it does not move the log of a killed run into it.
    """
    database = ArchiveFolder(folder).database
    has_log = database.with_name(f"{database.name}-wal").exists()
    with (
        closing(open_reader(folder)) if has_log else nullcontext(),
        closing(connect(database)) as db,
    ):
        try:
            db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")
        except NewscrawlError as error:
            if error.exit_code not in OF_CONTENT:
                raise
            message = "the index does not match the texts; rebuild makes a new one"
            if "malformed" not in error.message:
                message = error.message
            yield Flaw("full_text", "articles_fts", message)


def can_check_full_text(folder: Path) -> bool:
    """Whether the database and its folder can be written, which SQLite's check needs."""
    return can_write(ArchiveFolder(folder).database)


def pointers(db: sqlite3.Connection) -> Iterator[Pointer]:
    """Where the bytes of every capture should be, in the order of the files.

    Captures with values of another type are flaws of the database, and left out. `db` is a
    connection of `open_leniently`.
    """
    rows = db.execute(
        "SELECT id, url, warc_file, warc_offset, warc_length, payload_digest FROM captures"
        " WHERE typeof(warc_file) = 'text' AND typeof(warc_offset) = 'integer'"
        " AND typeof(warc_length) = 'integer' AND typeof(url) = 'text'"
        " AND typeof(payload_digest) IN ('text', 'null') ORDER BY warc_file, warc_offset"
    )
    for capture_id, url, warc_file, offset, length, digest in rows:
        yield Pointer(
            capture_id=capture_id,
            url=url,
            warc_file=warc_file,
            offset=offset,
            length=length,
            digest=digest,
        )
