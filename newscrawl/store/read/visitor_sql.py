"""One SELECT of somebody who may not know, or not mean well, within limits."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from newscrawl.core.errors import NewscrawlError, UsageError
from newscrawl.store.connection import Interrupted
from newscrawl.store.read.limits import interrupted_after, stop_after

MOST_CHARACTERS = 2_000_000  # of all texts and blobs of a result
# What a statement begins with that only reads, after comments and opening parentheses.
READING = re.compile(
    r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\()*+(?:select|with|values|explain)\b",
    re.IGNORECASE | re.DOTALL,
)
# The connection cannot write; these would change how it reads.
REFUSED = frozenset({sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})
# The full-text index asks for it, to see whether another connection has written.
HARMLESS_PRAGMA = "data_version"


def run_select(
    db: sqlite3.Connection, statement: str, *, most_rows: int, seconds: float
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """The names of the columns, and the first rows, at most `most_rows`.

    UsageError for a statement that is not a SELECT, that SQLite does not understand, that takes
    longer than `seconds`, or whose result is too large.
    """
    if READING.match(statement) is None:
        raise UsageError("this is not a SELECT", "only reading is possible")
    db.set_authorizer(_authorize)
    stop_after(db, seconds)
    try:
        with interrupted_after(db, seconds):
            cursor = db.execute(statement)
            columns = tuple(column[0] for column in cursor.description)
            return columns, _rows(cursor, most_rows)
    except Interrupted as error:
        raise UsageError(
            f"the query took longer than {seconds:.0f} seconds", "request less (WHERE, LIMIT)"
        ) from error
    except NewscrawlError as error:
        if error.exit_code != NewscrawlError.exit_code:
            raise
        raise UsageError(error.message, "write one SELECT in the SQL of SQLite") from error
    finally:
        db.set_authorizer(None)


def _rows(cursor: sqlite3.Cursor, most_rows: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    left = MOST_CHARACTERS
    for row in cursor:
        values = tuple(row)
        left -= sum(len(value) for value in values if isinstance(value, str | bytes))
        if left < 0:
            raise UsageError(
                f"the result is larger than {MOST_CHARACTERS:,} characters",
                "select fewer or shorter columns",
            )
        rows.append(values)
        if len(rows) == most_rows:
            break
    return rows


def _authorize(action: int, first: str | None, *_: str | None) -> int:
    """Whether a part of a statement may be run."""
    is_refused = action in REFUSED and first != HARMLESS_PRAGMA
    return sqlite3.SQLITE_DENY if is_refused else sqlite3.SQLITE_OK
