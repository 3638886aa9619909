"""Which worker crawls a site: one at a time, so that its delay between requests is sufficient.

A site is pinned to one of the candidate workers by a hash of both names, so all workers agree on it
without communication. While the candidates change, the lease decides. It lasts one delay longer
than its holder sends requests, even if the holder dies or is suspended, so the first request of
the next holder also keeps the delay.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from time import monotonic
from typing import Any

from newscrawl.crawl.remote.queue import Queue

MARGIN_SECONDS = 1.0  # from the decision to send a request until it reaches the host
_RENEW = (
    "if redis.call('GET', KEYS[1]) == ARGV[1]"
    " then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
)


class Lease:
    """The lease of one site for one worker.

    `delay_seconds` returns the current delay between two requests to the host.
    """

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
        """Whether a request may be sent now."""
        return self._clock() < self._until

    @property
    def every_seconds(self) -> float:
        """How often to call `keep`."""
        return self._seconds / 3

    def keep(self) -> bool:
        """Renews the lease, or takes it if it is free and the site is pinned to this worker.

        Returns True if the lease is newly taken.
        """
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
        """Releases the site. The next worker may send a request after one delay."""
        if self._had:
            self._had, self._until = False, 0.0
            lasts = int((self._delay_seconds() + MARGIN_SECONDS) * 1000)
            self._queue.redis.eval(
                _RENEW, 1, self._queue.key("lease", self._site), self._worker, lasts
            )

    def leave(self) -> None:
        """Releases the site and stops being a candidate for it."""
        self.release()
        self._queue.redis.zrem(self._queue.key("workers", self._site), self._worker)

    def _seen(self) -> list[str]:
        """The workers seen within the duration of a lease (clock of Redis), including this one."""
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
    """The worker to which a site is pinned, by rendezvous hashing.

    An additional worker takes over only its own share of the sites.
    """
    return max(workers, key=lambda worker: sha256(f"{worker}\n{site}".encode()).digest())
