"""A connection raises newscrawl's errors: for statements, and however their rows are read."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.errors import ArchiveDamaged, NewscrawlError, StorageError
from newscrawl.store.connection import (
    Connection,
    Cursor,
    Interrupted,
    connect,
    open_reader,
    open_writer,
)
from newscrawl.store.read.limits import stop_after

# The hundredth row cannot be computed: the error comes when it is read, not when the query begins.
ROWS = (
    "WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 100)"
    " SELECT iif(n = 100, abs(-9223372036854775808), n) FROM numbers"
)
READERS: dict[str, Callable[[Cursor], Any]] = {
    "for": list,
    "next": lambda cursor: [next(cursor) for _ in range(100)],
    "fetchone": lambda cursor: [cursor.fetchone() for _ in range(100)],
    "fetchmany": lambda cursor: [cursor.fetchmany(9) for _ in range(100)],
    "fetchall": lambda cursor: cursor.fetchall(),
}
WRITERS: dict[str, Callable[[Connection], Any]] = {
    "execute": lambda db: db.execute("INSERT INTO sites (site) VALUES (NULL)"),
    "executemany": lambda db: db.executemany("INSERT INTO sites (site) VALUES (?)", [(None,)]),
    "executescript": lambda db: db.executescript("INSERT INTO sites (site) VALUES (NULL)"),
    "cursor": lambda db: db.cursor().execute("INSERT INTO sites (site) VALUES (NULL)"),
}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    with closing(open_writer(tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize("name", READERS)
def test_error_in_a_later_row_is_translated(db: Connection, name: str) -> None:
    cursor = db.execute(ROWS)
    with pytest.raises(NewscrawlError, match="integer overflow") as raised:
        READERS[name](cursor)
    assert isinstance(raised.value.__cause__, sqlite3.Error)


@pytest.mark.parametrize("name", WRITERS)
def test_error_of_a_statement_is_translated(db: Connection, name: str) -> None:
    with pytest.raises(NewscrawlError, match="NOT NULL"):
        WRITERS[name](db)


def test_rows_are_those_of_sqlite(db: Connection) -> None:
    db.execute(
        "INSERT INTO sites (site, name, domain) VALUES ('paper', 'A Paper', 'paper.example')"
    )
    assert [dict(row) for row in db.execute("SELECT site, name FROM sites")] == [
        {"site": "paper", "name": "A Paper"}
    ]
    assert db.execute("SELECT 1 WHERE false").fetchone() is None
    assert next(db.execute("SELECT 1 WHERE false"), None) is None
    assert len(db.execute("SELECT 1 UNION SELECT 2").fetchmany()) == 1


def test_only_a_new_schema_needs_sqlite_utils_and_none_needs_pandas(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from newscrawl.store.connection import open_writer\n"
        f"open_writer(Path({str(tmp_path)!r})).close()\n"
        "print([name for name in ('sqlite_utils', 'pandas', 'numpy') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    for modules in ("['sqlite_utils']\n", "[]\n"):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == modules


def test_query_that_takes_too_long_is_interrupted(db: Connection) -> None:
    stop_after(db, 0.0)
    with pytest.raises(Interrupted):
        db.execute(ROWS.replace("n < 100", "n < 100000").replace("n = 100", "n = 0")).fetchall()


def test_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "newscrawl.db").write_bytes(b"no database" * 1000)
    with pytest.raises(ArchiveDamaged):
        open_reader(tmp_path)


def test_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot use"):
        connect(tmp_path / "away" / "newscrawl.db")
