"""Whether the database still holds what was written to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.fingerprints import body_hash
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.store.connection import connect


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in the archive that differs from what was written.

    `code` says what kind of flaw it is, `message` what was found.
    """

    code: str
    where: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Where the raw bytes of a capture should be."""

    capture_id: int
    url: str
    warc_file: str
    offset: int
    length: int
    digest: str | None


def check_database(db: sqlite3.Connection) -> Iterator[Flaw]:
    """The flaws in a database: of SQLite's own checks, then wrong texts, then missing revisions.

    A text is wrong if it differs from its hash. SQLite does not notice a changed letter in a text.
    """
    for (message,) in db.execute("PRAGMA quick_check"):
        if message != "ok":
            yield Flaw("corrupt", DATABASE, str(message))
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield Flaw(
            "foreign_key", f"{table} row {rowid}", f"points at a row that is not in {parent}"
        )
    yield from _check_texts(db)
    rows = db.execute(
        "SELECT a.site || '/' || a.key FROM articles a WHERE a.revision > 0 AND NOT EXISTS"
        " (SELECT 1 FROM revisions r WHERE r.article_id = a.id AND r.revision = a.revision)"
    )
    for (article,) in rows:
        yield Flaw("no_revision", f"article {article}", "its newest revision is missing")


def _check_texts(db: sqlite3.Connection) -> Iterator[Flaw]:
    bodies = db.execute(
        "SELECT 'article ' || a.site || '/' || a.key, b.body, a.body_hash"
        " FROM bodies b JOIN articles a ON a.id = b.article_id WHERE a.body_hash IS NOT NULL"
    )
    revisions = db.execute(
        "SELECT 'revision ' || r.revision || ' of ' || a.site || '/' || a.key, r.body, r.body_hash"
        " FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.body_hash IS NOT NULL"
    )
    for where, body, stored_hash in chain(bodies, revisions):
        actual_hash = body_hash(body or "")
        if actual_hash != stored_hash:
            yield Flaw(
                "body_hash",
                where,
                f"the text's hash is {actual_hash}, but the archive has {stored_hash}",
            )


def check_full_text(folder: Path) -> Iterator[Flaw]:
    """A flaw if the full-text index differs from the texts.

    SQLite checks this under a write lock, so it cannot be done during a crawl.
    """
    with closing(connect(ArchiveFolder(folder).database)) as db:
        try:
            db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")
        except ArchiveDamaged as error:
            if "malformed" not in error.message:
                raise
            yield Flaw(
                "full_text",
                "articles_fts",
                "the index does not match the texts; rebuild makes a new one",
            )


def pointers(db: sqlite3.Connection) -> Iterator[Pointer]:
    """Where the bytes of every capture should be, in the order of the files."""
    rows = db.execute(
        "SELECT id, url, warc_file, warc_offset, warc_length, payload_digest FROM captures"
        " WHERE warc_file IS NOT NULL ORDER BY warc_file, warc_offset"
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
