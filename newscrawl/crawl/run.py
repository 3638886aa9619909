"""Runs the crawls of one command in one Scrapy process, and reports how each ended."""

from __future__ import annotations

import ctypes
import gc
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import getproxies

from scrapy.crawler import CrawlerProcess, CrawlerProcessBase
from scrapy.settings import Settings

from newscrawl import settings as defaults
from newscrawl.core.coverage import FIELD_NAMES
from newscrawl.core.errors import SiteFailed
from newscrawl.core.text import counted
from newscrawl.crawl.failures import NONE_REQUESTED
from newscrawl.crawl.opening import opened
from newscrawl.crawl.resolver import trusted_hosts
from newscrawl.crawl.session import Clock, Session, now_utc
from newscrawl.crawl.shared_settings import SharedSettings
from newscrawl.crawl.window import LatePlan, Plan, Window
from newscrawl.extract.in_time import page_reader
from newscrawl.sites.config import SITES_AT_ONCE
from newscrawl.spiders.site import SiteSpider
from newscrawl.store.write.store import Store

LOG = logging.getLogger(__name__)
# Options of glibc's mallopt, and the size from which freed memory goes back to the system at once.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGE_BLOCK = 1_000_000
# New objects before a search among them (Python: 700), and searches before one among older objects.
_GARBAGE_THRESHOLDS = (20_000, 50, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the crawl of one site ended; `stats` is the value of its row in `crawls`.

    `problem` is the message of its most frequent failure, if it has one.
    """

    site: str
    crawl_id: int
    reason: str
    exit_code: int
    stats: Mapping[str, Any]
    problem: str | None = None

    def as_line(self) -> str:
        """The result in one line, for logs: `bnews: 12 new, 0 changed, ..., exit code 0`."""
        stats = self.stats
        failed = sum(stats["failed"].values())
        return (
            f"{self.site}: {stats['new']} new, {stats['changed']} changed, {failed} failed,"
            f" {stats['pending']} pending, {stats['seconds']:.0f} s, {self.reason},"
            f" exit code {self.exit_code}"
        )

    def failure(self, command: str) -> str | None:
        """Why the site failed, in one line; None if it did not, or if a limit or signal ended it.

        `command` is how newscrawl was called, for the command with which to look further.
        """
        if self.exit_code != SiteFailed.exit_code:
            return None
        stats = self.stats
        failed = sum(stats["failed"].values())
        look = "sites check" if self.reason == "degraded" else "problems --site"
        return (
            f"{self.site}: {self._cause()}; {stats['new']:,} new, {stats['changed']:,} changed,"
            f" {failed:,} failed, {stats['pending']:,} pending (see: {command} {look} {self.site})"
        )

    def _cause(self) -> str:
        if self.reason == "degraded":
            pages = self.stats["coverage"]["pages"]
            found = [
                f"{FIELD_NAMES[name]} on {count} of {pages}"
                for name, count in self.stats["lost"].items()
            ]
            held = self.stats["held"]
            quarantined = f"; {counted(held, 'article')} quarantined" if held else ""
            return (
                f"most article pages lack what they usually have ({', '.join(found)}){quarantined}"
            )
        code, count = most_frequent_failure(self.stats)
        message = f": {_without_address(self.problem)}" if self.problem else ""
        if self.reason == "blocked":
            return f"the site refuses access ({code}{message})"
        failed = sum(self.stats["failed"].values()) + self.stats["pending"]
        share = "all" if count == failed else f"{count:,}"
        requests = counted(self.stats["requests"], "page")
        return f"{failed:,} of {requests} failed, {share} with {code}{message}"


def _without_address(message: str) -> str:
    """A message that is about all pages, not about the one whose address it begins with.

    NONE_REQUESTED is left out: the counts in the same line show it.
    """
    if message.startswith(("http://", "https://")):
        message = message.partition(": ")[2] or message
    return message.removesuffix(NONE_REQUESTED).rstrip(".")


def most_frequent_failure(stats: Mapping[str, Any]) -> tuple[str, int]:
    """The reason code of most failures of a crawl, and how many pages have it.

    Pages that were left because of another failure do not count, if there is one.
    """
    counts = Counter(stats["failed"]) + Counter(stats["retry"])
    if len(counts) > 1:
        counts.pop("interrupted", None)
    return min(counts.items(), key=lambda item: (-item[1], item[0]), default=("unknown", 0))


def run(
    folder: Path,
    plans: Sequence[Plan | LatePlan],
    overrides: Mapping[str, object],
    *,
    at_once: int = SITES_AT_ONCE,
    in_order: bool = False,
    quiet: bool = False,
    watch: Callable[[Session], None] = lambda session: None,
    say: Callable[[str], None] = lambda message: None,
    clock: Clock = now_utc,
) -> list[Ended]:
    """Crawls the sites of all plans, and returns how each crawl ended, in the order of the plans.

    At most `at_once` sites are crawled at the same time. They have their turns in the order of the
    plans if `in_order`; otherwise those not crawled for longest come first.
    The site file of a LatePlan is read when the site has its turn, and only then.
    `watch` is called with each session as it begins, `say` with a message for each problem with
    the archive, and with what is left to the next run; if `quiet`, the latter is only logged.
    `overrides` are Scrapy settings, which take precedence over site files. Raises
    StorageError or another NewscrawlError if the archive could not be written; everything
    acknowledged before that is stored.
    """
    process = scrapy_process(crawl_settings(folder, (), overrides))
    return crawl_in(
        process,
        folder,
        plans,
        at_once=at_once,
        in_order=in_order,
        quiet=quiet,
        watch=watch,
        say=say,
        clock=clock,
    )


def crawl_in(
    process: CrawlerProcessBase,
    folder: Path,
    plans: Sequence[Plan | LatePlan],
    *,
    at_once: int = SITES_AT_ONCE,
    in_order: bool = False,
    quiet: bool = False,
    watch: Callable[[Session], None] = lambda session: None,
    say: Callable[[str], None] = lambda message: None,
    clock: Clock = now_utc,
    items: str = "articles",
) -> list[Ended]:
    """Like `run`, in a Scrapy process that already has its settings.

    `items` selects the rows of feed exports.
    """
    with opened(folder, say, clock) as store:
        for_spiders = {"store": store, "watch": watch, "clock": clock, "items": items}
        turns = plans if in_order else _longest_ago_first(store, plans)
        note = LOG.info if quiet else say
        ended = _crawl(process, turns, at_once, say, note=note, for_spiders=for_spiders)
    places = {plan.name: place for place, plan in enumerate(plans)}
    return sorted(ended, key=lambda crawl: places[crawl.site])


def _longest_ago_first(store: Store, plans: Sequence[Plan | LatePlan]) -> list[Plan | LatePlan]:
    """The plans, those of sites that were never crawled first."""
    last_starts = store.crawls.last_starts()
    return sorted(plans, key=lambda plan: last_starts.get(plan.name, ""))


def report(store: Store, session: Session) -> Ended:
    """How a finished session ended. The result is logged too."""
    crawl = _ended(store, session)
    LOG.info(
        "%s: crawl %d: %s, exit code %d, %s",
        crawl.site,
        crawl.crawl_id,
        crawl.reason,
        crawl.exit_code,
        crawl.stats,
    )
    return crawl


class _StopNotice(logging.Handler):
    """Shows the user that Scrapy has received a stop signal.

    Scrapy logs the signal below the level that users see.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Explains what the first Ctrl-C does. The second one needs no message."""
        if "gracefully" in record.msg:
            self._say(
                "stopping when the current requests have finished;"
                " press Ctrl-C again to stop immediately"
            )


@contextmanager
def stop_told(say: Callable[[str], None]) -> Iterator[None]:
    """Within this context, a user who stops the crawl sees a message about what happens next.

    Without it, nothing would be visible until the last page has arrived.
    """
    log, notice = logging.getLogger("scrapy.crawler"), _StopNotice(say)
    log.addHandler(notice)
    try:
        yield
    finally:
        log.removeHandler(notice)


def exit_code(ended: Sequence[Ended], *, broken: bool = False) -> int:
    """The exit code for several sites: 6 if any crawl was stopped, otherwise the highest.

    `broken` says that one more site was left out, because its site file is invalid.
    """
    codes = {crawl.exit_code for crawl in ended}
    if broken:
        codes.add(SiteFailed.exit_code)
    return 6 if 6 in codes else max(codes, default=0)


def _crawl(
    process: CrawlerProcessBase,
    plans: Sequence[Plan | LatePlan],
    at_once: int,
    say: Callable[[str], None],
    *,
    note: Callable[[str], None],
    for_spiders: Mapping[str, Any],
) -> list[Ended]:
    """How each crawl ended, in the order of their ends. Raises the first error, if any.

    `note` is called with what a limit or a signal has left to the next run.
    """
    ended: list[Ended] = []

    def keep_result(spider: SiteSpider) -> str:
        ended.append(report(for_spiders["store"], spider.session))
        return ended[-1].reason

    window = Window(process, plans, at_once=at_once, for_spiders=for_spiders, ended=keep_result)
    window.begin()
    _give_back_large_blocks()
    _collect_garbage_rarely()
    with stop_told(say), closing(page_reader()):  # a page that is read aside holds nobody up
        process.start()
    without_turn = window.end()
    if window.error is not None:
        raise window.error
    if without_turn:
        note(_about_waiting(without_turn))
    if len(plans) > 1 and (stopped := sum(crawl.reason == "budget" for crawl in ended)):
        note(_about_stopped(stopped))
    return ended


def _about_waiting(count: int) -> str:
    if count == 1:
        return "1 site was not started; the next run starts with it"
    return f"{count:,} sites were not started; the next run starts with them"


def _about_stopped(count: int) -> str:
    if count == 1:
        return "1 site was stopped early; its pages remain queued"
    return f"{count:,} sites were stopped early; their pages remain queued"


def _collect_garbage_rarely() -> None:
    """Makes Python's search for unused cycles of objects cheaper.

    What is loaded by now stays in memory, and need not be visited again. The objects of sixty sites
    that are crawled at the same time are many, and visiting them often takes a tenth of the CPU.
    Pages are in no cycle, so they are freed at once in any case.
    """
    gc.freeze()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)


def _give_back_large_blocks() -> None:
    """Large pages leave no memory behind. Without effect where the C library is not glibc.

    glibc raises its own threshold to the largest block that was ever freed, up to 32 MB, and keeps
    what is smaller for later.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library is not None and hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK)
        library.mallopt(_TRIM_THRESHOLD, _LARGE_BLOCK)


def crawl_settings(folder: Path, named: Sequence[str], overrides: Mapping[str, object]) -> Settings:
    """The settings for Scrapy.

    `named` are addresses that the user entered. They are requested even on a private network.
    """
    settings = SharedSettings()
    settings.setmodule(defaults, priority="project")
    settings.set("NEWSCRAWL_ARCHIVE", str(folder), priority="cmdline")
    settings.update(dict(overrides), priority="cmdline")
    if "DOWNLOAD_DELAY" in overrides and "AUTOTHROTTLE_ENABLED" not in overrides:
        # A delay of 0 is meant for the user's own server, which is crawled at full speed. With any
        # other delay, AutoThrottle applies, also to a site whose site file turns it off: it lets
        # one request at a time wait for its turn, so that an interrupted crawl ends soon.
        is_polite = settings.getfloat("DOWNLOAD_DELAY") > 0
        settings.set("AUTOTHROTTLE_ENABLED", is_polite, priority="cmdline")
    # The user's own proxy may be on a private network.
    trusted = trusted_hosts([*named, *getproxies().values()])
    settings.set("NEWSCRAWL_TRUSTED_HOSTS", trusted, priority="cmdline")
    settings.share_tables()
    return settings


def scrapy_process(settings: Settings) -> CrawlerProcess:
    """A Scrapy process that skips log records below the log level.

    By default, Scrapy creates two records per page at any log level.
    """
    process = CrawlerProcess(settings)
    level = logging.getLevelNamesMapping().get(str(settings["LOG_LEVEL"]), logging.DEBUG)
    logging.getLogger("scrapy.core").setLevel(min(level, logging.WARNING))
    return process


def _ended(store: Store, session: Session) -> Ended:
    reason, code, stats = store.crawls.ending(session.crawl_id)
    problem = None
    if code == SiteFailed.exit_code:
        failure, _ = most_frequent_failure(stats)
        problem = store.problems.usual_message(session.crawl_id, failure)
    return Ended(
        site=session.site.name,
        crawl_id=session.crawl_id,
        reason=reason,
        exit_code=code,
        stats=stats,
        problem=problem,
    )
