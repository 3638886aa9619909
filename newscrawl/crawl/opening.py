"""What every crawl does first: lock the archive, open it, and close what a killed run left open."""

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
    """The archive's Store, under its lock and with its log file, for one run.

    `say` gets a line for each thing that an earlier run left unfinished. ArchiveLocked if another run holds
    the archive; ArchiveDamaged before anything is written to a damaged database.
    """
    with archive_lock(folder, "crawl"), Store(folder) as store, log_file(folder):
        mend(folder, store, say, clock)
        yield store


def mend(folder: Path, store: Store, say: Callable[[str], None], clock: Clock = now_utc) -> None:
    """What a run does first, under the lock: tells of a damaged database, closes what a killed run left open.

    ArchiveDamaged before anything is written to a damaged database.
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
                f"{done.warc_file}: an incomplete record ({done.torn_bytes:,} bytes) was moved to {done.torn_file}"
            )


class CrawlLog(RotatingFileHandler):
    """A log that cannot be written (the disk is full) says nothing: the archive's own error does, and it counts."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Lets the line go."""

    def close(self) -> None:
        """Closes the file, whatever of it could still be written."""
        with suppress(OSError):
            super().close()


@contextmanager
def log_file(folder: Path) -> Iterator[None]:
    """Keeps what is logged in `logs/crawl.log` too: at most six files of a megabyte, the oldest go."""
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
