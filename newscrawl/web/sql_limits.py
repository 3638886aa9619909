"""Bounds for the SQL of visitors, and what is said where one is reached or something else goes wrong in Datasette."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datasette.database import Database, QueryInterrupted
from datasette.utils.asgi import Base400, NotFound
from datasette.views.base import DatasetteError

SQL_SECONDS = 2.0
# Datasette looks at the clock every thousand steps; a thousand steps over long values can take much longer than that.
GRACE_SECONDS = 0.5
MOST_ANSWERED = 64_000_000  # bytes of text and blobs that one question may give
TOO_MUCH = (
    f"this took longer than {SQL_SECONDS:.0f} seconds, or gave more than {MOST_ANSWERED // 1_000_000} MB",
    "ask for less at a time (WHERE, LIMIT), or ask the file itself: sqlite3 newscrawl.db",
)

NO_PAGE = ("there is no such page", "the pages there are stand in the menu above")


class BoundedDatabase(Database):
    """Datasette's database, in which every question ends soon after its time, and gives no more than fits."""

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """What the function gives, which runs in one of Datasette's threads."""

        def within_bounds(conn: sqlite3.Connection) -> Any:
            conn.row_factory = Measured()
            watch = threading.Timer(SQL_SECONDS + GRACE_SECONDS, conn.interrupt)
            watch.start()
            try:
                return fn(conn)
            finally:
                watch.cancel()

        return await super().execute_fn(within_bounds)


class Measured:
    """A row factory that stops when the rows of one question have become too many bytes."""

    def __init__(self) -> None:
        self.left = MOST_ANSWERED

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        """The row; OperationalError (`interrupted`) where it is too much."""
        self.left -= sum(len(value) for value in values if isinstance(value, str | bytes))
        if self.left < 0:
            raise sqlite3.OperationalError("interrupted")
        return sqlite3.Row(cursor, values)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a visitor is told."""

    status: int
    said: str
    hint: str | None = None


def explained(error: Exception) -> Fault:
    """What to say of an exception; one that is not the visitor's doing is logged with its traceback.

    Datasette's own handler prints all variables of all frames to stdout: two seconds in which nothing else is
    answered, and for ever where nobody reads the pipe.
    """
    if isinstance(error, QueryInterrupted) or isinstance(error.__context__, QueryInterrupted):
        return Fault(400, *TOO_MUCH)
    if isinstance(error, DatasetteError):
        return Fault(error.status, str(error.message))
    if isinstance(error, NotFound) and error.args[:1] in (
        (),
        ("Database not found",),
    ):  # Datasette took it for one
        return Fault(404, *NO_PAGE)
    if isinstance(error, Base400):
        return Fault(error.status, str(error.args[0]) if error.args else "there is no such page")
    logging.getLogger(__name__).error("a page could not be made", exc_info=error)
    return Fault(
        500, "this page could not be made", "the terminal in which newscrawl serve runs says why"
    )
