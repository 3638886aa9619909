"""The spider of every site: takes pages from the session, hands what they say to the item pipelines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.records import Task
from newscrawl.crawl.captures import EXCHANGE
from newscrawl.crawl.failures import RobotsUnreachable
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.reception import end_unstored, give_up, receive
from newscrawl.crawl.session import Clock, Session, now_utc
from newscrawl.items import Item
from newscrawl.sites.site import Site
from newscrawl.store.write.store import Store

LONGEST_WAIT_SECONDS = 120.0  # a longer rest ends the run; the next one goes on
GROUP_PAGES, GROUP_SECONDS = 20, 0.1  # pages in one commit; a polite crawl commits each by itself


class SiteSpider(Spider):
    """Made for one site by newscrawl.crawl.loader; `session` lives from the start of the crawl to its end.

    The command line gives options and an open store; `scrapy crawl` gives neither, and the spider opens its own.
    """

    site: ClassVar[Site]

    def __init__(
        self,
        name: str | None = None,
        options: CrawlOptions | None = None,
        store: Store | None = None,
        watch: Callable[[Session], None] | None = None,
        clock: Clock = now_utc,
        _job: str | None = None,  # scrapyd's name for the run
    ) -> None:
        super().__init__(name)
        self.options = options or CrawlOptions()
        self._watch, self._clock = watch, clock
        self._store, self._own_store = store, store is None
        self._outcome = asyncio.Event()
        self._commit: asyncio.TimerHandle | None = None
        self.session: Session

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        if spider._store is None:
            spider._store = Store(Path(crawler.settings["NEWSCRAWL_ARCHIVE"]))
        options = spider.options
        site = cls.site.rebased(options.base_url) if options.base_url else cls.site
        spider.session = Session(site, spider._store, options, spider._clock)
        spider._store.group(pages=GROUP_PAGES, seconds=GROUP_SECONDS)
        spider.session.on_outcome += [spider._outcome.set, spider._commit_soon]
        if spider._watch is not None:
            spider._watch(spider.session)
        crawler.signals.connect(spider._spider_closed, signals.spider_closed)
        crawler.signals.connect(spider._item_error, signals.item_error)
        crawler.signals.connect(spider._item_dropped, signals.item_dropped)
        crawler.signals.connect(spider._item_scraped, signals.item_scraped)
        crawler.signals.connect(spider._spider_error, signals.spider_error)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Pulls open pages from the frontier until none is left and none is in flight."""
        most = self._most_at_once()
        while True:
            self._outcome.clear()
            if (wait := self.session.host.seconds()) > 0:
                if wait > LONGEST_WAIT_SECONDS:
                    return
                await asyncio.sleep(wait)
            if len(self.session.in_flight) < most and (task := self._next_task()) is not None:
                yield request_for(task, self.parse, self.fetch_failed)
            elif self.session.in_flight and self.session.error is None:
                await self._outcome.wait()
            else:
                return

    def _most_at_once(self) -> int:
        """Where pages are asked for one after the other, only the next one is made ready: after a Ctrl-C Scrapy still
        asks for all that are, each after its delay.
        """
        if (
            self.settings.getbool("AUTOTHROTTLE_ENABLED")
            and self.settings.getfloat("DOWNLOAD_DELAY") > 0
        ):
            return 1 + ceil(self.settings.getfloat("AUTOTHROTTLE_TARGET_CONCURRENCY"))
        return self.settings.getint("CONCURRENT_REQUESTS")

    def _commit_soon(self) -> None:
        """A page waits for its commit no longer than GROUP_SECONDS, also where no other follows."""
        if self._commit is None:
            self._commit = asyncio.get_running_loop().call_later(GROUP_SECONDS, self._commit_now)

    def _commit_now(self) -> None:
        self._commit = None
        assert self._store is not None
        try:
            if not self.session.finished:
                self._store.flush()
        except NewscrawlError as error:
            self.session.stop(error)

    def _next_task(self) -> Task | None:
        try:
            return self.session.next_task()
        except NewscrawlError as error:
            self.session.stop(error)
            return None

    def parse(self, response: Response, task: Task) -> Iterator[Item]:
        """One item for a page that is what it should be; every other answer is a counted outcome."""
        item = receive(self.session, task, response.meta[EXCHANGE], response.body)
        if item is not None:
            yield item

    def fetch_failed(self, failure: TwistedFailure) -> None:
        """Called by Scrapy where no answer came, or none may be asked for."""
        task: Task = failure.request.cb_kwargs["task"]  # type: ignore[attr-defined]
        if isinstance(failure.value, RobotsUnreachable):
            self.session.host.rest()
        give_up(self.session, task, error_of(failure))

    def _spider_error(self, failure: TwistedFailure, response: Response | None) -> None:
        """Extraction broke in a way that nobody foresaw: the page stays open, the crawl goes on."""
        if response is not None and response.request is not None:
            give_up(self.session, response.request.cb_kwargs["task"], error_of(failure))

    def _item_error(self, item: Item, failure: TwistedFailure) -> None:
        """A pipeline failed: the page stays open, or the crawl ends where the archive cannot be written."""
        give_up(self.session, item.task, error_of(failure), item.capture)

    def _item_dropped(self, item: Item, exception: Exception) -> None:
        """A pipeline wants nothing of the page to be stored."""
        give_up(self.session, item.task, exception, item.capture)

    def _item_scraped(self, response: Response | None) -> None:
        """Every pipeline has had the item: where none of them stored the page, it has to end all the same."""
        if response is not None and response.request is not None:
            end_unstored(self.session, response.request.cb_kwargs["task"])

    def end_abandoned(self) -> None:
        """After a second signal Scrapy stops at once and closes no spider: the crawl's end is written all the same."""
        if not self.session.finished:
            self._spider_closed("shutdown")

    def _spider_closed(self, reason: str) -> None:
        assert self._store is not None
        try:
            self.session.finish(reason)
        except NewscrawlError as error:
            self.session.stop(error)
        finally:
            if self._own_store:
                self._store.close()


def request_for(
    task: Task, callback: Callable[..., object], errback: Callable[[TwistedFailure], object]
) -> Request:
    """The request for a page, conditional where the page was fetched before."""
    headers = {"If-None-Match": task.etag, "If-Modified-Since": task.last_modified}
    return Request(
        task.url,
        callback=callback,
        errback=errback,
        headers={name: value for name, value in headers.items() if value is not None},
        cb_kwargs={"task": task},
        dont_filter=True,
    )


def error_of(failure: TwistedFailure) -> BaseException:
    """The exception of a Twisted failure."""
    assert failure.value is not None
    return failure.value
