"""Opens the archive for a crawl: locks it and completes what a killed run left unfinished."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from newscrawl.core.files import file_errors
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import archive_lock
from newscrawl.core.text import counted
from newscrawl.crawl.quarantine import judge_killed
from newscrawl.crawl.session import Clock, now_utc
from newscrawl.store.write.store import Store
from newscrawl.warc import Repair, repair, warc_files
from newscrawl.warc.files import final_name

RUNS = "newscrawl.crawl.run"  # the logger whose INFO lines belong in crawl.log
MOST_KILLED_LINES = 3  # more killed crawls share one line


@contextmanager
def opened(folder: Path, say: Callable[[str], None], clock: Clock = now_utc) -> Iterator[Store]:
    """The Store of the archive for one run, with the archive's lock and log file.

    `say` is called with one line for each item that an earlier run left unfinished. Raises
    ArchiveLocked if another run has the lock, and ArchiveDamaged, before anything is written, for a
    damaged database.
    """
    with archive_lock(folder, "crawl"), Store(folder) as store, log_file(folder):
        mend(folder, store, say, clock)
        yield store


def mend(folder: Path, store: Store, say: Callable[[str], None], clock: Clock = now_utc) -> None:
    """Checks the database and closes the crawls and WARC files that a killed run left open.

    The caller must have the lock. Raises ArchiveDamaged, before anything is written, for a damaged
    database.
    """
    store.check_quickly()
    warc = ArchiveFolder(folder).warc
    lost = LostPages(store, clock)
    with store.transaction():
        killed = store.crawls.close_unfinished()
        lost.give_up_missing([crawl_id for crawl_id, _, _ in killed], warc)
    for message in _about_killed(killed):
        say(message)
    for crawl_id, _, _ in killed:
        if held := judge_killed(store, crawl_id, clock()):
            say(
                f"crawl {crawl_id}: {counted(held, 'article')} quarantined, because the pages lack"
                " fields that the site's pages usually have"
            )
    for done in repair(warc, lost.give_up_torn):
        if done.torn_bytes:
            say(
                f"{done.warc_file}: an incomplete record ({done.torn_bytes:,} bytes)"
                f" was moved to {done.torn_file}"
            )
    if lost.captures:
        say(
            f"{counted(lost.captures, 'raw page')} did not survive, probably because of a power"
            f" failure; {counted(lost.pages, 'page')} queued again"
        )


def _about_killed(killed: Sequence[tuple[int, str, str]]) -> Iterator[str]:
    """A message for each killed crawl, or one for many: those of a run are killed together."""
    safe = "stored pages are safe, the other pages are still queued"
    if len(killed) > MOST_KILLED_LINES:
        _, site, started_at = killed[0]
        first = f"the first started {started_at}, of {site}"
        yield f"{len(killed):,} crawls were killed ({first}); {safe}"
        return
    for crawl_id, site, started_at in killed:
        yield f"crawl {crawl_id} of {site}, started {started_at}, was killed; {safe}"


class LostPages:
    """Finds captures whose raw pages a power failure has taken, and queues their pages again.

    newscrawl syncs raw pages before rows, so there are none unless the disk lost what it had
    reported as written, or an older newscrawl wrote the archive. `captures` and `pages` count them.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.captures = 0
        self.pages = 0

    def give_up_missing(self, crawl_ids: Sequence[int], warc: Path) -> None:
        """Gives up the captures of killed crawls in files that do not exist."""
        names = {final_name(path) for path in warc_files(warc)}
        self._give_up(self._store.captures.in_other_files(crawl_ids, names))

    def give_up_torn(self, found: Repair) -> None:
        """Gives up the captures in the lost parts of a file that is about to be repaired."""
        self._give_up(self._store.captures.in_stretches(found.warc_file, found.lost()))
        # Once the file is repaired, nobody looks for them again.
        self._store.flush()

    def _give_up(self, ids: Collection[int]) -> None:
        self.captures += len(ids)
        self.pages += self._store.captures.give_up(ids, self._clock())


class CrawlLog(RotatingFileHandler):
    """A log file that ignores write errors, for example when the disk is full.

    The archive reports the same error itself.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Discards the line."""

    def close(self) -> None:
        """Closes the file, even if its last lines cannot be written."""
        with suppress(OSError):
            super().close()


@contextmanager
def log_file(folder: Path) -> Iterator[None]:
    """Also writes the log to `logs/crawl.log`: at most six files of 1 MB; the oldest is deleted."""
    path = ArchiveFolder(folder).logs / "crawl.log"
    with file_errors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = CrawlLog(
            path, maxBytes=1_000_000, backupCount=5, encoding="utf-8", errors="replace"
        )
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    )
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name == RUNS)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
