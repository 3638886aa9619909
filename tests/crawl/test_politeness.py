"""The delay between two requests to a host begins when the first one has been sent, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest
import twisted.internet
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.utils.test import get_crawler
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web._newclient import Request as ClientRequest
from twisted.web._newclient import ResponseNeverReceived
from twisted.web.client import URI
from twisted.web.http_headers import Headers

from newscrawl.crawl.header_limits import LimitedFactory, LimitedHandler
from newscrawl.crawl.pace import Pace, PacedDownloader, PacedSlot

DELAY = 10.0
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
# Twisted has no types for them.
new_clock: Any = Clock
new_transport: Any = StringTransport
new_failure: Any = Failure
client_request: Any = ClientRequest
address: Any = URI


@dataclass
class Host:
    """A host as a crawl sees it. Connections are made by `connection`, and time passes by `wait`."""

    clock: Any = field(default_factory=new_clock)
    hosts: list[str] = field(default_factory=list)  # whose turns were requested

    def __post_init__(self) -> None:
        self.pace = Pace(self.clock)

    def connection(self) -> Any:
        factory = LimitedFactory(self._turn_at, lambda protocol: None, "endpoint")
        protocol: Any = factory.buildProtocol(None)
        protocol.makeConnection(new_transport())
        return protocol

    def _turn_at(self, host: str) -> Any:
        self.hosts.append(host)
        return self.pace.turn(DELAY)

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def let_it_leave(self) -> None:
        """What was written reaches the network."""
        self.clock.advance(0)


def ask(connection: Any, scheme: str = "http") -> Any:
    headers = Headers({b"Host": [b"paper.example"]})
    uri = address.fromBytes(f"{scheme}://paper.example:8080/a.html".encode())
    made = client_request._construct(b"GET", b"/a.html", headers, None, parsedURI=uri)
    return connection.request(made)


def is_written(connection: Any) -> bool:
    return bool(connection.transport.value())


def test_request_is_written_at_once_if_there_was_none_before() -> None:
    host = Host()
    connection = host.connection()
    ask(connection)
    assert host.hosts == ["paper.example"]
    assert connection.transport.value().startswith(b"GET /a.html HTTP/1.1")


def test_requests_that_had_to_wait_for_their_connections_are_sent_one_delay_apart() -> None:
    host = Host()
    connections = [host.connection() for _ in range(3)]
    for connection in connections:
        ask(connection)
    host.let_it_leave()
    assert [is_written(connection) for connection in connections] == [True, False, False]
    host.wait(DELAY - 0.1)
    assert [is_written(connection) for connection in connections] == [True, False, False]
    host.wait(0.1)
    host.let_it_leave()
    assert [is_written(connection) for connection in connections] == [True, True, False]
    host.wait(DELAY)
    assert all(map(is_written, connections))


def test_delay_begins_when_a_busy_reactor_has_sent_what_was_written() -> None:
    host = Host()
    first, second = host.connection(), host.connection()
    ask(first)
    ask(second)
    host.wait(DELAY / 2)  # the next turn of the reactor comes late
    host.wait(DELAY - 1)
    assert not is_written(second)
    host.wait(1)
    assert is_written(second)


def test_delay_begins_after_the_tls_handshake() -> None:
    host = Host()
    first, second = host.connection(), host.connection()
    ask(first, "https")
    ask(second, "https")
    host.wait(3 * DELAY)
    assert not is_written(second), "the first one waits for the end of its handshake"
    first.handshakeCompleted()
    host.let_it_leave()
    host.wait(DELAY - 0.1)
    assert not is_written(second)
    host.wait(0.1)
    assert is_written(second)


def test_request_on_a_secured_connection_does_not_wait_for_a_handshake() -> None:
    host = Host()
    first, second = host.connection(), host.connection()
    first.handshakeCompleted()
    ask(first, "https")
    host.let_it_leave()
    ask(second)
    host.wait(DELAY)
    assert is_written(second)


def test_answered_request_has_been_sent() -> None:
    host = Host()
    first, second = host.connection(), host.connection()
    ask(first, "https")
    first.dataReceived(ANSWER)
    ask(second)
    host.wait(DELAY)
    assert is_written(second)


def test_late_turn_of_an_answered_request_does_not_end_that_of_the_next() -> None:
    host = Host()
    first, second, third = (host.connection() for _ in range(3))
    ask(first)
    first.dataReceived(ANSWER)  # before the reactor has reported that it is sent
    ask(second, "https")
    ask(third)
    host.wait(DELAY)  # the second one is written, and its handshake takes long
    host.let_it_leave()
    host.wait(3 * DELAY)
    assert is_written(second)
    assert not is_written(third)


def test_request_that_twisted_repeats_waits_for_its_turn() -> None:
    """Twisted repeats a request at once if its kept connection was closed before an answer."""
    host = Host()
    kept, new = host.connection(), host.connection()
    ask(kept).addErrback(lambda failure: ask(new))
    host.let_it_leave()
    kept.connectionLost(new_failure(ConnectionDone()))
    assert not is_written(new)
    host.wait(DELAY)
    assert is_written(new)


def test_cancelled_request_closes_its_connection_and_leaves_its_turn_to_the_next() -> None:
    host = Host()
    first, cancelled, last = (host.connection() for _ in range(3))
    ask(first)
    host.let_it_leave()
    errors: list[Any] = []
    response = ask(cancelled)
    response.addErrback(errors.append)
    ask(last)
    response.cancel()
    assert [type(error.value) for error in errors] == [CancelledError]
    assert cancelled.transport.disconnected
    host.wait(DELAY)
    assert not is_written(cancelled)
    assert is_written(last)


def test_connection_lost_before_its_turn_fails_as_if_it_were_lost_afterwards() -> None:
    host = Host()
    first, lost = host.connection(), host.connection()
    ask(first)
    host.let_it_leave()
    errors: list[Any] = []
    ask(lost).addErrback(errors.append)
    lost.connectionLost(new_failure(ConnectionDone()))
    host.wait(DELAY)
    assert [type(error.value) for error in errors] == [ResponseNeverReceived]
    assert not is_written(lost)


def test_crawls_of_a_process_share_the_delay_of_a_host() -> None:
    pace = Pace(new_clock())
    one, other = (PacedSlot(Slot(8, DELAY), pace) for _ in range(2))
    one.lastseen = 100.0  # when Scrapy takes a request from the queue
    assert other.lastseen == 100.0
    other.lastseen = 90.0
    assert one.lastseen == 100.0


def test_turn_of_a_slot_keeps_what_the_host_requests_but_not_what_autothrottle_adds() -> None:
    host = Host()
    slot = PacedSlot(Slot(8, DELAY), host.pace)
    slot.slow_down(2 * DELAY)
    slot.delay = 5 * DELAY  # AutoThrottle
    first, second = slot.turn(), slot.turn()
    assert first is not None
    assert second is not None
    first.addCallback(lambda turn: turn.sent())
    host.wait(2 * DELAY - 0.1)
    assert not second.called
    host.wait(0.1)
    assert second.called


def test_crawl_without_a_delay_waits_for_no_turn() -> None:
    assert PacedSlot(Slot(8, 0.0), Pace(new_clock())).turn() is None


@pytest.fixture
def reactor(monkeypatch: pytest.MonkeyPatch) -> Any:
    clock = new_clock()
    monkeypatch.setitem(sys.modules, "twisted.internet.reactor", clock)
    monkeypatch.setattr(twisted.internet, "reactor", clock, raising=False)
    return clock


def test_slots_of_all_downloaders_have_the_pace_of_their_host() -> None:
    async def slots() -> list[Slot]:
        handlers = dict.fromkeys(("http", "https", "ftp", "s3", "file", "data"))
        crawler = get_crawler(settings_dict={"DOWNLOAD_HANDLERS": handlers})
        found = []
        for _ in range(2):  # two crawls, perhaps one after the other
            downloader = PacedDownloader(crawler)
            request = Request("http://paper.example/a.html")
            found += [downloader._get_slot(request)[1] for _ in range(2)]
            downloader.close()
        return found

    one, same, other, _ = asyncio.run(slots())
    assert same is one
    assert isinstance(one, PacedSlot)
    assert isinstance(other, PacedSlot)
    assert other is not one
    assert other.pace is one.pace


def test_connections_that_close_late_are_not_reported_as_an_error(reactor: Any) -> None:
    """Scrapy's timer and the end of the last connection may be due in the same turn of the reactor."""

    async def close() -> None:
        crawler = get_crawler(
            settings_dict={"TWISTED_REACTOR": None, "TWISTED_REACTOR_ENABLED": True}
        )
        handler = LimitedHandler(crawler)
        closed: Deferred[None] = Deferred()
        pool: Any = handler._pool
        pool.closeCachedConnections = lambda: closed
        closing = asyncio.create_task(handler.close())
        await asyncio.sleep(0)
        closed.callback(None)
        reactor.advance(handler._disconnect_timeout)
        await closing

    asyncio.run(close())
