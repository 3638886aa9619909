"""Which worker has a site: one at a time, so that the politeness of one worker is the site's.

A site is pinned to one of the workers that would take it, by a hash of both names: all agree on it without a word. The
lease decides in between. It lasts one delay longer than its holder sends, whoever dies or sleeps, so that the next
holder's first request keeps the distance too.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from time import monotonic
from typing import Any

from newscrawl.crawl.remote.queue import Queue

MARGIN_SECONDS = 1.0  # from the decision to send until the host sees it
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"


class Lease:
    """`delay_seconds` says how long the host is left alone between two requests now."""

    def __init__(
        self,
        queue: Queue,
        site: str,
        worker: str,
        *,
        seconds: float,
        delay_seconds: Callable[[], float],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._queue, self._site, self._worker = queue, site, worker
        self._seconds, self._delay_seconds, self._clock = seconds, delay_seconds, clock
        self._until = 0.0
        self._had = False
        self.wanted = False  # whether the site is pinned to this worker

    @property
    def held(self) -> bool:
        """Whether a request may be sent at this moment."""
        return self._clock() < self._until

    @property
    def every_seconds(self) -> float:
        """How often to call `keep`."""
        return self._seconds / 3

    def keep(self) -> bool:
        """Renews the lease, or takes it where it is free and the site is pinned here; True where it is held newly."""
        self.wanted = pinned(self._site, self._seen()) == self._worker
        asked_at = self._clock()
        redis, key = self._queue.redis, self._queue.key("lease", self._site)
        lasts = int((self._seconds + self._delay_seconds() + MARGIN_SECONDS) * 1000)
        if self._had:
            self._had = bool(redis.eval(_RENEW, 1, key, self._worker, lasts))
            self._until = asked_at + self._seconds if self._had else 0.0
            return False
        if self.wanted and redis.set(key, self._worker, px=lasts, nx=True):
            self._had, self._until = True, asked_at + self._seconds
        return self._had

    def release(self) -> None:
        """Gives the site up; the next worker may send once one delay has passed."""
        if self._had:
            self._had, self._until = False, 0.0
            lasts = int((self._delay_seconds() + MARGIN_SECONDS) * 1000)
            self._queue.redis.eval(
                _RENEW, 1, self._queue.key("lease", self._site), self._worker, lasts
            )

    def leave(self) -> None:
        """Releases the site, and is no candidate for it any longer."""
        self.release()
        self._queue.redis.zrem(self._queue.key("workers", self._site), self._worker)

    def _seen(self) -> list[str]:
        """The workers that were seen within a lease's time, this one among them; by the clock of Redis."""
        redis, key = self._queue.redis, self._queue.key("workers", self._site)
        seconds, micros = redis.time()
        now = seconds + micros / 1e6
        with redis.pipeline() as pipe:
            pipe.zadd(key, {self._worker: now})
            pipe.zremrangebyscore(key, "-inf", now - self._seconds)
            pipe.zrange(key, 0, -1)
            found: list[Any] = pipe.execute()[2]
        return [name.decode() for name in found]


def pinned(site: str, workers: list[str]) -> str:
    """The worker that a site belongs to (rendezvous hashing): one more worker moves only its own share of the sites."""
    return max(workers, key=lambda worker: sha256(f"{worker}\n{site}".encode()).digest())
