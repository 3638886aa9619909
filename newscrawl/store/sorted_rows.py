"""Rows in a temporary file, which may be more than fit into memory, and are sorted when read."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing

AT_ONCE = 1_000  # rows that are written together
# SQLite's pages in memory. Of more, it writes some to its file, also while it sorts.
CACHED_KILOBYTES = 4_000


class SortedRows:
    """Rows of values with named columns. The file is deleted with the last reference."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        self._insert = f"INSERT INTO rows VALUES ({marks})"
        self._new: list[Sequence[object]] = []
        self._written = 0
        # An empty name stands for a file without one, which SQLite makes when its memory is full.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._db.close)
        self._db.execute(f"PRAGMA cache_size = -{CACHED_KILOBYTES}")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute(f"CREATE TABLE rows ({self._columns})")

    def __len__(self) -> int:
        return self._written + len(self._new)

    def add(self, row: Sequence[object]) -> None:
        """Adds a row, with a value for each column."""
        self._new.append(row)
        if len(self._new) >= AT_ONCE:
            self._write()

    def sorted(self, order: str, most: int | None = None) -> Iterator[tuple[object, ...]]:
        """The rows, or the first ones, in the order of an SQL expression, then as they were added.

        No row may be added meanwhile.
        """
        self._write()
        rows = self._db.execute(
            f"SELECT {self._columns} FROM rows ORDER BY {order}, rowid LIMIT ?",
            (-1 if most is None else most,),
        )
        with closing(rows):
            yield from rows

    def _write(self) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(self._insert, self._new)
        self._db.execute("COMMIT")
        self._written += len(self._new)
        self._new = []
