"""The spider of every site: fetches the pages of a session and passes items to the pipelines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from math import ceil
from pathlib import Path
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure as TwistedFailure

from newscrawl.core.errors import NewscrawlError, PageRejected, one_line
from newscrawl.core.records import Article, Listing, Page, PageKind, Task
from newscrawl.crawl.arguments import options_from_arguments
from newscrawl.crawl.captures import EXCHANGE
from newscrawl.crawl.failures import RobotsUnreachable
from newscrawl.crawl.opening import opened
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.reception import (
    Postponed,
    end_unstored,
    give_up,
    read_aside,
    receive_at_once,
)
from newscrawl.crawl.session import Clock, Session, now_utc
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.in_time import page_reader
from newscrawl.items import Item, item_of
from newscrawl.sites.config import load_config
from newscrawl.sites.site import Site
from newscrawl.store.write.store import Store

LONGEST_WAIT_SECONDS = 120.0  # a longer pause of the host ends the run; the next run resumes
# Above the site file's settings (30), below those of the command line (40).
ARCHIVE_PRIORITY = 35
# Pages that wait to be read aside. While there are more, no page is requested.
MOST_WAITING_BYTES = 4_000_000
# The pages of one commit, and so of one fsync of their raw pages. A crawl with a delay commits each
# page separately.
GROUP_PAGES, GROUP_SECONDS = 40, 0.2


class SiteSpider(Spider):
    """The spider of one site, created by newscrawl.crawl.loader.

    `session` exists from the start of the crawl to its end. The commands `newscrawl crawl` and
    `scrapy crawl` pass options and an open store. If it is run in another way, the spider takes the
    same arguments as `scrapy crawl -a`, and locks and opens the archive NEWSCRAWL_ARCHIVE itself.
    `scrapy shell`, `fetch`, `parse` and `check` start no crawl: they have no session and open no
    archive.
    """

    site: ClassVar[Site]

    def __init__(
        self,
        name: str | None = None,
        *,
        options: CrawlOptions | None = None,
        store: Store | None = None,
        watch: Callable[[Session], None] | None = None,
        clock: Clock = now_utc,
        items: str = "articles",  # the rows of feed exports
        _job: str | None = None,  # scrapyd's name for the run
        **arguments: str,
    ) -> None:
        super().__init__(name)
        self.items = items
        self._options, self._arguments = options, arguments
        self._store = store
        self._watch, self._clock = watch, clock
        self._outcome = asyncio.Event()
        self._aside = asyncio.Lock()
        self._waiting_bytes = 0  # of pages that wait for the process for slow pages
        self._commit: asyncio.TimerHandle | None = None
        self._opened = ExitStack()  # what the spider itself has opened
        self.session: Session

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Applies the settings of the site file and of the archive's newscrawl.toml.

        newscrawl.toml takes precedence over the site file, and `-s` over both.
        """
        super().update_settings(settings)
        config = load_config(Path(settings["NEWSCRAWL_ARCHIVE"]), os.environ)
        settings.setdict(config.scrapy_settings(), priority=ARCHIVE_PRIORITY)
        if settings.getfloat("DOWNLOAD_DELAY") == 0:
            settings.set("AUTOTHROTTLE_ENABLED", False, priority=ARCHIVE_PRIORITY)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        if spider._store is not None:
            spider._begin(spider._store, spider._options or CrawlOptions())
        crawler.signals.connect(spider._spider_closed, signals.spider_closed)
        crawler.signals.connect(spider._item_error, signals.item_error)
        crawler.signals.connect(spider._item_dropped, signals.item_dropped)
        crawler.signals.connect(spider._item_scraped, signals.item_scraped)
        crawler.signals.connect(spider._spider_error, signals.spider_error)
        return spider

    def _begin(self, store: Store, options: CrawlOptions) -> None:
        site = self.site.rebased(options.base_url) if options.base_url else self.site
        self._store = store
        self.session = Session(site, store, options, self._clock)
        store.group(pages=GROUP_PAGES, seconds=GROUP_SECONDS)
        self.session.on_outcome += [self._outcome.set, self._commit_soon]
        if self._watch is not None:
            self._watch(self.session)

    def _open_archive(self) -> None:
        folder = Path(self.settings["NEWSCRAWL_ARCHIVE"])
        retry_pause = self.settings.getfloat("NEWSCRAWL_RETRY_PAUSE")
        options = options_from_arguments(
            self.site, self._arguments, folder, now=self._clock(), retry_pause=retry_pause
        )
        store = self._opened.enter_context(opened(folder, self.logger.warning, self._clock))
        self._begin(store, options)

    async def start(self) -> AsyncIterator[Request]:
        """Requests open pages from the frontier until none is left and none is in flight.

        Raises CloseSpider, after logging the reason, if the archive cannot be opened or an argument
        is wrong.
        """
        if self._store is None:
            try:
                self._open_archive()
            except NewscrawlError as error:
                self.logger.error("%s", one_line(error))
                raise CloseSpider(type(error).__name__) from error
        most = self._most_at_once()
        while True:
            self._outcome.clear()
            if (wait := self.session.host.seconds()) > 0:
                if wait > LONGEST_WAIT_SECONDS:
                    return
                await asyncio.sleep(wait)
            has_room = (
                len(self.session.in_flight) < most and self._waiting_bytes < MOST_WAITING_BYTES
            )
            if has_room and (task := self._next_task()) is not None:
                yield request_for(task, self.parse, self.fetch_failed)
            elif self.session.in_flight and self.session.error is None:
                await self._outcome.wait()
            else:
                return

    def _most_at_once(self) -> int:
        """The largest number of pages in flight.

        If pages are requested one after the other, only the next one is prepared. After a Ctrl-C,
        Scrapy still requests all prepared pages, each after its delay.
        """
        if (
            self.settings.getbool("AUTOTHROTTLE_ENABLED")
            and self.settings.getfloat("DOWNLOAD_DELAY") > 0
        ):
            return 1 + ceil(self.settings.getfloat("AUTOTHROTTLE_TARGET_CONCURRENCY"))
        return self.settings.getint("CONCURRENT_REQUESTS")

    def _commit_soon(self) -> None:
        """Commits after GROUP_SECONDS, even if no other page follows."""
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

    def parse(
        self, response: Response, task: Task | None = None
    ) -> Iterable[Item | dict[str, object]] | AsyncIterator[Item]:
        """One item for the requested page. Any other response only has a counted outcome.

        Without a task (`scrapy parse URL`, `scrapy shell`), yields the contents of the page and
        stores nothing.
        """
        if task is None:
            return self._preview(response)
        received = receive_at_once(self.session, task, response.meta[EXCHANGE], response.body)
        if isinstance(received, Postponed):
            return self._read_aside(received)
        return () if received is None else (received,)

    async def _read_aside(self, postponed: Postponed) -> AsyncIterator[Item]:
        """The item of a page that takes long, while the crawl continues with other pages.

        Such pages are read one after the other. When the crawl is stopped, they remain open.
        """
        size = len(postponed.page.body)
        self._waiting_bytes += size
        try:
            async with self._aside:
                if not self.crawler.crawling:
                    return
                extracted = await asyncio.to_thread(read_aside, self.session, postponed)
        except PageRejected as error:
            give_up(self.session, postponed.task, error, postponed.capture)
            return
        finally:
            self._waiting_bytes -= size
        yield item_of(postponed.task, postponed.capture, extracted)

    def _preview(self, response: Response) -> Iterator[dict[str, object]]:
        """The object that `newscrawl extract` prints, or one per place on a category page."""
        site = self.site
        if "base_url" in self._arguments:
            site = site.rebased(self._arguments["base_url"])
        kind: PageKind = "article" if site.article_key(response.url) is not None else "listing"
        page = Page(response.url, response.body, getattr(response, "encoding", None), now_utc())
        read_page = page_reader().read(site, page, kind, response.url)
        if isinstance(read_page, Article):
            yield article_to_dict(read_page)
        elif isinstance(read_page, Listing):
            for entry in read_page.entries:
                yield asdict(entry)

    def fetch_failed(self, failure: TwistedFailure) -> None:
        """Called by Scrapy for a page without a response, or whose request is not allowed."""
        task: Task = failure.request.cb_kwargs["task"]  # type: ignore[attr-defined]
        if isinstance(failure.value, RobotsUnreachable):
            self.session.host.rest()
        give_up(self.session, task, error_of(failure))

    def _spider_error(self, failure: TwistedFailure, response: Response | None) -> None:
        """Handles an unexpected error in extraction: the page remains open, the crawl continues."""
        if response is not None and response.request is not None:
            give_up(self.session, response.request.cb_kwargs["task"], error_of(failure))

    def _item_error(self, item: Item, failure: TwistedFailure) -> None:
        """Handles an error in a pipeline.

        The page remains open. If the archive cannot be written, the crawl ends.
        """
        give_up(self.session, item.task, error_of(failure), item.capture)

    def _item_dropped(self, item: Item, exception: Exception) -> None:
        """Records the outcome of a page that a pipeline has dropped."""
        give_up(self.session, item.task, exception, item.capture)

    def _item_scraped(self, response: Response | None) -> None:
        """Records a failure if all pipelines have processed the item and none has stored it."""
        if response is not None and response.request is not None:
            end_unstored(self.session, response.request.cb_kwargs["task"])

    def end_abandoned(self) -> None:
        """Writes the end of the crawl after a second signal.

        Scrapy then stops immediately and closes no spider.
        """
        if not self.session.finished:
            self._spider_closed("shutdown")

    def _spider_closed(self, reason: str) -> None:
        session = getattr(self, "session", None)
        if session is None:
            return
        try:
            session.finish(reason)
        except NewscrawlError as error:
            session.stop(error)
        finally:
            self._opened.close()


def request_for(
    task: Task, callback: Callable[..., object], errback: Callable[[TwistedFailure], object]
) -> Request:
    """The request for a page; it is conditional if the page was fetched before."""
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
