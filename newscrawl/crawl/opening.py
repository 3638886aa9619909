"""Opens the archive for a crawl: locks it and completes what a killed run left unfinished."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
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
from newscrawl.warc import repair

RUNS = "newscrawl.crawl.run"  # the logger whose INFO lines belong in crawl.log


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
    for crawl_id, site, started_at in store.crawls.close_unfinished():
        say(
            f"crawl {crawl_id} of {site}, started {started_at}, was killed;"
            " stored pages are safe, the other pages are still queued"
        )
        if held := judge_killed(store, crawl_id, clock()):
            say(
                f"crawl {crawl_id}: {counted(held, 'article')} quarantined, because the pages lack"
                " fields that the site's pages usually have"
            )
    for done in repair(ArchiveFolder(folder).warc):
        if done.torn_bytes:
            say(
                f"{done.warc_file}: an incomplete record ({done.torn_bytes:,} bytes)"
                f" was moved to {done.torn_file}"
            )


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
