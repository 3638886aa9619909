"""The delay between two requests to a host, from when the first one has left this machine.

Scrapy begins the delay when it takes a request from its queue. The request leaves later: it may
have to wait for a connection, for the end of a TLS handshake, or for a busy reactor. Twisted also
sends a request again, at once, if a kept connection turns out to be closed. So each request waits
once more for its turn, immediately before it is written. Sites may share a host: the hosts' times
are those of the whole process.

A crawl without a delay waits for no turn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import inf
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.core.downloader import Downloader, Slot
from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientProtocol
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IHandshakeListener
from twisted.python.failure import Failure
from twisted.web._newclient import ResponseNeverReceived
from twisted.web.iweb import IResponse
from zope.interface import implementer

# TLS collects what is written for one turn of the reactor, and the socket gets it in the next one.
TURNS_UNTIL_SENT = 2
# The least recently used are forgotten. A crawl keeps those of its own hosts.
MOST_HOSTS = 4096


class Pace:
    """The times of the requests to one host."""

    def __init__(self, clock: Any) -> None:
        """`clock` is an IReactorTime, for which Twisted has wrong types."""
        self.clock = clock
        # When Scrapy took the last request from a queue or, if later, when a request was sent.
        self.begun = 0.0
        self._sent = -inf
        self._turn: Turn | None = None
        self._waiting: list[tuple[Deferred[Turn], float]] = []
        self._next_look: Any = None  # an IDelayedCall

    def turn(self, delay: float) -> Deferred[Turn]:
        """The turn of a request, so many seconds after the last request was sent."""
        waiting: Deferred[Turn] = Deferred(self._leave)
        self._waiting.append((waiting, delay))
        self._give_turn()
        return waiting

    def sent(self, turn: Turn) -> None:
        """Ends a turn. Called again, it has no effect."""
        if self._turn is not turn:
            return
        self._turn = None
        self._sent = self.clock.seconds()
        self.begun = max(self.begun, monotonic())
        self._give_turn()

    def _give_turn(self) -> None:
        if self._turn is not None or not self._waiting:
            return
        waiting, delay = self._waiting[0]
        rest = self._sent + delay - self.clock.seconds()
        if rest > 0:
            self._look_again(rest)
            return
        del self._waiting[0]
        self._turn = Turn(self)
        waiting.callback(self._turn)

    def _look_again(self, seconds: float) -> None:
        if self._next_look is not None and self._next_look.active():
            self._next_look.reset(seconds)
        else:
            self._next_look = self.clock.callLater(seconds, self._give_turn)

    def _leave(self, cancelled: Deferred[Turn]) -> None:
        self._waiting = [entry for entry in self._waiting if entry[0] is not cancelled]


class Turn:
    """The turn of one request. Until it has been sent, no other one is written to the host."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def written(self, turns: int = TURNS_UNTIL_SENT) -> None:
        """Ends the turn when what was written has been sent."""
        if turns > 0:
            self._pace.clock.callLater(0, self.written, turns - 1)
        else:
            self.sent()

    def sent(self) -> None:
        """Ends the turn: the delay of the next request begins."""
        self._pace.sent(self)


@lru_cache(MOST_HOSTS)
def pace_of(host: str) -> Pace:
    """The times of a host."""
    from twisted.internet import reactor

    return Pace(reactor)


class PacedSlot(Slot):
    """Scrapy's slot of a host in one crawl. `pace` is the same in all crawls of the process."""

    def __init__(self, slot: Slot, pace: Pace) -> None:
        self.pace = pace
        self._requested = slot.delay  # by the user or the site; AutoThrottle makes it longer
        super().__init__(slot.concurrency, slot.delay, slot.jitter)

    @property
    def lastseen(self) -> float:
        """When the delay begins after which Scrapy takes the next request from the queue."""
        return self.pace.begun

    @lastseen.setter
    def lastseen(self, now: float) -> None:
        self.pace.begun = max(self.pace.begun, now)

    def slow_down(self, seconds: float) -> None:
        """Makes the delay as long as the host requests."""
        self._requested = max(self._requested, seconds)
        self.delay = max(self.delay, seconds)

    def turn(self) -> Deferred[Turn] | None:
        """The turn of the next request; None if the crawl has no delay.

        What AutoThrottle has added since Scrapy took the request from the queue is left out.
        """
        shortest = min(self.delay, self._requested) * (1 - self.jitter)
        return self.pace.turn(shortest) if shortest > 0 else None


class PacedDownloader(Downloader):
    """Scrapy's downloader with a PacedSlot for each host."""

    def _get_slot(self, request: Request, spider: Spider | None = None) -> tuple[str, Slot]:
        key, slot = super()._get_slot(request)
        if not isinstance(slot, PacedSlot):
            slot = self.slots[key] = PacedSlot(slot, pace_of(key))
        return key, slot


def turn_at(crawler: Crawler, host: str) -> Deferred[Turn] | None:
    """The turn of a crawl's next request to a host; None if it need not wait for one."""
    assert crawler.engine is not None
    slot = crawler.engine.downloader.slots.get(host)
    return slot.turn() if isinstance(slot, PacedSlot) else None


@implementer(IHandshakeListener)
class PacedProtocol(_LenientHTTP11ClientProtocol):
    """One connection, whose requests wait for their turn at the host."""

    turn_at: Callable[[str], Deferred[Turn] | None]
    _is_secured = False
    _buffered: Turn | None = None  # of the request that waits for the end of the handshake

    def request(self, request: Any) -> Deferred[IResponse]:
        """The response to a request, which is sent when its turn has come."""
        url = urlsplit((request.absoluteURI or b"").decode("latin-1"))
        turn = self.turn_at(url.hostname or "")
        if turn is None:
            return self.send(request)
        is_secure = url.scheme == "https"
        response: Any = turn.addCallbacks(
            self._send_in_turn, self._abandon, callbackArgs=(request, is_secure)
        )
        return response  # type: ignore[no-any-return]

    def send(self, request: Any) -> Deferred[IResponse]:
        """The response to a request, which is sent at once."""
        return super().request(request)

    def handshakeCompleted(self) -> None:  # noqa: N802 (Twisted's name)
        """Sends what was written before TLS was ready."""
        self._is_secured = True
        if self._buffered is not None:
            self._buffered.written()

    def _send_in_turn(self, turn: Turn, request: Any, is_secure: bool) -> Deferred[IResponse]:
        if self.state == "CONNECTION_LOST":  # while the request waited for its turn
            turn.sent()
            return fail(_lost())
        response = self.send(request)
        if is_secure and not self._is_secured:
            self._buffered = turn
        else:
            turn.written()
        return response.addBoth(_end, turn)

    def _abandon(self, failure: Failure) -> Failure:
        """Closes the connection of a request that was cancelled while it waited."""
        transport: Any = self.transport
        transport.abortConnection()
        return failure


def _end(result: IResponse | Failure, turn: Turn) -> IResponse | Failure:
    """A request that was answered has been sent; one that failed will not be sent any more."""
    turn.sent()
    return result


def _lost() -> Exception:
    """What Twisted raises for a connection that is lost right after the request was written."""
    wrapped: Any = ResponseNeverReceived  # Twisted has no types for them
    failure: Any = Failure
    return wrapped([failure(ConnectionLost())])  # type: ignore[no-any-return]
