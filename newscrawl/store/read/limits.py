"""Limits for connections that run queries of strangers, so that none can occupy the machine."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

# No text in an archive is longer (a page has at most 16 MiB). `randomblob(1000000000)` is refused
# immediately.
LONGEST_VALUE = 8_000_000
LONGEST_STATEMENT = 100_000
# Virtual machine instructions between two looks at the clock, about 0.1 ms.
STEPS_BETWEEN_LOOKS = 1000
GRACE_SECONDS = 0.5
# How Datasette counts the rows of a table.
COUNT = "select count(*) from "
# Rows that are looked at for an estimate, and how many of them it needs: 30 of 1,000 give a number
# that is rarely wrong by more than a third.
SAMPLED, LEAST_FOUND = 1_000, 30
# Rows of each of all tables, and of one: of long texts, a twentieth of a second.
MOST_COUNTED, MOST_COUNTED_ALONE = 10_000, 50_000


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


def is_long_count(db: sqlite3.Connection, statement: str) -> bool:
    """Whether a statement of is_count() counts a whole table with very many ids.

    SQLite counts it in one step, which a time limit does not end.
    """
    table = statement.removeprefix(COUNT).strip()
    if " where " in statement or not _is_table(db, table):
        return False
    last = db.execute(f"SELECT rowid FROM {table} ORDER BY rowid DESC LIMIT 1").fetchone()
    return last is not None and int(last[0]) > MOST_COUNTED_ALONE


def _is_table(db: sqlite3.Connection, quoted: str) -> bool:
    """False for a view, whose rows have no ids. `quoted`: `articles` or `[name of a table]`."""
    found = db.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (quoted.strip("[]"),)
    )
    return found.fetchone() is not None


def estimate_rows(
    db: sqlite3.Connection, statement: str, values: Mapping[str, object]
) -> int | None:
    """About how many rows a statement of is_count() counts, from SAMPLED rows of its table.

    None for a view, which has no ids, and if too few of the sampled rows are counted.
    """
    table, _, conditions = statement.removeprefix(COUNT).partition(" where ")
    if not _is_table(db, table.strip()):
        return None
    try:
        first = db.execute(f"SELECT rowid FROM {table} ORDER BY rowid LIMIT 1").fetchone()
        last = db.execute(f"SELECT rowid FROM {table} ORDER BY rowid DESC LIMIT 1").fetchone()
        if first is None:
            return None
        ids = range(first[0], last[0] + 1)
        step = max(1, len(ids) // SAMPLED)
        sampled = len(ids[::step])
        found = db.execute(
            f"{COUNT}{table} WHERE rowid IN (SELECT value FROM json_each(:sampled_ids))"
            f" AND ({conditions or 1})",
            {**values, "sampled_ids": json.dumps(list(ids[::step]))},
        ).fetchone()[0]
    except sqlite3.OperationalError:
        return None
    return _rounded(len(ids) * found / sampled) if found >= LEAST_FOUND else None


def _rounded(number: float) -> int:
    """The number with two digits that are not zero."""
    return int(float(f"{number:.1e}"))


def is_count(statement: str) -> bool:
    """Whether a statement only counts the rows of a table or view, as Datasette writes it."""
    return statement.startswith(COUNT)
