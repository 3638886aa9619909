"""The keys of a run in Redis: orders to the workers, and their answers.

    newscrawl:run              {id, archive, state}: the current run; workers wait for one
    newscrawl:collector        which archive is written; set while its collector is running
    newscrawl:ID:sites         site -> origin at which it is crawled
    newscrawl:ID:orders:SITE   a list: orders that no worker has taken
    newscrawl:ID:hand:SITE     a list: orders that the site's worker has taken and not answered
    newscrawl:ID:lease:SITE    the worker that crawls the site (lease.py)
    newscrawl:ID:workers:SITE  the candidate workers, and when each was last seen
    newscrawl:ID:answers       a stream: what was fetched; an entry is deleted once it is stored
    newscrawl:aside            a stream: the last invalid entries

An order moves from `orders` to `hand` in one step. A second step removes it from `hand` and adds
its answer. If a worker dies, `hand` contains exactly its unanswered orders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from redis import ResponseError

RUN, COLLECTOR, ASIDE = "newscrawl:run", "newscrawl:collector", "newscrawl:aside"
GROUP = "collectors"
READER = "collector"  # only one at a time: it inherits the unacknowledged answers of the last one
COLLECTOR_SECONDS = 30  # after this, a collector of another archive may take over the queue
ENDED_SECONDS = 24 * 3600  # how long Redis remembers that a run has ended
KEPT_ASIDE = 1000
BATCH = 32
_COLLECT = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]
"""
_TAKE = """
local taken = {}
for place = 1, tonumber(ARGV[1]) do
    local order = redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT')
    if not order then break end
    taken[place] = order
end
return taken
"""

Entry = tuple[bytes, Mapping[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Queue:
    """One run on one Redis. The methods raise redis.RedisError if Redis cannot be reached."""

    redis: Any
    run: str

    def key(self, *parts: str) -> str:
        """The name of one of the run's keys."""
        return ":".join(("newscrawl", self.run, *parts))

    # For the collector.

    def open(self, archive: str, origins: Mapping[str, str]) -> bool:
        """Creates the missing keys.

        Returns True if the run itself was missing, so that all orders have to be queued again.
        """
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
        """Whether Redis still has the run and its consumer group.

        After Redis has lost everything, the answer of a worker can recreate the stream alone.
        """
        return bool(self.redis.hget(RUN, "id") == self.run.encode() and self._has_group())

    def _has_group(self) -> bool:
        stream = self.key("answers")
        return bool(self.redis.exists(stream) and self.redis.xinfo_groups(stream))

    def give(self, site: str, orders: Sequence[str]) -> None:
        """Adds orders at the end of the queue."""
        if orders:
            self.redis.rpush(self.key("orders", site), *orders)

    def withdraw(self, site: str) -> None:
        """Removes all unanswered orders. A worker that has already taken one still answers it."""
        self.redis.delete(self.key("orders", site), self.key("hand", site))

    def given(self, site: str) -> list[bytes]:
        """The unanswered orders."""
        with self.redis.pipeline() as pipe:
            pipe.lrange(self.key("hand", site), 0, -1)
            pipe.lrange(self.key("orders", site), 0, -1)
            in_hand, waiting = pipe.execute()
        return [*in_hand, *waiting]

    def take_back(self, site: str, order: bytes) -> None:
        """Removes one order."""
        with self.redis.pipeline() as pipe:
            pipe.lrem(self.key("hand", site), 0, order)
            pipe.lrem(self.key("orders", site), 0, order)
            pipe.execute()

    def unread(self) -> Iterator[tuple[Entry, int]]:
        """The answers that an earlier collector read and did not acknowledge.

        Each comes with the number of its earlier deliveries.
        """
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

    def read(self, milliseconds: int) -> list[Entry] | None:
        """The next answers; empty if none arrived in that time.

        None if Redis has lost the stream.
        """
        try:
            found = self.redis.xreadgroup(
                GROUP, READER, {self.key("answers"): ">"}, count=BATCH, block=milliseconds
            )
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            return None
        return [(entry, fields or {}) for entry, fields in found[0][1]] if found else []

    def done(self, entries: Sequence[bytes]) -> None:
        """Deletes answers that are in the archive."""
        if not entries:
            return
        with self.redis.pipeline() as pipe:
            pipe.xack(self.key("answers"), GROUP, *entries)
            pipe.xdel(self.key("answers"), *entries)
            pipe.execute()

    def set_aside(self, entry: Entry) -> None:
        """Moves an invalid entry to a stream of its own, where it can be inspected."""
        fields = {name[:100]: value[:10_000] for name, value in entry[1].items()} or {b"empty": b""}
        self.redis.xadd(ASIDE, fields, maxlen=KEPT_ASIDE, approximate=True)
        self.done([entry[0]])

    def end(self) -> None:
        """Marks the run as ended, which stops the workers, and deletes its other keys."""
        with self.redis.pipeline() as pipe:
            pipe.hset(RUN, "state", "ended")
            pipe.expire(RUN, ENDED_SECONDS)
            pipe.delete(COLLECTOR)
            pipe.execute()
        forget(self.redis, self.run)

    # For the workers.

    def ended(self) -> bool:
        """Whether this run has ended. False if Redis has lost it: its collector republishes it."""
        return self._is_ended(*self.redis.hmget(RUN, "id", "state"))

    def look(self) -> tuple[bool, int]:
        """Whether this run has ended, and how many answers are not in the archive yet."""
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.hmget(RUN, "id", "state")
            pipe.xlen(self.key("answers"))
            (run, state), waiting = pipe.execute()
        return self._is_ended(run, state), int(waiting)

    def _is_ended(self, run: bytes | None, state: bytes | None) -> bool:
        return run is not None and (run != self.run.encode() or state == b"ended")

    def origins(self) -> dict[str, str]:
        """The sites of the run, and the origin at which each is crawled."""
        return {
            name.decode(): origin.decode()
            for name, origin in self.redis.hgetall(self.key("sites")).items()
        }

    def take(self, site: str, most: int) -> list[bytes]:
        """The next orders, now in hand."""
        if most <= 0:
            return []
        orders, hand = self.key("orders", site), self.key("hand", site)
        taken: list[bytes] = self.redis.eval(_TAKE, 2, orders, hand, most)
        return taken

    def put_back(self, site: str, *, but: Collection[bytes]) -> None:
        """Moves orders in hand that no worker has, except `but`, to the front of the queue."""
        for order in reversed(self.redis.lrange(self.key("hand", site), 0, -1)):
            if order not in but:
                with self.redis.pipeline() as pipe:
                    pipe.lrem(self.key("hand", site), 1, order)
                    pipe.lpush(self.key("orders", site), order)
                    pipe.execute()

    def answer(
        self, site: str, answers: Iterable[tuple[bytes | None, Mapping[bytes, bytes]]]
    ) -> None:
        """Adds answers and removes their orders from `hand`, in one transaction."""
        with self.redis.pipeline() as pipe:
            for order, fields in answers:
                pipe.xadd(self.key("answers"), dict(fields))
                if order is not None:
                    pipe.lrem(self.key("hand", site), 1, order)
            pipe.execute()


def claim(redis: Any, archive: str) -> str:
    """Claims the queue for this archive for COLLECTOR_SECONDS.

    Returns the archive that has the queue, which may be another one.
    """
    holder: bytes = redis.eval(_COLLECT, 1, COLLECTOR, archive, COLLECTOR_SECONDS)
    return holder.decode()


def run_of(redis: Any, archive: str) -> Queue:
    """The archive's unfinished run, or a new one.

    The run of another archive is deleted. Nothing is lost, because its frontier has the open pages.
    """
    run, owner, state = redis.hmget(RUN, "id", "archive", "state")
    if run is not None and owner == archive.encode() and state == b"open":
        return Queue(redis, run.decode())
    if run is not None:
        forget(redis, run.decode())
    return Queue(redis, uuid4().hex[:12])


def run_under_way(redis: Any) -> Queue | None:
    """The current run, which workers may join; None if there is none."""
    run, state = redis.hmget(RUN, "id", "state")
    return Queue(redis, run.decode()) if run is not None and state == b"open" else None


def forget(redis: Any, run: str) -> None:
    """Deletes every key of a run."""
    for key in redis.scan_iter(match=f"newscrawl:{run}:*", count=1000):
        redis.unlink(key)
