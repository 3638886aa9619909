"""Looking after the database as a whole: a consistent copy, and whether it still says what it said."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged, UsageError
from newscrawl.core.files import file_errors, part_of
from newscrawl.core.fingerprints import body_hash
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.store.connection import connect, open_reader


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in the archive that is not as it was written: what kind, where, and what was found."""

    code: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the raw bytes of a capture should be."""

    capture_id: int
    url: str
    warc_file: str
    offset: int
    length: int
    digest: str | None


def backup(folder: Path, target: Path) -> int:
    """A consistent copy of the database at `target`, also while a crawl writes; its size in bytes.

    `cp` would miss what is still in the write-ahead log. The copy is made beside the target, then renamed,
    so that an earlier backup of that name stays whole until the new one is.
    """
    if (
        target.exists()
        and ArchiveFolder(folder).database.exists()
        and target.samefile(ArchiveFolder(folder).database)
    ):
        raise UsageError(f"{target} is the database itself", "name another file")
    if target.is_dir():
        raise UsageError(f"{target} is a folder", "name a file in it")
    if not target.absolute().parent.is_dir():
        hint = "name a file in a folder that exists"
        raise UsageError(f"cannot write {target}: it is in a folder that does not exist", hint)
    part = part_of(target)
    with closing(open_reader(folder)) as db, file_errors("write", target):
        try:
            part.unlink(missing_ok=True)
            db.path = target  # what fails is the writing of the copy
            db.execute("VACUUM INTO ?", (str(part),))
            with part.open("rb") as copy:
                os.fsync(copy.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return target.stat().st_size


def check_database(db: sqlite3.Connection) -> Iterator[Flaw]:
    """SQLite's own check, foreign keys, and every body against its hash (SQLite does not see a flipped letter)."""
    for (message,) in db.execute("PRAGMA quick_check"):
        if message != "ok":
            yield Flaw("corrupt", DATABASE, str(message))
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield Flaw(
            "foreign_key", f"{table} row {rowid}", f"points at a row that is not in {parent}"
        )
    bodies = db.execute(
        "SELECT 'article ' || a.site || '/' || a.key, b.body, a.body_hash FROM bodies b JOIN articles a"
        " ON a.id = b.article_id WHERE a.body_hash IS NOT NULL"
    )
    revisions = db.execute(
        "SELECT 'revision ' || r.revision || ' of ' || a.site || '/' || a.key, r.body, r.body_hash FROM revisions r"
        " JOIN articles a ON a.id = r.article_id WHERE r.body_hash IS NOT NULL"
    )
    for rows in (bodies, revisions):
        for where, body, expected in rows:
            found = body_hash(body or "")
            if found != expected:
                yield Flaw(
                    "body_hash", where, f"the text's hash is {found}, the archive says {expected}"
                )
    for where, in db.execute(
        "SELECT a.site || '/' || a.key FROM articles a WHERE a.revision > 0 AND NOT EXISTS"
        " (SELECT 1 FROM revisions r WHERE r.article_id = a.id AND r.revision = a.revision)"
    ):  # fmt: skip
        yield Flaw("no_revision", f"article {where}", "its newest revision is missing")


def check_full_text(folder: Path) -> Iterator[Flaw]:
    """Whether the full-text index says the same as the texts. SQLite does this under a write lock: not in a crawl."""
    with closing(connect(ArchiveFolder(folder).database)) as db:
        try:
            db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")
        except ArchiveDamaged as error:
            if "malformed" not in error.message:
                raise
            yield Flaw(
                "full_text",
                "articles_fts",
                "the index does not fit the texts; rebuild makes a new one",
            )


def pointers(db: sqlite3.Connection) -> Iterator[Pointer]:
    """Where every capture says that its bytes are, in the order of the files."""
    rows = db.execute(
        "SELECT id, url, warc_file, warc_offset, warc_length, payload_digest FROM captures"
        " WHERE warc_file IS NOT NULL ORDER BY warc_file, warc_offset"
    )
    for row in rows:
        yield Pointer(*row)
