"""What a worker uses instead of a Session: orders from Redis, and answers to it, but no archive."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import islice

from redis import RedisError

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.records import Exchange, Task
from newscrawl.crawl.captures import USED_STATUSES
from newscrawl.crawl.host_rest import HostRest
from newscrawl.crawl.remote.messages import Answer, fields_of, read_order, received_of
from newscrawl.crawl.remote.queue import Queue
from newscrawl.crawl.session import now_utc
from newscrawl.sites.site import Site

SENT_TOGETHER = 8  # answers: half of the orders that a site may have in hand


class Link:
    """The orders and answers of one site.

    An answer that cannot be sent waits here. Until it is sent, no order is taken.
    """

    def __init__(self, site: Site, queue: Queue) -> None:
        self.site, self._queue = site, queue
        self.clock = now_utc
        self.host = HostRest()
        self.error: NewscrawlError | None = None
        self.answered = 0
        self.in_hand: dict[str, bytes] = {}  # address -> the order as received
        self._unsent: deque[tuple[bytes | None, Mapping[bytes, bytes]]] = deque()

    def category_key(self, task: Task | None) -> str | None:
        """None: only the collector needs the category."""
        return None

    def stop(self, error: NewscrawlError) -> None:
        """Keeps the error. A worker has no archive that could fail."""
        self.error = error

    def task_of(self, text: bytes) -> Task | None:
        """The page of an order, now in hand; None if the order is invalid or already in hand."""
        order = read_order(text)
        if order is None or order.url in self.in_hand:
            return None
        self.in_hand[order.url] = text
        return Task(
            site=self.site.name,
            url=order.url,
            kind="article",
            etag=order.etag,
            last_modified=order.last_modified,
        )

    def drop(self, url: str) -> None:
        """Leaves an order unanswered. The site's next worker finds it in Redis."""
        self.in_hand.pop(url, None)

    def answer(self, url: str, answer: Answer, body: bytes = b"") -> None:
        """Keeps the answer to an order, and sends it with others once there are enough."""
        self.answered += 1
        self._unsent.append((self.in_hand.pop(url, None), fields_of(answer, body)))
        if len(self._unsent) >= SENT_TOGETHER:
            self.send()

    def send(self) -> bool:
        """Sends the waiting answers; False if some could not be sent."""
        while self._unsent:
            together = list(islice(self._unsent, SENT_TOGETHER))
            try:
                self._queue.answer(self.site.name, together)
            except RedisError:
                return False
            for _ in together:
                self._unsent.popleft()
        return True

    def save_robots(self, exchange: Exchange) -> None:
        """Sends the response for robots.txt, which belongs to no order.

        Only a definite response is sent: the file, or the server's response that it does not exist.
        """
        if exchange.status not in USED_STATUSES:
            return
        answer = Answer(site=self.site.name, received=received_of(exchange))
        self._unsent.append((None, fields_of(answer, exchange.body)))
        self.send()
