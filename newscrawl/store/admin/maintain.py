"""What keeps a database quick and small as it grows: what of it is due, and doing it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.store.connection import (
    open_reader,
    open_writer,
    sort_in_files,
)

# A search looks into each piece of the full-text index. Each transaction makes one, and joining all rewrites the index
# as a whole: up to so many are left as they are.
MOST_PIECES = 4
# Free pages are used by what is stored next, so giving back a few only moves the file about.
FREE_SHARE = 0.2
# Of each index; enough to choose between indexes, and it takes no longer on a big archive than on a small one.
ROWS_ANALYSED = 1000

Task = Literal["full text", "space", "statistics", "log"]


@dataclass(frozen=True, slots=True)
class Step:
    """One task: whether it is (or was) done, and the figures that say why, or what came of it."""

    task: Task
    done: bool
    said: str


def database_bytes(folder: Path) -> int:
    """The size of the database with its write-ahead log."""
    return sum(
        path.stat().st_size
        for path in (ArchiveFolder(folder).database, _log(folder))
        if path.exists()
    )


def due(folder: Path) -> list[Step]:
    """What `maintain` would do now; nothing is written. UsageError where there is no archive."""
    with closing(open_reader(folder)) as db:
        pieces = _pieces(db)
        full_text = Step(
            "full text", pieces > MOST_PIECES, f"pieces: {pieces}, up to {MOST_PIECES} are left"
        )
        statistics = Step("statistics", True, "what each index holds")
        return [
            full_text,
            _space(db, folder),
            statistics,
            Step("log", _log_bytes(folder) > 0, _megabytes(folder)),
        ]


def maintain(folder: Path) -> Iterator[Step]:
    """Does what is due, each step as it ends. The caller holds the archive's lock; readers may go on reading."""
    # VACUUM writes a whole copy of the database. Where it is would else be the system's folder for such files, which
    # is often small, or in memory.
    os.environ["SQLITE_TMPDIR"] = str(folder)
    with closing(open_writer(folder)) as db:
        yield _join_full_text(db)
        yield _vacuum(db, folder)
        db.execute(f"PRAGMA analysis_limit = {ROWS_ANALYSED}")
        db.execute("ANALYZE")
        yield Step("statistics", True, "what each index holds: written anew")
        yield _empty_log(db, folder)


def _join_full_text(db: sqlite3.Connection) -> Step:
    before = _pieces(db)
    if before <= MOST_PIECES:
        return Step("full text", False, f"pieces: {before}, up to {MOST_PIECES} are left")
    db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('optimize')")
    return Step("full text", True, f"pieces: {before} before, {_pieces(db)} now")


def _vacuum(db: sqlite3.Connection, folder: Path) -> Step:
    step = _space(db, folder)
    if not step.done:
        return step
    before = _pages(db)[0]
    sort_in_files(db)
    db.execute("VACUUM")
    pages, _, size = _pages(db)
    return Step("space", True, f"{(before - pages) * size / 1e6:,.1f} MB given back")


def _empty_log(db: sqlite3.Connection, folder: Path) -> Step:
    before = _megabytes(folder)
    busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        return Step("log", False, f"{before}: left, since another program is reading what is in it")
    return Step("log", True, f"{before} written into the database")


def _space(db: sqlite3.Connection, folder: Path) -> Step:
    """Whether giving back free pages pays, and whether the disk has room for two copies of what is left."""
    pages, free, size = _pages(db)
    figures = f"{free * size / 1e6:,.1f} of {pages * size / 1e6:,.1f} MB are free"
    if free < FREE_SHARE * pages:
        return Step("space", False, f"{figures}: left, since that is under {FREE_SHARE:.0%}")
    needed, there = 2 * (pages - free) * size, shutil.disk_usage(folder).free
    if there < needed:
        return Step(
            "space",
            False,
            f"{figures}: left, since the disk lacks {(needed - there) / 1e6:,.0f} MB to do it",
        )
    return Step("space", True, figures)


def _pieces(db: sqlite3.Connection) -> int:
    """Of the full-text index: SQLite's segments."""
    return int(db.execute("SELECT count(DISTINCT segid) FROM articles_fts_idx").fetchone()[0])


def _pages(db: sqlite3.Connection) -> tuple[int, int, int]:
    """(pages, free pages, bytes of a page)."""
    pages, free, size = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return pages, free, size


def _log(folder: Path) -> Path:
    return folder / f"{DATABASE}-wal"


def _log_bytes(folder: Path) -> int:
    return _log(folder).stat().st_size if _log(folder).exists() else 0


def _megabytes(folder: Path) -> str:
    return f"{_log_bytes(folder) / 1e6:,.1f} MB"
