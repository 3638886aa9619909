"""The crawls of many sites in one process, of which only some run at the same time."""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from time import monotonic

from scrapy.crawler import Crawler, CrawlerProcessBase
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.refusals import is_numeric
from newscrawl.crawl.loader import spider_class
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.resolver import trust
from newscrawl.sites.site import Site
from newscrawl.spiders.site import SiteSpider

BY_SIGNAL = "shutdown"  # Scrapy's word
# Scrapy's objects refer to each other, so the memory of an ended crawl is free after a garbage
# collection. Each visits all running crawls, so there are only a few while the window moves on.
COLLECTIONS_PER_WINDOW = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """One site's part of a crawl."""

    site: Site
    options: CrawlOptions

    @property
    def name(self) -> str:
        """The name of the site."""
        return self.site.name


@dataclass(frozen=True, slots=True)
class LatePlan:
    """A site's part of a crawl whose site file is not read before the site has its turn.

    `make` returns None, after a message to the user, for a site that is left out.
    """

    name: str
    make: Callable[[], Plan | None]


class Window:
    """Begins the crawl of the next site when one ends.

    A crawl that has ended leaves nothing in memory but what `ended` keeps of its spider. No further
    crawl begins after a signal or an error, or when the minutes of the run are used up.
    """

    def __init__(
        self,
        process: CrawlerProcessBase,
        plans: Sequence[Plan | LatePlan],
        *,
        at_once: int,
        for_spiders: Mapping[str, object],
        ended: Callable[[SiteSpider], str],
    ) -> None:
        """`ended` gets each spider whose crawl has ended, and returns why it has."""
        self._process, self._for_spiders = process, for_spiders
        self._waiting = deque(plans)
        self._at_once = at_once
        self._ended = ended
        self._running: set[Crawler] = set()
        self._ended_crawls = 0
        self._collect_after = ceil(at_once / COLLECTIONS_PER_WINDOW)
        self._began: float | None = None
        self._is_open = True
        self.error: BaseException | None = None

    def begin(self) -> None:
        """Begins the first crawls. The others begin while the process runs."""
        while len(self._running) < self._at_once and self._begin_next():
            pass
        self._began = monotonic()

    def end(self) -> int:
        """Ends what a second signal has left running; the number of sites that had no turn."""
        self._is_open = False
        for crawler in tuple(self._running):
            if isinstance(crawler.spider, SiteSpider):
                crawler.spider.end_abandoned()
            self._note_end(crawler)
        return len(self._waiting)

    def _begin_next(self) -> bool:
        """Begins the crawl of the next site; False if there is none, or no time left for one."""
        while self._waiting and self._is_open:
            waiting = self._waiting.popleft()
            try:
                plan = waiting.make() if isinstance(waiting, LatePlan) else waiting
            except NewscrawlError as error:
                self._fail(error)
                return False
            if plan is None:
                continue
            options = self._options_for_rest(plan.options)
            if options is None:
                self._waiting.appendleft(plan)  # it had no turn
                self._is_open = False
                return False
            self._crawl(plan.site, options)
            return True
        return False

    def _crawl(self, site: Site, options: CrawlOptions) -> None:
        trust(asked_for([Plan(site, options)]), self._process.settings)
        crawler = self._process.create_crawler(spider_class(site))
        self._running.add(crawler)
        crawl = self._process.crawl(crawler, options=options, **self._for_spiders)
        _when_done(crawl, partial(self._continue, crawler))

    def _continue(self, crawler: Crawler, error: BaseException | None) -> None:
        """Handles the end of a crawl: keeps its result, and begins the next one."""
        if error is not None:
            self._fail(error)
        self._note_end(crawler)
        self._begin_next()

    def _options_for_rest(self, options: CrawlOptions) -> CrawlOptions | None:
        """The options with the minutes that are left of the run; None if there are none."""
        if options.max_minutes is None or self._began is None:
            return options
        left = options.max_minutes - (monotonic() - self._began) / 60
        return replace(options, max_minutes=left) if left > 0 else None

    def _note_end(self, crawler: Crawler) -> None:
        self._running.discard(crawler)
        self._ended_crawls += 1
        if self._ended_crawls % self._collect_after == 0:
            gc.collect()
        spider = crawler.spider
        if not isinstance(spider, SiteSpider):
            return
        if spider.session.error is not None:
            self._fail(spider.session.error)
        elif self._ended(spider) == BY_SIGNAL:
            self._is_open = False

    def _fail(self, error: BaseException) -> None:
        self._is_open = False
        if self.error is None:
            self.error = error


def _when_done(crawl: Awaitable[None], handle: Callable[[BaseException | None], None]) -> None:
    """Calls `handle` when a crawl has ended, with its error, if any."""
    if isinstance(crawl, asyncio.Future):  # from Scrapy's AsyncCrawlerProcess
        crawl.add_done_callback(lambda done: handle(None if done.cancelled() else done.exception()))
    elif isinstance(crawl, Deferred):  # from Scrapy's CrawlerProcess
        crawl.addBoth(lambda result: handle(result.value if isinstance(result, Failure) else None))


def asked_for(plans: Sequence[Plan]) -> list[str]:
    """The addresses that the user entered and that may be on a private network.

    These are mirrors, and URLs with an IP address for sites without a site file.
    """
    addresses = [plan.options.base_url for plan in plans if plan.options.base_url]
    for plan in plans:
        named = plan.options.urls if plan.site.generic else [plan.site.origin]
        addresses += filter(is_numeric, named)
    return addresses
