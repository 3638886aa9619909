"""The one writer of an archive: each public method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from newscrawl.core.folder import ArchiveFolder
from newscrawl.store.connection import damaged, open_reader, open_writer
from newscrawl.store.write.articles import Articles
from newscrawl.store.write.backfills import Backfills
from newscrawl.store.write.captures import Captures
from newscrawl.store.write.categories import Categories
from newscrawl.store.write.commits import Commits
from newscrawl.store.write.crawls import Crawls
from newscrawl.store.write.discoveries import Discoveries
from newscrawl.store.write.due import Due
from newscrawl.store.write.duplicates import Duplicates
from newscrawl.store.write.exported import Exported
from newscrawl.store.write.frontier import Frontier
from newscrawl.store.write.history import History
from newscrawl.store.write.listings import Listings
from newscrawl.store.write.pages import Pages
from newscrawl.store.write.problems import Problems
from newscrawl.store.write.quarantine import Quarantine
from newscrawl.store.write.rebuilding import Rebuilding
from newscrawl.store.write.reextraction import Reextraction
from newscrawl.store.write.revisits import Revisits

CHECKED_BYTES = 256_000_000  # SQLite checks about this much in a second


class Store:
    """Opens the archive's database for writing and brings its schema up to date.

    `read_only`: reads one snapshot and changes nothing; only the methods that read can be used.
    UsageError if there is no archive then.

    Its methods are grouped by subject: `store.crawls.begin(...)`, `store.articles.save(...)`. `db`
    is for the modules of the store alone.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.path = ArchiveFolder(folder).database
        self.db = open_reader(folder) if read_only else open_writer(folder)
        if read_only:
            self.db.execute("BEGIN")
        self._commits = Commits(self.db)
        self.articles = Articles(self._commits)
        self.backfills = Backfills(self._commits)
        self.captures = Captures(self._commits)
        self.categories = Categories(self._commits)
        self.crawls = Crawls(self._commits)
        self.discoveries = Discoveries(self._commits)
        self.due = Due(self._commits)
        self.duplicates = Duplicates(self._commits)
        self.exported = Exported(self._commits)
        self.frontier = Frontier(self._commits)
        self.history = History(self._commits)
        self.listings = Listings(self._commits)
        self.pages = Pages(self._commits)
        self.problems = Problems(self._commits)
        self.quarantine = Quarantine(self._commits)
        self.rebuilding = Rebuilding(self._commits)
        self.reextraction = Reextraction(self._commits)
        self.revisits = Revisits(self._commits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; a second call does nothing."""
        self.db.close()

    def check_quickly(self) -> None:
        """ArchiveDamaged if SQLite finds a broken page.

        Larger databases are left to `newscrawl verify`.
        """
        if self.path.stat().st_size > CHECKED_BYTES:
            return
        result = self.db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if result != "ok":
            raise damaged(self.path, str(result))

    def transaction(self) -> AbstractContextManager[None]:
        """Makes several writes one: all or nothing.

        Within another transaction it is a part of that one.
        """
        return self._commits.transaction()

    def before_commit(self, make_durable: Callable[[], None]) -> None:
        """From now on, each commit calls this first; see Commits."""
        self._commits.before_commit(make_durable)

    def forget_before_commit(self, make_durable: Callable[[], None]) -> None:
        """From now on, no commit calls this; see Commits."""
        self._commits.forget_before_commit(make_durable)

    def group(self, *, pages: int, seconds: float) -> None:
        """From now on several writes share a commit; see Commits."""
        self._commits.group(pages, seconds)

    def flush(self) -> None:
        """Commits what is written but not committed yet."""
        self._commits.commit()
