"""The spider of a worker: turns orders for one site into requests, and responses into answers.

It uses the Redis connection and the message reading of scrapy-redis. The scheduler and the
duplicate filter of scrapy-redis are not used, because the collector decides what is fetched.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, ClassVar, Self

from redis import RedisError
from scrapy import Request, Spider, signals
from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy_redis.spiders import RedisMixin
from twisted.python.failure import Failure as TwistedFailure

from newscrawl.core.records import Exchange, Task
from newscrawl.crawl.captures import EXCHANGE, USED_STATUSES
from newscrawl.crawl.failures import of_exception
from newscrawl.crawl.pace import PacedDownloader
from newscrawl.crawl.remote.lease import Lease
from newscrawl.crawl.remote.messages import Answer, Fault, received_of
from newscrawl.crawl.remote.queue import Queue
from newscrawl.crawl.remote.worker_session import Link
from newscrawl.sites.site import Site
from newscrawl.spiders.site import request_for

LOG = logging.getLogger(__name__)
# Answers that are ready at about the same time are sent together.
LONGEST_UNSENT = 0.05  # seconds
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between two reads of an empty queue


class LeaseLost(IgnoreRequest):
    """Another worker may have the site now. The spider leaves the order to that worker."""


class WorkerSpider(RedisMixin, Spider):
    """The spider of one site, made by `worker_class`; `link` carries its orders and answers."""

    site: ClassVar[Site]

    def __init__(self, name: str | None = None, *, queue: Queue, worker: str) -> None:
        super().__init__(name)
        self.queue = queue
        self.link = self.session = Link(self.site, queue)  # the middlewares use the name `session`
        self._worker = worker
        self.done = False  # whether the run has ended
        self._keeping: asyncio.Task[None] | None = None
        self._put_back = False  # whether `hand` may contain orders that no worker has
        self._away = False
        self._news = asyncio.Event()
        self._few = 0  # orders in hand with which to take more
        self._sending: asyncio.TimerHandle | None = None
        self.redis_key = queue.key("orders", self.site.name)
        self.lease: Lease

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.setup_redis(crawler)
        spider.queue = Queue(spider.server, spider.queue.run)
        spider.fetch_data = spider._take
        seconds = crawler.settings.getfloat("NEWSCRAWL_LEASE_SECONDS")
        spider.lease = Lease(
            spider.queue,
            cls.site.name,
            spider._worker,
            seconds=seconds,
            delay_seconds=spider._delay_seconds,
        )
        crawler.signals.connect(spider._closed, signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Requests for the orders, while this worker has the site, until the run has ended."""
        self._keeping = asyncio.create_task(self._keep_lease())
        pause = SHORTEST_PAUSE
        while not self.done:
            self._news.clear()
            requests = self._requests()
            for request in requests:
                yield request
            pause = SHORTEST_PAUSE if requests else min(pause * 2, LONGEST_PAUSE)
            await _news_or(self._news, pause)

    def _requests(self) -> list[Request]:
        try:
            is_sent = self.link.send()  # before `look`, which counts answers
            self.done, waiting = self.queue.look()
            may_take = is_sent and self._may_take(waiting)
            found = list(self.next_requests()) if may_take else []
        except RedisError as error:
            self._is_away(error)
            self._put_back = True  # Redis may have moved an order without its reply arriving here
            return []
        self._away = False
        return found

    def _is_away(self, error: RedisError) -> None:
        if not self._away:
            LOG.warning("Redis does not respond (%s); waiting for it", error)
        self._away = True

    def _may_take(self, waiting: int) -> bool:
        """Whether to take orders, if so many answers are waiting for the collector.

        Not without the lease, not while the host is paused, and not while many answers are waiting
        for the collector.
        """
        if not self.lease.held or self.link.host.seconds() > 0:
            return False
        if self._put_back:
            self.queue.put_back(self.site.name, but=self.link.in_hand.values())
            self._put_back = False
        return self.lease.wanted and waiting < self.settings.getint("NEWSCRAWL_MOST_WAITING")

    def _take(self, key: str, most: int) -> list[bytes]:
        """Called by scrapy-redis for the next batch; fills up to `most` orders in hand."""
        self._few = most // 2
        return self.queue.take(self.site.name, most - len(self.link.in_hand))

    def make_request_from_data(self, data: bytes) -> list[Request]:
        """Called by scrapy-redis for the requests of a message: a GET, whatever the message is."""
        task = self.link.task_of(data)
        return [] if task is None else [request_for(task, self.parse, self.fetch_failed)]

    def spider_idle(self) -> None:
        """Does nothing: `start` reads the list. scrapy-redis would keep the spider open forever."""

    def parse(self, response: Response, task: Task) -> None:
        """Sends a response with the bytes as received."""
        exchange: Exchange = response.meta[EXCHANGE]
        body = exchange.body if exchange.status in USED_STATUSES else b""
        answer = Answer(site=self.site.name, order=task.url, received=received_of(exchange))
        self.link.answer(task.url, answer, body)
        self._answered()

    def fetch_failed(self, failure: TwistedFailure) -> None:
        """Sends why there is no response, unless another worker may have the order now."""
        task: Task = failure.request.cb_kwargs["task"]  # type: ignore[attr-defined]
        assert failure.value is not None
        if isinstance(failure.value, LeaseLost):
            self.link.drop(task.url)
        else:
            fault = fault_of(failure.value)
            self.link.answer(task.url, Answer(site=self.site.name, order=task.url, fault=fault))
        self._answered()

    def _answered(self) -> None:
        """Has answers sent soon, and takes new orders when few are left."""
        if self._sending is None:
            loop = asyncio.get_running_loop()
            self._sending = loop.call_later(LONGEST_UNSENT, self._send)
        if len(self.link.in_hand) <= self._few:
            self._news.set()

    def _send(self) -> None:
        self._sending = None
        self.link.send()

    async def _keep_lease(self) -> None:
        while True:
            try:
                self._look_after_lease()
            except RedisError as error:
                self._is_away(error)
            await asyncio.sleep(self.lease.every_seconds if self.lease.held else LONGEST_PAUSE)

    def _look_after_lease(self) -> None:
        if self.lease.keep():
            self._put_back = True
            self._news.set()
        if self.lease.held and not self.lease.wanted and not self.link.in_hand:
            self.lease.release()

    def _delay_seconds(self) -> float:
        """The current delay between two requests, which robots.txt and throttling can increase."""
        engine = self.crawler.engine
        slots = (
            engine.downloader.slots.values()
            if engine is not None and engine.downloader is not None
            else ()
        )
        return max([self.settings.getfloat("DOWNLOAD_DELAY"), *(slot.delay for slot in slots)])

    def _closed(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
        if self._sending is not None:
            self._sending.cancel()
        try:
            self.link.send()
            self.lease.leave()
        except RedisError as error:
            LOG.warning("Redis does not respond: %s; the lease will expire on its own", error)


class LeasedDownloader(PacedDownloader):
    """The downloader of a worker, which also checks the lease immediately before it sends.

    A worker that was suspended therefore sends nothing.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.handlers = LeasedHandlers(crawler)


class LeasedHandlers(DownloadHandlers):
    """The handlers of a LeasedDownloader."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._leased = crawler

    async def download_request_async(self, request: Request) -> Response:
        """Raises LeaseLost if another worker may have the site now."""
        spider = self._leased.spider
        assert isinstance(spider, WorkerSpider)
        if not spider.lease.held:
            raise LeaseLost("another worker may have the site now")
        return await super().download_request_async(request)


def fault_of(error: BaseException) -> Fault:
    """Why there is no response, as it is sent to the collector."""
    failure = of_exception(error)
    return Fault(
        code=failure.code,
        message=failure.message[:500],
        stage="internal" if failure.stage == "internal" else "fetch",
        retry=failure.retry,
        raw=failure.raw[:500] if failure.raw is not None else None,
    )


async def _news_or(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
