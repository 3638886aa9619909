"""Stores the answers of workers: each page goes through the same pipelines as in a local crawl."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.pipelines import ItemPipelineManager
from scrapy.settings import Settings
from scrapy.utils.misc import build_from_crawler, load_object

from newscrawl.core.records import Exchange, Failure, Task
from newscrawl.core.refusals import refusal
from newscrawl.core.urls import masked
from newscrawl.crawl.reception import end_unstored, give_up, receive
from newscrawl.crawl.remote.messages import Answer, BadMessage, exchange_of
from newscrawl.crawl.session import Session
from newscrawl.items import Item

ROBOTS_UNREACHABLE = "robots_unreachable"
BROKEN = Failure(
    code="internal",
    message="the collector stopped several times while it was storing this page",
    stage="internal",
    retry=True,
)


class CollectedSpider(Spider):
    """The spider that the item pipelines of a collector see. It fetches nothing."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.site.name)
        self.session = session


class SiteAnswers:
    """Stores the answers for one site."""

    def __init__(
        self, session: Session, settings: Settings, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.session, self._loop = session, loop
        crawler = Crawler(CollectedSpider, settings)
        crawler.spider = CollectedSpider.from_crawler(crawler, session)
        crawler.stats = load_object(settings["STATS_CLASS"])(crawler)
        processor: type[ItemPipelineManager] = load_object(settings["ITEM_PROCESSOR"])
        self._pipelines = build_from_crawler(processor, crawler)
        loop.run_until_complete(self._pipelines.open_spider_async())

    def store(self, answer: Answer, body: bytes, *, again: bool) -> None:
        """Stores an answer; everything in it is in the archive when this returns.

        `again` means that an earlier collector received this answer and may have stored it. Raises
        BadMessage for a page of another host, NewscrawlError if the archive cannot be written.
        """
        self._check_host(answer)
        if again and self._is_stored(answer):
            return
        if answer.order is None:
            assert answer.received is not None
            self.session.save_robots(exchange_of(answer.received, body))
            return
        task = self.resume(answer.order)
        if task is None:
            return
        if answer.fault is not None:
            if answer.fault.code == ROBOTS_UNREACHABLE:
                self.session.host.rest()
            self.session.save_failure(task, answer.fault.failure())
            return
        assert answer.received is not None
        category = self.session.category_key(task)
        self._store_page(task, exchange_of(answer.received, body, task, category))

    def give_up(self, answer: Answer) -> None:
        """Rejects an answer on which several collectors have stopped. Its page is retried later."""
        task = None if answer.order is None else self.resume(answer.order)
        if task is not None:
            self.session.save_failure(task, BROKEN)

    def resume(self, url: str) -> Task | None:
        """The task of an address that is in flight or open; it is in flight from now on.

        None for an address that is not open: it has been answered before, or was never requested.
        """
        if url in self.session.in_flight:
            return self.session.in_flight[url]
        task = self.session.store.frontier.open_task(self.session.site.name, url)
        return None if task is None else self.session.begin(task)

    def finish(self, reason: str) -> None:
        """Closes the pipelines and writes the end of the crawl."""
        _, error = self._outcome(self._pipelines.close_spider_async())
        self.session.finish(reason)
        if error is not None:
            raise error

    def _store_page(self, task: Task, exchange: Exchange) -> None:
        item, error = self._outcome(self._receive(task, exchange))
        if item is not None:
            _, error = self._outcome(self._pipelines.process_item_async(item))
        if error is not None:
            give_up(self.session, task, error, item.capture if item is not None else None)
        end_unstored(self.session, task)
        if self.session.error is not None:
            raise self.session.error

    async def _receive(self, task: Task, exchange: Exchange) -> Item | None:
        return receive(self.session, task, exchange)

    def _outcome(
        self, coroutine: Coroutine[Any, Any, Any]
    ) -> tuple[Any, None] | tuple[None, BaseException]:
        """The result of a coroutine, or its exception, which is a failure of that page only."""
        done = self._loop.create_task(coroutine)
        self._loop.run_until_complete(asyncio.wait([done]))
        error = done.exception()
        return (done.result(), None) if error is None else (None, error)

    def _check_host(self, answer: Answer) -> None:
        for url in (answer.order, answer.received.url if answer.received else None):
            if url is not None and refusal(url, self.session.site.hosts) is not None:
                raise BadMessage(f"an address that does not belong to the site: {masked(url)}")

    def _is_stored(self, answer: Answer) -> bool:
        received = answer.received
        return received is not None and self.session.store.captures.has(
            self.session.site.name,
            answer.order or received.url,
            received.url,
            received.fetched_at,
        )
