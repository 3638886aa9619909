"""Limits for connections that run queries of strangers, so that none can occupy the machine."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# No text in an archive is longer (a page has at most 16 MiB). `randomblob(1000000000)` is refused
# immediately.
LONGEST_VALUE = 8_000_000
LONGEST_STATEMENT = 100_000
# Virtual machine instructions between two looks at the clock, about 0.1 ms.
STEPS_BETWEEN_LOOKS = 1000
GRACE_SECONDS = 0.5
MOST_COUNTED = 10_000  # rows of a table: of long texts, this is a twentieth of a second


def bound(db: sqlite3.Connection) -> None:
    """Limits the lengths of values, statements and patterns; no other file can be attached."""
    for limit, value in (
        (sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE),
        (sqlite3.SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT),
        (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
        (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    ):
        db.setlimit(limit, value)


def stop_after(db: sqlite3.Connection, seconds: float) -> None:
    """From now on, a query of this connection ends with Interrupted when this time is over."""
    deadline = time.monotonic() + seconds
    db.set_progress_handler(lambda: time.monotonic() >= deadline, STEPS_BETWEEN_LOOKS)


@contextmanager
def interrupted_after(db: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Interrupts a query of the block soon after this time, whatever it does.

    SQLite looks at a clock only between steps of a query (stop_after, and Datasette does the same),
    and one step on long values can take far longer.
    """
    timer = threading.Timer(seconds + GRACE_SECONDS, db.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def cpu_limit(seconds: float) -> Callable[[], bool]:
    """Says whether this thread has used so many seconds of CPU from now on."""
    end = time.thread_time() + seconds
    return lambda: time.thread_time() > end


def count_few(db: sqlite3.Connection, table: str) -> int | None:
    """How many rows a table has; None if its ids may be those of very many, or it has none."""
    name = '"' + table.replace('"', '""') + '"'
    try:
        # The full-text index would be read as a whole for max(rowid).
        last = db.execute(f"SELECT rowid FROM {name} ORDER BY rowid DESC LIMIT 1").fetchone()
        if last is not None and last[0] > MOST_COUNTED:
            return None
        return int(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
    except sqlite3.OperationalError:
        return None


def is_count(statement: str) -> bool:
    """Whether a statement only counts the rows of a table or view, as Datasette writes it."""
    return statement.startswith("select count(*) from ")
