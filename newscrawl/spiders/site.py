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
from w3lib.encoding import http_content_type_encoding

from newscrawl.core.errors import NewscrawlError, PageRejected
from newscrawl.core.records import Capture, Page, Task
from newscrawl.crawl.captures import CAPTURE, RETRY_AFTER
from newscrawl.crawl.failures import RobotsUnreachable, of_exception, of_rejection, of_status
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.session import Clock, Session, now_utc
from newscrawl.extract import extract_article, extract_listing
from newscrawl.extract.feeds import read_feed
from newscrawl.extract.sitemaps import read_sitemap
from newscrawl.items import ArticleItem, DiscoveryItem, Item, ListingItem
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
        capture = self._capture(response, task)
        if response.status == 304:
            self._keep(task, lambda: self.session.save_not_modified(task, capture))
            return
        failure = of_status(response.status, response.meta.get(RETRY_AFTER))
        if failure is None:
            try:
                yield self._extract(response, task, capture)
                return
            except PageRejected as error:
                failure = of_rejection(error)
        self._keep(task, lambda: self.session.save_failure(task, failure, capture))

    def _extract(self, response: Response, task: Task, capture: Capture) -> Item:
        charset = http_content_type_encoding(_header(response, "Content-Type"))
        page = Page(response.url, response.body, charset, capture.fetched_at, response.status)
        site = self.session.site
        if task.kind == "listing":
            return ListingItem(task, capture, extract_listing(site, page))
        if task.kind == "feed":
            return DiscoveryItem(task, capture, read_feed(site, page))
        if task.kind == "sitemap":
            return DiscoveryItem(task, capture, read_sitemap(site, page))
        return ArticleItem(task, capture, extract_article(site, page))

    def _capture(self, response: Response, task: Task) -> Capture:
        """What the middleware wrote; an answer that is not kept (a 503 after all retries) has no bytes to point at."""
        written: Capture | None = response.meta.get(CAPTURE)
        return written or Capture(
            url=response.url,
            kind=task.kind,
            status=response.status,
            fetched_at=self.session.clock(),
        )

    def fetch_failed(self, failure: TwistedFailure) -> None:
        """Called by Scrapy where no answer came, or none may be asked for."""
        task: Task = failure.request.cb_kwargs["task"]  # type: ignore[attr-defined]
        assert failure.value is not None
        if isinstance(failure.value, RobotsUnreachable):
            self.session.host.rest()
        self._lost(task, failure.value)

    def _item_error(self, item: Item, failure: TwistedFailure) -> None:
        """A pipeline failed: the page stays open, or the crawl ends where the archive cannot be written."""
        assert failure.value is not None
        if isinstance(failure.value, PageRejected):
            rejected = of_rejection(failure.value)
            self._keep(
                item.task, lambda: self.session.save_failure(item.task, rejected, item.capture)
            )
        else:
            self._lost(item.task, failure.value)

    def _spider_error(self, failure: TwistedFailure, response: Response | None) -> None:
        """Extraction broke in a way that nobody foresaw: the page stays open, the crawl goes on."""
        if response is not None and response.request is not None and failure.value is not None:
            self._lost(response.request.cb_kwargs["task"], failure.value)

    def _lost(self, task: Task, error: BaseException) -> None:
        if isinstance(error, NewscrawlError) or self.session.error is not None:
            self.session.abandon(task, error)
        else:
            self._keep(task, lambda: self.session.save_failure(task, of_exception(error)))

    def _keep(self, task: Task, save: Callable[[], None]) -> None:
        """Runs one write; where the archive cannot be written the crawl takes no more pages."""
        try:
            save()
        except NewscrawlError as error:
            self._lost(task, error)

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


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
