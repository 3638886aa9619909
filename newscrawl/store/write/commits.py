"""Transactions, several of which may share a commit.

A commit costs a third of what writing a page costs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic

from newscrawl.core.crashpoints import reach
from newscrawl.store.write.full_text import write_waiting


class Commits:
    """The transactions of one connection. Each is all or nothing by itself, even within a group.

    What is in a group and not yet committed is not acknowledged: a kill discards all of it, and its
    pages are still pending in the frontier. Nothing here runs by itself, so whoever asks for groups
    calls `commit` in time.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self._inside = False
        self._pages, self._seconds = 1, 0.0
        self._written = 0
        self._began = 0.0
        self._before_commit: list[Callable[[], None]] = []

    def before_commit(self, make_durable: Callable[[], None]) -> None:
        """From now on, each commit calls this first, and commits nothing if it raises.

        SQLite writes a commit to the WAL without an fsync, but the operating system may write the
        WAL to the disk at any moment, and a checkpoint does. So whatever the rows refer to outside
        the database must be on the disk before the commit, not only before a checkpoint.
        """
        self._before_commit.append(make_durable)

    def forget_before_commit(self, make_durable: Callable[[], None]) -> None:
        """From now on, no commit calls this."""
        self._before_commit.remove(make_durable)

    def group(self, pages: int, seconds: float) -> None:
        """From now on, up to `pages` transactions share a commit.

        The transaction that ends `seconds` after the group began, or later, is the last one of its
        group.
        """
        self._pages, self._seconds = pages, seconds

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Within another transaction it is a part of that one."""
        if self._inside:
            yield
            return
        if not self.db.in_transaction:
            self.db.execute("BEGIN IMMEDIATE")
            self._written, self._began = 0, monotonic()
        self._inside = True
        try:
            with self._savepoint():
                yield
        finally:
            self._inside = False
        self._written += 1
        if self._written >= self._pages or monotonic() - self._began >= self._seconds:
            self.commit()

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Rolls back a failing transaction alone, unless SQLite has rolled back the whole group."""
        self.db.execute("SAVEPOINT page")
        try:
            yield
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK TO page")
                self.db.execute("RELEASE page")
                if self._written == 0:
                    self.db.execute("ROLLBACK")
            raise
        self.db.execute("RELEASE page")

    def commit(self) -> None:
        """Commits the open group. If that fails, all of it is rolled back."""
        if not self.db.in_transaction:
            return
        try:
            write_waiting(self.db)
            for make_durable in self._before_commit:
                make_durable()
            reach("before_commit")
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        reach("after_commit")


class Part:
    """The methods of a Store that concern one subject; each public write is one transaction."""

    def __init__(self, commits: Commits) -> None:
        self._commits = commits
        self._db = commits.db

    def _transaction(self) -> AbstractContextManager[None]:
        return self._commits.transaction()
