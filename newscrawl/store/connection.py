"""Opening the archive's database: connections that raise newscrawl's errors instead of SQLite's.

One writer at a time: WAL, BEGIN IMMEDIATE, a wait of up to 30 s for another writer, foreign keys
on. Readers never create a database and never open a live one as immutable; store/read_only.py
decides how they open one that they cannot write.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep  # noqa: TID251
from typing import Any

from newscrawl.core.errors import (
    ArchiveDamaged,
    ArchiveLocked,
    NewscrawlError,
    StorageError,
    UsageError,
)
from newscrawl.core.files import file_errors
from newscrawl.core.folder import ArchiveFolder
from newscrawl.store.read_only import Access, access_to, can_write
from newscrawl.store.schema.migrations import NAMES, applied, migrate

BUSY_SECONDS = 30.0
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "cache_size=-32768",
    "wal_autocheckpoint=4000",
)
# The table of texts that are not in the index yet; see store.write.full_text.
WAITING = "CREATE TEMP TABLE waiting_bodies (article_id INTEGER PRIMARY KEY, body TEXT NOT NULL)"
# Enough for the upper pages of the trees of a million articles. With SQLite's default of 2 MB, each
# query reads these again and again.
CACHED_KILOBYTES = 8_000
# How long a reader that cannot write waits for a run that is opening or closing the database.
OPENING_SECONDS = 5.0
PAUSE_SECONDS = 0.05
LONGEST_SHOWN = 200  # characters of SQLite's message, which may contain a whole text
TO_LIST_FLAWS = (
    "list every flaw with newscrawl verify; then restore a backup, or make a new database:"
    " newscrawl rebuild --from-warc DIR"
)


# SQLite quotes a damaged schema in its messages, which then cannot be decoded.
FAILURES = (sqlite3.Error, UnicodeDecodeError)


class Interrupted(NewscrawlError):
    """A query was stopped by the time limit of its connection (see store.read.limits)."""


class BrokenValue(ArchiveDamaged):
    """A value that SQLite cannot read as what it should be; store.values finds its row."""


class RowRefused(NewscrawlError):
    """A row breaks a rule of the schema. Its transaction is rolled back."""


class Cursor(sqlite3.Cursor):
    """A cursor that raises newscrawl's errors: on execution, and on each row that is read later."""

    connection: Connection

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        try:
            return super().execute(sql, parameters)
        except FAILURES as error:
            raise translate(error, self.connection.path) from error

    def executemany(self, sql: str, parameters: Any, /) -> Cursor:
        try:
            return super().executemany(sql, parameters)
        except FAILURES as error:
            raise translate(error, self.connection.path) from error

    def executescript(self, script: str, /) -> Cursor:
        try:
            super().executescript(script)
        except FAILURES as error:
            raise translate(error, self.connection.path) from error
        return self

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except FAILURES as error:
            raise translate(error, self.connection.path) from error

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except FAILURES as error:
            raise translate(error, self.connection.path) from error

    def fetchmany(self, size: int | None = None) -> list[Any]:
        try:
            return super().fetchmany(self.arraysize if size is None else size)
        except FAILURES as error:
            raise translate(error, self.connection.path) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except FAILURES as error:
            raise translate(error, self.connection.path) from error


class Connection(sqlite3.Connection):
    """A connection whose cursors raise newscrawl's errors.

    `path`: the database file, for messages. `access`: how it was opened for reading alone.
    """

    path: Path
    access: Access | None = None

    def cursor(self, factory: Any = Cursor) -> Any:
        return super().cursor(factory)

    # SQLite's own three make a plain cursor, whatever `cursor` gives.
    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        return super().cursor(Cursor).execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Cursor:
        return super().cursor(Cursor).executemany(sql, parameters)

    def executescript(self, script: str, /) -> Cursor:
        return super().cursor(Cursor).executescript(script)

    def close(self) -> None:
        """Closes the connection.

        ArchiveLocked if the database was read without locks, and written meanwhile.
        """
        super().close()
        access, self.access = self.access, None
        if access is not None:
            access.check()


def connect(path: Path, access: Access | None = None) -> Connection:
    """A connection in autocommit mode; StorageError where the file cannot be opened.

    `access`: how to open it for reading alone. Several threads may then use the connection, one at
    a time.
    """
    try:
        connection = sqlite3.connect(
            str(path) if access is None else access.uri,
            uri=access is not None,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=access is None,
            factory=Connection,
        )
    except sqlite3.Error as error:
        raise translate(error, path) from error
    connection.path = path
    connection.access = access
    return connection


def open_writer(folder: Path) -> Connection:
    """A connection that may write.

    Makes the folder and the database, and brings the schema up to date.
    """
    path = ArchiveFolder(folder).database
    with file_errors("write", path):
        folder.mkdir(parents=True, exist_ok=True)
    connection = connect(path)
    try:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        _migrate(connection)
        # After the migrations, so that an index that these make is sorted in a file.
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(WAITING)
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def copy_into(db: Connection, target: Path) -> None:
    """Writes a consistent, compact copy of the database to a file that does not exist yet.

    Errors are about the copy.
    """
    db.path = target
    name = str(target)
    if _is_utf8(target):
        db.execute("VACUUM INTO ?", (name,))
        return
    # SQLite takes the name as UTF-8 text only: it gets a short one, in the folder of the target.
    beside = f".newscrawl-{os.getpid()}.part"
    here = Path.cwd()
    try:
        os.chdir(target.parent)
        db.execute("VACUUM INTO ?", (beside,))
        Path(beside).replace(target.name)
    finally:
        Path(beside).unlink(missing_ok=True)
        os.chdir(here)


def attach(db: Connection, path: Path, name: str) -> None:
    """Makes the tables of another database available under a schema's name."""
    # A blob is taken byte by byte as the path, which need not be UTF-8.
    db.execute(f"ATTACH ? AS {name}", (str(path) if _is_utf8(path) else os.fsencode(path),))


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def sort_in_files(db: sqlite3.Connection) -> None:
    """For a writer that will sort or copy more than fits into memory; outside of a transaction."""
    db.execute("PRAGMA temp_store = FILE")
    db.execute(WAITING)  # the change has deleted it


def open_reader(folder: Path) -> Connection:
    """A read-only connection to an archive; UsageError if there is none."""
    path = ArchiveFolder(folder).database
    if not path.is_file():
        raise UsageError(
            f"no archive in {folder} (expected {path.name} there)", _how_to_make(folder)
        )
    deadline = monotonic() + OPENING_SECONDS
    while True:
        try:
            return _open_reader(path)
        except (StorageError, ArchiveLocked):
            # A run that begins or ends meanwhile creates or deletes the files beside the database.
            if can_write(path) or monotonic() > deadline:
                raise
        sleep(PAUSE_SECONDS)


def open_plain(folder: Path) -> sqlite3.Connection:
    """A read-only connection for libraries, which expect SQLite's own errors and rows.

    UsageError if there is no archive.
    """
    open_reader(folder).close()
    path = ArchiveFolder(folder).database
    try:
        return sqlite3.connect(
            access_to(path).uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise translate(error, path) from error


def _open_reader(path: Path) -> Connection:
    connection = connect(path, access_to(path))
    connection.row_factory = sqlite3.Row
    try:
        connection.execute(f"PRAGMA cache_size = -{CACHED_KILOBYTES}")
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE name IN ('articles', 'bodies', 'revisions')"
        ).fetchall()
        names = {row["name"] for row in tables}
        if names and "articles" not in names:
            raise damaged(path, "the table articles is missing")
        if not names:
            raise UsageError(
                f"{path} is not a newscrawl archive", "name its folder with --archive DIR"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _how_to_make(folder: Path) -> str:
    if folder == Path("data"):
        return "make one with: newscrawl demo"
    return f"check the name; or: newscrawl --archive {shlex.quote(str(folder))} crawl SITE"


def translate(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> NewscrawlError:
    """The exception for an SQLite error.

    RowRefused for a row that breaks a rule of the schema, NewscrawlError itself for a mistake in
    our own SQL.
    """
    text = str(error)
    if isinstance(error, UnicodeDecodeError):
        return damaged(path, "its schema is not UTF-8")
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary == sqlite3.SQLITE_FULL or "disk is full" in text:
        return StorageError(
            f"cannot write {path}: disk full ({_free_megabytes(path)} MB free)",
            "free some space and run again",
        )
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return StorageError(
            f"cannot use {path}: {text}",
            "check the disk, the folder's permissions and its free space",
        )
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, text)
    if "Could not decode to UTF-8" in text or "malformed JSON" in text:
        return BrokenValue(f"{path} is damaged: {text[:LONGEST_SHOWN]}", TO_LIST_FLAWS)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveLocked(
            f"another program has been writing {path} for {BUSY_SECONDS:.0f} s",
            "wait for it to finish and run again",
        )
    if primary == sqlite3.SQLITE_INTERRUPT:
        return Interrupted(
            "the database stopped a query that took too long", "ask for less at a time"
        )
    if text.startswith("no such ") and _is_older(path):
        return UsageError(
            f"{path} was made by an older newscrawl ({text})",
            "the next crawl, reextract or rebuild brings it up to date",
        )
    refusal = RowRefused if isinstance(error, sqlite3.IntegrityError) else NewscrawlError
    return refusal(f"the database refused a statement: {text}")


def _is_older(path: Path) -> bool:
    """Whether the database lacks migrations of this newscrawl."""
    try:
        with closing(connect(path, access_to(path))) as db:
            return not set(NAMES) <= set(applied(db))
    except NewscrawlError:
        return True


def damaged(path: Path, result: str) -> ArchiveDamaged:
    """The error of a corrupt database, with what to do about it.

    `result` is what SQLite reports.
    """
    return ArchiveDamaged(
        f"{path} is damaged ({result.splitlines()[-1]}); nothing was written to it",
        f"move all its files ({path.name}*) away together, and make a new one:"
        " newscrawl rebuild --from-warc DIR",
    )


def _free_megabytes(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free // 1_000_000
    except OSError:
        return 0


def _migrate(connection: Connection) -> None:
    """Brings the schema up to date.

    UsageError for a database of a later newscrawl, whose rules are not known.
    """
    names = set(applied(connection))
    later = sorted(names - set(NAMES))
    if later:
        raise UsageError(
            f"{connection.path} was made by a later newscrawl (migration {later[0]})",
            "upgrade newscrawl",
        )
    if len(names) < len(NAMES):
        migrate(connection)
