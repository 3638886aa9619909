"""A consistent copy of the database."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from newscrawl.core.boundaries import check_output
from newscrawl.core.errors import UsageError
from newscrawl.core.files import file_errors, part_of
from newscrawl.core.folder import ArchiveFolder
from newscrawl.store.connection import Connection, damaged, open_reader, translate

PAGES_AT_ONCE = 10_000  # that SQLite copies before Ctrl-C can end the copy
OF_SOURCE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def backup(folder: Path, target: Path) -> int:
    """Copies the database to `target`, even while a crawl writes; the size of the copy in bytes.

    `cp` would miss what is still in the write-ahead log. The copy is made beside the target, then
    renamed, so that an earlier backup of that name is kept until the new one is complete, and its
    pages are checked. ArchiveDamaged if some are broken.
    """
    database = ArchiveFolder(folder).database
    if target.exists() and database.exists() and target.samefile(database):
        raise UsageError(f"{target} is the database itself", "name another file")
    check_output(target, folder)
    if target.is_dir():
        raise UsageError(f"{target} is a folder", "name a file in it")
    if not target.absolute().parent.is_dir():
        raise UsageError(
            f"cannot write {target}: it is in a folder that does not exist",
            "name a file in a folder that exists",
        )
    part = part_of(target)
    with closing(open_reader(folder)) as db, file_errors("write", target):
        try:
            part.unlink(missing_ok=True)
            _copy_pages(db, part)
            with part.open("rb") as copy:
                os.fsync(copy.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return target.stat().st_size


def _copy_pages(db: Connection, target: Path) -> None:
    """Copies one state of the database, whatever is written to it meanwhile."""
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # the file is synced when it is complete
            # The state that a transaction sees. Without it, each write would restart the copy.
            db.execute("BEGIN")
            db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            db.backup(copy, pages=PAGES_AT_ONCE, progress=_let_signals_through)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
            result = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        is_of_source = error.sqlite_errorcode & 0xFF in OF_SOURCE
        raise translate(error, db.path if is_of_source else target) from error
    if result != "ok":
        raise damaged(db.path, str(result))


def _let_signals_through(*_: int) -> None:
    """Python handles signals only between two calls of SQLite."""
