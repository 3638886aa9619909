"""Runs the crawls of one command in one Scrapy process, and says how each ended."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any
from urllib.request import getproxies

from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
from twisted.python.failure import Failure

from newscrawl import settings as defaults
from newscrawl.core.errors import NewscrawlError
from newscrawl.core.files import file_errors
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import archive_lock
from newscrawl.core.refusals import is_numeric
from newscrawl.crawl.loader import spider_class
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.quarantine import judge_killed
from newscrawl.crawl.resolver import trusted_hosts
from newscrawl.crawl.session import Clock, Session, now_utc
from newscrawl.sites.site import Site
from newscrawl.spiders.site import SiteSpider
from newscrawl.store.write.store import Store
from newscrawl.warc import repair

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """One site's part of a crawl."""

    site: Site
    options: CrawlOptions


@dataclass(frozen=True, slots=True)
class Ended:
    """How one site's crawl ended; `stats` is what its row in `crawls` says."""

    site: str
    crawl_id: int
    reason: str
    exit_code: int
    stats: Mapping[str, Any]


def run(
    folder: Path,
    plans: Sequence[Plan],
    overrides: Mapping[str, object],
    watch: Callable[[Session], None] = lambda session: None,
    say: Callable[[str], None] = lambda message: None,
    clock: Clock = now_utc,
) -> list[Ended]:
    """Crawls every plan's site at the same time; `watch` gets each session as it begins, `say` what was found amiss.

    `overrides` are Scrapy settings and win over site files. Raises StorageError or another of our errors where
    the archive could not be written; what was acknowledged before is stored.
    """
    with archive_lock(folder, "crawl"), Store(folder) as store, log_file(folder):
        mend(folder, store, say, clock)
        spiders = _crawl(
            folder, plans, overrides, say, {"store": store, "watch": watch, "clock": clock}
        )
        for spider in spiders:
            if spider.session.error is not None:
                raise spider.session.error
        return report(store, [spider.session for spider in spiders])


def report(store: Store, sessions: Sequence[Session]) -> list[Ended]:
    """How finished sessions ended, which is logged too."""
    ended = [_ended(store, session) for session in sessions]
    for crawl in ended:
        LOG.info(
            "%s: crawl %d: %s, exit code %d, %s",
            crawl.site,
            crawl.crawl_id,
            crawl.reason,
            crawl.exit_code,
            crawl.stats,
        )
    return ended


def mend(folder: Path, store: Store, say: Callable[[str], None], clock: Clock = now_utc) -> None:
    """What a run does first, under the lock: tells of a damaged database, closes what a killed run left open.

    ArchiveDamaged before anything is written to a damaged database.
    """
    store.check_quickly()
    for crawl_id, site, started_at in store.crawls.close_unfinished():
        say(
            f"crawl {crawl_id} of {site} ({started_at}) never ended; what it had stored is there, the rest follows"
        )
        if held := judge_killed(store, crawl_id, clock()):
            say(
                f"crawl {crawl_id}: {held} articles are held back, their pages lack what the site's usually have"
            )
    for done in repair(ArchiveFolder(folder).warc):
        if done.torn_bytes:
            say(
                f"{done.warc_file}: a record that was cut off half-way is set aside ({done.torn_bytes} bytes)"
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
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name == __name__)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


class _StopNotice(logging.Handler):
    """Tells of Scrapy's word that a signal has come, which is below the level that users see."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """What the first Ctrl-C does; the second needs no word."""
        if "gracefully" in record.msg:
            self._say("stopping after the pages that were asked for; Ctrl-C again stops at once")


@contextmanager
def stop_told(say: Callable[[str], None]) -> Iterator[None]:
    """While it lasts, whoever stops a crawl is told what happens: until the last page has come, nothing else does."""
    log, notice = logging.getLogger("scrapy.crawler"), _StopNotice(say)
    log.addHandler(notice)
    try:
        yield
    finally:
        log.removeHandler(notice)


def exit_code(ended: Sequence[Ended]) -> int:
    """The command's for several sites: one that was stopped (6), else the worst (3 before 0)."""
    codes = {crawl.exit_code for crawl in ended}
    return 6 if 6 in codes else max(codes, default=0)


def _crawl(
    folder: Path,
    plans: Sequence[Plan],
    overrides: Mapping[str, object],
    say: Callable[[str], None],
    for_spiders: Mapping[str, object],
) -> list[SiteSpider]:
    process = scrapy_process(crawl_settings(folder, asked_for(plans), overrides))
    crawlers = []
    errors: list[Failure] = []
    for plan in plans:
        crawler = process.create_crawler(spider_class(plan.site))
        process.crawl(crawler, options=plan.options, **for_spiders).addErrback(errors.append)
        crawlers.append(crawler)
    gc.freeze()  # what is loaded stays: the search for garbage need not walk it again and again
    with stop_told(say):
        process.start()
    for crawler in crawlers:
        if isinstance(crawler.spider, SiteSpider):
            crawler.spider.end_abandoned()
    for failure in errors:
        if isinstance(failure.value, NewscrawlError):
            raise failure.value
        failure.raiseException()
    return [crawler.spider for crawler in crawlers if isinstance(crawler.spider, SiteSpider)]


def crawl_settings(folder: Path, named: Sequence[str], overrides: Mapping[str, object]) -> Settings:
    """Scrapy's settings; `named` are the addresses that users named by their own word, wherever they lead."""
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    settings.set("NEWSCRAWL_ARCHIVE", str(folder), priority="cmdline")
    settings.update(dict(overrides), priority="cmdline")
    if settings.getfloat("DOWNLOAD_DELAY") == 0 and "AUTOTHROTTLE_ENABLED" not in overrides:
        settings.set(
            "AUTOTHROTTLE_ENABLED", False, priority="cmdline"
        )  # a machine of one's own is asked at full speed
    trusted = trusted_hosts(
        [*named, *getproxies().values()]
    )  # a proxy of the user's own may be on a private network
    settings.set("NEWSCRAWL_TRUSTED_HOSTS", trusted, priority="cmdline")
    return settings


def scrapy_process(settings: Settings) -> CrawlerProcess:
    """A process whose log is not made where nobody sees it: Scrapy would make two lines for every page."""
    process = CrawlerProcess(settings)
    level = logging.getLevelNamesMapping().get(str(settings["LOG_LEVEL"]), logging.DEBUG)
    logging.getLogger("scrapy.core").setLevel(min(level, logging.WARNING))
    return process


def asked_for(plans: Sequence[Plan]) -> list[str]:
    """The addresses that users named by their own word and that may lead anywhere: mirrors, and numeric addresses."""
    mirrors = [plan.options.base_url for plan in plans if plan.options.base_url]
    return mirrors + [
        url for plan in plans if plan.site.generic for url in plan.options.urls if is_numeric(url)
    ]


def _ended(store: Store, session: Session) -> Ended:
    reason, code, stats = store.crawls.ending(session.crawl_id)
    return Ended(session.site.name, session.crawl_id, reason, code, stats)
