"""What keeps a database fast and small as it grows: finding what is due, and doing it."""

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
from newscrawl.store.connection import open_reader, open_writer, sort_in_files

# A search looks into each segment of the full-text index. Each transaction adds one, and merging
# them rewrites the whole index. Up to this many are left as they are.
MOST_SEGMENTS = 4
# Free pages are used by what is stored next, so freeing a few only moves the file about.
FREE_SHARE = 0.2
# Rows of each index: enough to choose between indexes, and it takes no longer in a large archive.
ROWS_ANALYSED = 1000

Task = Literal["full text", "space", "statistics", "log"]


@dataclass(frozen=True, slots=True)
class Step:
    """One task: whether it is (or was) done, and the figures that explain why, or the result."""

    task: Task
    done: bool
    said: str


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a database in pages, those of them that are free, and the bytes of one page."""

    pages: int
    free_pages: int
    page_bytes: int


def database_bytes(folder: Path) -> int:
    """The size of the database with its write-ahead log."""
    files = (ArchiveFolder(folder).database, _log(folder))
    return sum(path.stat().st_size for path in files if path.exists())


def due(folder: Path) -> list[Step]:
    """What `maintain` would do now; writes nothing. UsageError if there is no archive."""
    with closing(open_reader(folder)) as db:
        segments = _count_segments(db)
        return [
            Step("full text", segments > MOST_SEGMENTS, _segments_left(segments)),
            _space(db, folder),
            Step("statistics", True, "statistics of the indexes"),
            Step("log", _log_bytes(folder) > 0, _megabytes(_log_bytes(folder))),
        ]


def maintain(folder: Path) -> Iterator[Step]:
    """Does what is due, each step as it ends.

    The caller holds the archive's lock; readers may continue to read.
    """
    # VACUUM writes a copy of the whole database. By default it would be in the system's folder for
    # temporary files, which is often small or in memory.
    os.environ["SQLITE_TMPDIR"] = str(folder)
    with closing(open_writer(folder)) as db:
        yield _merge_full_text(db)
        yield _vacuum(db, folder)
        db.execute(f"PRAGMA analysis_limit = {ROWS_ANALYSED}")
        db.execute("ANALYZE")
        yield Step("statistics", True, "statistics of the indexes: written again")
        yield _empty_log(db, folder)


def _merge_full_text(db: sqlite3.Connection) -> Step:
    before = _count_segments(db)
    if before <= MOST_SEGMENTS:
        return Step("full text", False, _segments_left(before))
    db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('optimize')")
    return Step("full text", True, f"segments: {before} before, {_count_segments(db)} now")


def _segments_left(segments: int) -> str:
    return f"segments: {segments}, up to {MOST_SEGMENTS} are left as they are"


def _vacuum(db: sqlite3.Connection, folder: Path) -> Step:
    step = _space(db, folder)
    if not step.done:
        return step
    before = _size(db)
    sort_in_files(db)
    db.execute("VACUUM")
    freed = (before.pages - _size(db).pages) * before.page_bytes
    return Step("space", True, f"{_megabytes(freed)} freed")


def _empty_log(db: sqlite3.Connection, folder: Path) -> Step:
    before = _megabytes(_log_bytes(folder))
    is_busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if is_busy:
        return Step("log", False, f"{before}: left, because another program is reading it")
    return Step("log", True, f"{before} written to the database")


def _space(db: sqlite3.Connection, folder: Path) -> Step:
    """Whether enough pages are free, and whether the disk has room for two copies of the others."""
    size = _size(db)
    free = f"{size.free_pages * size.page_bytes / 1e6:,.1f}"
    figures = f"{free} of {_megabytes(size.pages * size.page_bytes)} are free"
    if size.free_pages < FREE_SHARE * size.pages:
        return Step("space", False, f"{figures}: left, because that is less than {FREE_SHARE:.0%}")
    needed = 2 * (size.pages - size.free_pages) * size.page_bytes
    missing = needed - shutil.disk_usage(folder).free
    if missing > 0:
        return Step(
            "space",
            False,
            f"{figures}: left, because the disk lacks {missing / 1e6:,.0f} MB to free them",
        )
    return Step("space", True, figures)


def _count_segments(db: sqlite3.Connection) -> int:
    """The segments of the full-text index."""
    return int(db.execute("SELECT count(DISTINCT segid) FROM articles_fts_idx").fetchone()[0])


def _size(db: sqlite3.Connection) -> Size:
    return Size(
        pages=_pragma(db, "page_count"),
        free_pages=_pragma(db, "freelist_count"),
        page_bytes=_pragma(db, "page_size"),
    )


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _log(folder: Path) -> Path:
    return folder / f"{DATABASE}-wal"


def _log_bytes(folder: Path) -> int:
    log = _log(folder)
    return log.stat().st_size if log.exists() else 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
