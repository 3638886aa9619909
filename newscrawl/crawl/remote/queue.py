"""The run's keys in Redis: orders on their way out, answers on their way back.

    newscrawl:run              {id, archive, state}: the run that is under way; workers wait for one
    newscrawl:collector        which archive writes, while its collector lives
    newscrawl:ID:sites         site -> origin at which it is crawled
    newscrawl:ID:orders:SITE   a list: what may be fetched next
    newscrawl:ID:hand:SITE     a list: what the site's worker has taken and not answered
    newscrawl:ID:lease:SITE    the worker that has the site (lease.py)
    newscrawl:ID:workers:SITE  the workers that would take it, and when they were last seen
    newscrawl:ID:answers       a stream: what was fetched; an entry goes once it is in the archive
    newscrawl:aside            a stream: the last entries that were no answers

An order goes from `orders` to `hand` in one step, and from `hand` together with its answer's arrival in another: a
worker that dies leaves in `hand` exactly what it had not answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

RUN, COLLECTOR, ASIDE = "newscrawl:run", "newscrawl:collector", "newscrawl:aside"
GROUP = "collectors"
READER = "collector"  # there is one at a time: what its predecessor had not acknowledged is its own
COLLECTOR_SECONDS = (
    30  # after this, a collector of another archive may take the queue of a dead one
)
ENDED_SECONDS = 24 * 3600  # how long workers can learn that a run has ended
KEPT_ASIDE = 1000
BATCH = 32
_COLLECT = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]
"""

Entry = tuple[bytes, Mapping[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Queue:
    """One run on one Redis. Every method is one round trip; redis.RedisError where that failed."""

    redis: Any
    run: str

    def key(self, *parts: str) -> str:
        """The name of one of the run's keys."""
        return ":".join(("newscrawl", self.run, *parts))

    # The collector's side.

    def open(self, archive: str, origins: Mapping[str, str]) -> bool:
        """Makes what is missing; True where the run itself was, so that all orders have to be given again."""
        was_there = self.redis.hget(RUN, "id") == self.run.encode()
        with self.redis.pipeline() as pipe:
            pipe.hset(RUN, mapping={"id": self.run, "archive": archive, "state": "open"})
            pipe.persist(RUN)
            pipe.delete(self.key("sites"))
            pipe.hset(self.key("sites"), mapping=dict(origins))
            pipe.execute()
        if not self._has_group():
            self.redis.xgroup_create(self.key("answers"), GROUP, id="0", mkstream=True)
        return not was_there

    def is_there(self) -> bool:
        """Whether Redis still knows the run: it may have lost everything, and got a worker's answer since."""
        return bool(self.redis.hget(RUN, "id") == self.run.encode() and self._has_group())

    def _has_group(self) -> bool:
        stream = self.key("answers")
        return bool(self.redis.exists(stream) and self.redis.xinfo_groups(stream))

    def give(self, site: str, order: str) -> None:
        """Adds an order behind the others."""
        self.redis.rpush(self.key("orders", site), order)

    def withdraw(self, site: str) -> None:
        """Takes back every order that is not answered. A worker that has one will answer it all the same."""
        self.redis.delete(self.key("orders", site), self.key("hand", site))

    def given(self, site: str) -> list[bytes]:
        """The orders that are not answered."""
        with self.redis.pipeline() as pipe:
            pipe.lrange(self.key("hand", site), 0, -1)
            pipe.lrange(self.key("orders", site), 0, -1)
            in_hand, waiting = pipe.execute()
        return [*in_hand, *waiting]

    def take_back(self, site: str, order: bytes) -> None:
        """Takes one order back."""
        with self.redis.pipeline() as pipe:
            pipe.lrem(self.key("hand", site), 0, order)
            pipe.lrem(self.key("orders", site), 0, order)
            pipe.execute()

    def unread(self) -> Iterator[tuple[Entry, int]]:
        """What an earlier collector took and did not acknowledge, and how often each was delivered before."""
        stream, start = self.key("answers"), b"0"
        while True:
            found = self.redis.xreadgroup(GROUP, READER, {stream: start}, count=BATCH)
            entries = found[0][1] if found else []
            if not entries:
                return
            for entry, fields in entries:
                times = self.redis.xpending_range(stream, GROUP, entry, entry, 1)
                yield (entry, fields or {}), times[0]["times_delivered"] - 1 if times else 0
            start = entries[-1][0]

    def read(self, milliseconds: int) -> list[Entry]:
        """The next answers; empty where none came in that time."""
        found = self.redis.xreadgroup(
            GROUP, READER, {self.key("answers"): ">"}, count=BATCH, block=milliseconds
        )
        return [(entry, fields or {}) for entry, fields in found[0][1]] if found else []

    def done(self, entry: bytes) -> None:
        """The answer is in the archive."""
        with self.redis.pipeline() as pipe:
            pipe.xack(self.key("answers"), GROUP, entry)
            pipe.xdel(self.key("answers"), entry)
            pipe.execute()

    def set_aside(self, entry: Entry) -> None:
        """Keeps what is no answer for whoever wants to look at it."""
        fields = {name[:100]: value[:10_000] for name, value in entry[1].items()} or {b"empty": b""}
        self.redis.xadd(ASIDE, fields, maxlen=KEPT_ASIDE, approximate=True)
        self.done(entry[0])

    def end(self) -> None:
        """Tells the workers that all is done, and leaves nothing of the run but that."""
        with self.redis.pipeline() as pipe:
            pipe.hset(RUN, "state", "ended")
            pipe.expire(RUN, ENDED_SECONDS)
            pipe.delete(COLLECTOR)
            pipe.execute()
        forget(self.redis, self.run)

    # The workers' side.

    def ended(self) -> bool:
        """Whether this run is over. One that Redis has forgotten is not: its collector will say it again."""
        run, state = self.redis.hmget(RUN, "id", "state")
        return run is not None and (run != self.run.encode() or state == b"ended")

    def origins(self) -> dict[str, str]:
        """The sites of the run, and where each is crawled."""
        return {
            name.decode(): origin.decode()
            for name, origin in self.redis.hgetall(self.key("sites")).items()
        }

    def take(self, site: str) -> bytes | None:
        """The next order, now in hand."""
        taken: bytes | None = self.redis.lmove(
            self.key("orders", site), self.key("hand", site), "LEFT", "RIGHT"
        )
        return taken

    def put_back(self, site: str, *, but: Collection[bytes]) -> None:
        """Puts what is in hand and nobody has, but for these, back in front of the orders."""
        for order in reversed(self.redis.lrange(self.key("hand", site), 0, -1)):
            if order not in but:
                with self.redis.pipeline() as pipe:
                    pipe.lrem(self.key("hand", site), 1, order)
                    pipe.lpush(self.key("orders", site), order)
                    pipe.execute()

    def answer(self, site: str, order: bytes | None, fields: Mapping[bytes, bytes]) -> None:
        """Hands an answer over and the order out of hand, both or neither."""
        with self.redis.pipeline() as pipe:
            pipe.xadd(self.key("answers"), dict(fields))
            if order is not None:
                pipe.lrem(self.key("hand", site), 1, order)
            pipe.execute()

    def waiting(self) -> int:
        """How many answers are not in the archive yet."""
        return int(self.redis.xlen(self.key("answers")))


def claim(redis: Any, archive: str) -> str:
    """Makes this archive the one that writes, for a while; the archive that does, which may be another."""
    holder: bytes = redis.eval(_COLLECT, 1, COLLECTOR, archive, COLLECTOR_SECONDS)
    return holder.decode()


def run_of(redis: Any, archive: str) -> Queue:
    """The archive's unfinished run, or a new one. Another archive's goes: its own frontier remembers everything."""
    run, owner, state = redis.hmget(RUN, "id", "archive", "state")
    if run is not None and owner == archive.encode() and state == b"open":
        return Queue(redis, run.decode())
    if run is not None:
        forget(redis, run.decode())
    return Queue(redis, uuid4().hex[:12])


def run_under_way(redis: Any) -> Queue | None:
    """The run that workers may join; None while there is none."""
    run, state = redis.hmget(RUN, "id", "state")
    return Queue(redis, run.decode()) if run is not None and state == b"open" else None


def forget(redis: Any, run: str) -> None:
    """Deletes every key of a run."""
    for key in redis.scan_iter(match=f"newscrawl:{run}:*", count=1000):
        redis.unlink(key)
