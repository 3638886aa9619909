"""What a worker has instead of a Session: orders from Redis, answers into it. The archive is elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from redis import RedisError

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.records import Exchange, Task
from newscrawl.crawl.captures import USED_STATUSES
from newscrawl.crawl.host_rest import HostRest
from newscrawl.crawl.remote.messages import Answer, fields_of, read_order, received_of
from newscrawl.crawl.remote.queue import Queue
from newscrawl.crawl.session import now_utc
from newscrawl.sites.site import Site


class Link:
    """One site's orders and answers. An answer that cannot be sent waits here, and no order is taken meanwhile."""

    def __init__(self, site: Site, queue: Queue) -> None:
        self.site, self._queue = site, queue
        self.clock = now_utc
        self.host = HostRest()
        self.error: NewscrawlError | None = None
        self.answered = 0
        self.in_hand: dict[str, bytes] = {}  # address -> the order as it came
        self._unsent: deque[tuple[bytes | None, Mapping[bytes, bytes]]] = deque()

    def category_key(self, task: Task | None) -> str | None:
        """The collector knows it."""
        return None

    def stop(self, error: NewscrawlError) -> None:
        """There is no archive here that could fail."""
        self.error = error

    def task_of(self, text: bytes) -> Task | None:
        """The page that an order asks for, now in hand; None where it is none, or in hand already."""
        order = read_order(text)
        if order is None or order.url in self.in_hand:
            return None
        self.in_hand[order.url] = text
        return Task(
            url=order.url, kind="article", etag=order.etag, last_modified=order.last_modified
        )

    def drop(self, url: str) -> None:
        """The order is not answered here: the site's next worker finds it in Redis."""
        self.in_hand.pop(url, None)

    def answer(self, url: str, answer: Answer, body: bytes = b"") -> None:
        """Sends what became of an order."""
        self.answered += 1
        self._unsent.append((self.in_hand.pop(url, None), fields_of(answer, body)))
        self.send()

    def send(self) -> bool:
        """Sends what waits; False where some of it still does."""
        while self._unsent:
            order, fields = self._unsent[0]
            try:
                self._queue.answer(self.site.name, order, fields)
            except RedisError:
                return False
            self._unsent.popleft()
        return True

    def save_robots(self, exchange: Exchange) -> None:
        """Sends a robots.txt, which answers no order; only one that the server has, or says it has not."""
        if exchange.status not in USED_STATUSES:
            return
        answer = Answer(site=self.site.name, received=received_of(exchange))
        self._unsent.append((None, fields_of(answer, exchange.body)))
        self.send()
