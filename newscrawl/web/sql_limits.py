"""Limits for visitors' SQL, and the messages for exceptions in Datasette."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasette.database import Database, QueryInterrupted, connections
from datasette.utils.asgi import Base400, NotFound
from datasette.views.base import DatasetteError

from newscrawl.store.read.limits import (
    count_few,
    estimate_rows,
    interrupted_after,
    is_count,
    is_long_count,
)
from newscrawl.store.read_only import Access, access_to

SQL_SECONDS = 2.0
COUNTING_MILLISECONDS = 50  # for the number of rows above a table
MOST_BYTES = 64_000_000  # of text and blobs in the result of one query
# About how many rows the table has that the current request could not count in time.
ESTIMATED_ROWS: ContextVar[int | None] = ContextVar("ESTIMATED_ROWS", default=None)


class PlainConnection(sqlite3.Connection):
    """A connection that raises SQLite's own errors, which Datasette knows."""

    access: Access


class BoundedDatabase(Database):
    """Datasette's database, with limits on the time and the result size of each query.

    It is opened as the other pages open it, so that it may be on read-only media.
    """

    def connect(self, write: bool = False) -> PlainConnection:
        """A connection for reading. Datasette keeps one per thread."""
        assert not write
        access = access_to(Path(self.path))
        connection = sqlite3.connect(
            access.uri, uri=True, check_same_thread=False, factory=PlainConnection
        )
        connection.access = access
        self._all_file_connections.append(connection)
        return connection

    def _current(self, connection: PlainConnection) -> PlainConnection:
        """The thread's connection, or a new one if a crawl has begun to write what it reads."""
        if not connection.access.is_stale:
            return connection
        self._all_file_connections.remove(connection)
        connection.close()
        connection = self.connect()
        self.ds._prepare_connection(connection, self.name)
        setattr(connections, self.name, connection)
        return connection

    async def execute(
        self,
        sql: str,
        params: Any = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        **options: Any,
    ) -> Any:
        """The result of a query. If to count a table takes long, its rows are estimated.

        The results of visitors' queries are cut (`truncate`), counts are not. Datasette shows a
        table without its count for QueryInterrupted; our template then has the estimate.
        """
        if not is_count(sql) or truncate or custom_time_limit is not None:
            return await super().execute(sql, params, truncate, custom_time_limit, **options)
        if await self.execute_fn(lambda connection: is_long_count(connection, sql)):
            ESTIMATED_ROWS.set(await self._estimated(sql, params))
            raise QueryInterrupted(None, sql, params)
        try:
            return await super().execute(sql, params, truncate, COUNTING_MILLISECONDS, **options)
        except QueryInterrupted:
            ESTIMATED_ROWS.set(await self._estimated(sql, params))
            raise

    async def _estimated(self, sql: str, params: Any) -> int | None:
        def estimated(connection: sqlite3.Connection) -> int | None:
            return estimate_rows(connection, sql, params or {})

        rows: int | None = await self.execute_fn(estimated)
        return rows

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
        """The rows of each table; None, which pages write as "many", where counting takes time.

        SQLite counts a table in one step, which a time limit does not end.
        """
        names = await self.table_names()

        def count(connection: sqlite3.Connection) -> dict[str, int | None]:
            return {name: count_few(connection, name) for name in names}

        counts: dict[str, int | None] = await self.execute_fn(count)
        return counts

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """The result of the function, which runs in one of Datasette's threads."""

        def within_limits(conn: PlainConnection) -> Any:
            conn = self._current(conn)
            conn.row_factory = SizeLimit()
            with interrupted_after(conn, SQL_SECONDS):
                return fn(conn)

        return await super().execute_fn(within_limits)


class SizeLimit:
    """A row factory that stops a query whose rows have become too large."""

    def __init__(self) -> None:
        self.bytes_left = MOST_BYTES

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        """The row; OperationalError (`interrupted`) if the result is too large."""
        self.bytes_left -= sum(len(value) for value in values if isinstance(value, str | bytes))
        if self.bytes_left < 0:
            raise sqlite3.OperationalError("interrupted")
        return sqlite3.Row(cursor, values)


@dataclass(frozen=True, slots=True)
class Fault:
    """The message that a visitor gets for an exception."""

    status: int
    message: str
    hint: str | None = None


TOO_MUCH = Fault(
    400,
    f"this took longer than {SQL_SECONDS:.0f} seconds,"
    f" or its result was larger than {MOST_BYTES // 1_000_000} MB",
    "request less at a time (WHERE, LIMIT), or query the file itself: sqlite3 newscrawl.db",
)
NO_PAGE = Fault(404, "there is no such page", "all pages are in the menu above")
BROKEN = Fault(
    500,
    "this page could not be made",
    "the reason is in the terminal in which newscrawl serve runs",
)


def explain(error: Exception) -> Fault:
    """The message for an exception, which is logged with its traceback if it is our fault.

    Datasette's own handler prints all variables of all frames to stdout. No other page is served
    for two seconds then, or ever again if nothing reads from the pipe.
    """
    if isinstance(error, QueryInterrupted) or isinstance(error.__context__, QueryInterrupted):
        return TOO_MUCH
    if isinstance(error, DatasetteError):
        return Fault(error.status, str(error.message))
    if isinstance(error, NotFound) and _is_unknown_path(error):
        return NO_PAGE
    if isinstance(error, Base400):
        return Fault(error.status, str(error.args[0])) if error.args else NO_PAGE
    logging.getLogger(__name__).error("a page could not be made", exc_info=error)
    return BROKEN


def _is_unknown_path(error: NotFound) -> bool:
    """Datasette takes an unknown path for the name of a database."""
    return error.args[:1] in ((), ("Database not found",))
