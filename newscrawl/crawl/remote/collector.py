"""`newscrawl collect`: gives the open pages of the frontier to workers and stores their answers."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from socket import gethostname
from threading import Event
from time import monotonic
from types import FrameType
from typing import Any

from redis import RedisError

from newscrawl.core.errors import ArchiveLocked, NewscrawlError, StorageError, UsageError
from newscrawl.core.lock import archive_lock, refuse_release
from newscrawl.core.records import Task
from newscrawl.crawl.opening import log_file, mend
from newscrawl.crawl.remote.address import connect
from newscrawl.crawl.remote.answers import SiteAnswers
from newscrawl.crawl.remote.messages import SHOWN, BadMessage, order_of, read_answer, url_of
from newscrawl.crawl.remote.queue import Entry, Queue, claim, run_of
from newscrawl.crawl.run import Ended, crawl_settings, report
from newscrawl.crawl.session import Clock, Session, now_utc
from newscrawl.crawl.window import Plan, asked_for
from newscrawl.spiders.site import GROUP_PAGES, GROUP_SECONDS
from newscrawl.store.write.store import Store

LOG = logging.getLogger(__name__)
WINDOW = 16  # unanswered orders per site: as many as a local crawl has requests in flight
POLL_MILLISECONDS = 500
# For a host that has requested a pause, as in a local crawl, and for a Redis that does not reply.
LONGEST_WAIT_SECONDS = 120.0
LOOK_SECONDS = 0.5  # between two looks at sites without answers, and at the state of the queue
QUIET_SECONDS = 600.0  # the orders of a site are queued again after this time without an answer
MOST_DELIVERIES = 3


def collect(
    folder: Path,
    plans: Sequence[Plan],
    queue_url: str,
    overrides: Mapping[str, object],
    *,
    watch: Callable[[Session], None] = lambda session: None,
    say: Callable[[str], None] = lambda message: None,
    clock: Clock = now_utc,
) -> list[Ended]:
    """Crawls the sites of all plans through workers until no page is open.

    Returns how each crawl ended, like `crawl.run.run`. `overrides` are Scrapy settings for the item
    pipelines.
    """
    _check(plans)
    refuse_release(folder)
    settings = crawl_settings(folder, asked_for(plans), overrides)
    redis = connect(queue_url)
    archive = f"{gethostname()}:{folder.absolute()}"
    with archive_lock(folder, "collect"):
        if (holder := claim(redis, archive)) != archive:
            raise ArchiveLocked(
                f"this queue is in use by the collector of {holder}",
                "wait until it ends, or use another database number",
            )
        with (
            Store(folder) as store,
            log_file(folder),
            _stop_signals() as stop,
            closing(asyncio.new_event_loop()) as loop,
        ):
            store.group(pages=GROUP_PAGES, seconds=GROUP_SECONDS)
            mend(folder, store, say, clock)
            sites = {}
            for plan in plans:
                session = _session(plan, store, clock)
                watch(session)
                sites[plan.site.name] = SiteAnswers(session, settings, loop)
            Collector(run_of(redis, archive), archive, store, sites, say).run(stop)
            return [report(store, site.session) for site in sites.values()]


class Collector:
    """One run of the collector; `run` returns when every session is finished."""

    def __init__(
        self,
        queue: Queue,
        archive: str,
        store: Store,
        sites: Mapping[str, SiteAnswers],
        say: Callable[[str], None],
    ) -> None:
        self._queue, self._archive, self._store, self._sites = queue, archive, store, sites
        self._say = say
        self._open = dict(sites)
        self._stored: list[bytes] = []  # answers whose rows may not be committed yet
        self._heard = dict.fromkeys(sites, monotonic())
        self._answered: set[str] = set()  # sites that may get new orders
        self._looked = float("-inf")  # when all sites were last looked at

    def run(self, stop: Event) -> None:
        """Runs until every site is finished or `stop` is set.

        Raises the error if the archive cannot be written.
        """
        reason = "finished"
        away_since: float | None = None
        begun = False
        while self._open:
            if stop.is_set():
                reason = "shutdown"
                break
            try:
                if not begun:
                    self._begin()
                    begun = True
                self._turn()
                away_since = None
            except RedisError as error:
                begun = False  # Redis may have delivered answers that were lost on the way
                away_since = self._is_away(away_since, error, stop)
            if self._failed() is not None:
                reason = "stopped"
                break
        self._finish(reason)

    def _begin(self) -> None:
        """Resumes the run that an earlier collector, or this one before a Redis failure, left.

        The answers come first, then the open orders.
        """
        self._announce()
        for entry, deliveries in self._queue.unread():
            self._receive(entry, again=True, deliveries=deliveries)
            # One by one: an answer that ends the collector must not count against its neighbours.
            self._acknowledge()
        while self._failed() is None and (entries := self._queue.read(1)):
            for entry in entries:
                self._receive(entry)
            self._acknowledge()
        for name, site in self._open.items():
            for order in self._queue.given(name):
                url = url_of(order)
                if url is None or site.resume(url) is None:
                    self._queue.take_back(name, order)

    def _announce(self) -> None:
        """Publishes the run to the workers; queues all open orders again if Redis has lost it."""
        origins = {name: site.session.site.origin for name, site in self._sites.items()}
        lost = self._queue.open(self._archive, origins)
        if lost and any(site.session.in_flight for site in self._open.values()):
            self._say("Redis has lost the queue; all open requests are queued again")
            for name in self._open:
                self._order_again(name)

    def _turn(self) -> None:
        names: Iterable[str] = self._answered
        if monotonic() - self._looked >= LOOK_SECONDS:
            self._look()
            names = list(self._open)
        self._answered = set()
        for name in names:
            if name in self._open:
                self._give(name, self._open[name].session)
        if not self._open:
            return
        entries = self._queue.read(POLL_MILLISECONDS)
        if entries is None:
            self._announce()
            return
        for entry in entries:
            self._receive(entry)
        self._acknowledge()

    def _look(self) -> None:
        """Keeps the queue for this archive, and publishes the run again if Redis has lost it."""
        if claim(self._queue.redis, self._archive) != self._archive:
            raise ArchiveLocked(
                "another collector has taken over this queue",
                "one queue serves one archive at a time",
            )
        if not self._queue.is_there():
            self._announce()
        self._looked = monotonic()

    def _give(self, name: str, session: Session) -> None:
        """Queues new orders for a site. A site without open and unanswered orders is finished."""
        wait = session.host.seconds()
        if wait > LONGEST_WAIT_SECONDS:  # left to the next run, as in a crawl
            self._queue.withdraw(name)
            self._close(name)
            return
        orders = []
        while (
            wait == 0
            and len(session.in_flight) < WINDOW
            and (task := _next_task(session)) is not None
        ):
            orders.append(order_of(task))
            self._heard[name] = monotonic()
        self._queue.give(name, orders)
        if wait == 0 and not session.in_flight and session.error is None:
            self._close(name)
        elif monotonic() - self._heard[name] > QUIET_SECONDS:
            self._order_again(name)

    def _close(self, name: str) -> None:
        site = self._open[name]
        try:
            site.finish("finished")
        except NewscrawlError as error:
            site.session.stop(error)
        else:
            del self._open[name]

    def _order_again(self, name: str) -> None:
        """Queues all unanswered orders of a site again. An order answered twice is stored once."""
        self._queue.withdraw(name)
        tasks = self._open[name].session.in_flight.values()
        self._queue.give(name, [order_of(task) for task in tasks])
        self._heard[name] = monotonic()

    def _receive(self, entry: Entry, *, again: bool = False, deliveries: int = 0) -> None:
        """Stores an answer; `_acknowledge` removes it from Redis.

        If the archive cannot be written, the answer stays in Redis.
        """
        if self._failed() is not None:
            return
        try:
            answer, body = read_answer(entry[1])
            site = self._open.get(answer.site)
            if site is None and answer.site not in self._sites:
                raise BadMessage(f"a site that is not collected here: {answer.site}")
            if site is not None:
                self._answered.add(answer.site)
                self._heard[answer.site] = monotonic()
                if deliveries >= MOST_DELIVERIES:
                    site.give_up(answer)
                    raise BadMessage("collectors stopped repeatedly on this answer")
                site.store(answer, body, again=again)
        except BadMessage as bad:
            self._set_aside(entry, bad)
            return
        except NewscrawlError as error:
            assert site is not None
            site.session.stop(error)
            return
        self._stored.append(entry[0])

    def _acknowledge(self) -> None:
        """Commits the answers that were stored, and only then removes them from Redis.

        After a failure all of them stay in Redis, since the failure of a commit has rolled back
        the answers before it.
        """
        stored, self._stored = self._stored, []
        try:
            self._store.flush()
        except NewscrawlError as error:
            next(iter(self._sites.values())).session.stop(error)
        if self._failed() is not None:
            return
        self._queue.done(stored)

    def _set_aside(self, entry: Entry, bad: BadMessage) -> None:
        """Moves an invalid entry out of the queue and records a problem in the archive."""
        LOG.warning("an entry of the queue is not a valid answer: %s", bad)
        raw = b" ".join(entry[1].values())[:SHOWN].decode("utf-8", "replace")
        self._store.problems.save_bad_message(
            str(bad), raw, next(iter(self._sites.values())).session.clock()
        )
        self._store.flush()
        self._queue.set_aside(entry)

    def _failed(self) -> NewscrawlError | None:
        for site in self._sites.values():
            if site.session.error is not None:
                return site.session.error
        return None

    def _is_away(self, since: float | None, error: RedisError, stop: Event) -> float:
        """Waits a second for a Redis that does not reply; returns since when it has not replied.

        Raises StorageError after LONGEST_WAIT_SECONDS.
        """
        if since is None:
            self._say("Redis does not respond; waiting for it")
            since = monotonic()
        if monotonic() - since > LONGEST_WAIT_SECONDS:
            self._finish("stopped")
            raise StorageError(
                f"cannot reach Redis: {error}",
                "stored pages are safe; start Redis and run collect again",
            )
        stop.wait(1.0)
        return since

    def _finish(self, reason: str) -> None:
        """Writes the end of every crawl. Ends the run in Redis only if all pages are done."""
        error = self._failed()
        for site in self._open.values():
            try:
                site.finish(reason)
            except NewscrawlError as raised:
                site.session.stop(raised)
        if error is not None:
            raise error
        if reason == "finished":
            try:
                self._queue.end()
            except RedisError as away:
                LOG.warning("cannot notify the workers that the run has ended: %s", away)


def _next_task(session: Session) -> Task | None:
    try:
        return session.next_task()
    except NewscrawlError as error:
        session.stop(error)
        return None


def _session(plan: Plan, store: Store, clock: Clock) -> Session:
    site, options = plan.site, plan.options
    return Session(
        site.rebased(options.base_url) if options.base_url else site, store, options, clock
    )


def _check(plans: Sequence[Plan]) -> None:
    names = [plan.site.name for plan in plans]
    for plan in plans:
        if plan.site.generic:
            raise UsageError(
                f"{plan.site.name} has no site file,"
                " and workers request only hosts named in a site file",
                "create one with newscrawl sites new, or crawl the URL without --queue",
            )
        if names.count(plan.site.name) > 1:
            raise UsageError(
                f"{plan.site.name} is given twice", "collect the site first, then its URLs"
            )


@contextmanager
def _stop_signals() -> Iterator[Event]:
    """An event that the first SIGINT or SIGTERM sets. A second one ends the process as usual."""
    stop = Event()
    before: dict[signal.Signals, Any] = {}

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, asked)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
