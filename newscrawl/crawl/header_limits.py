"""Limits what a server or a proxy can send before the body: 64 KiB of headers, and 200 of them.

Twisted keeps every header line that arrives, so headers without an end would fill the memory. It
also changes the case of their names, removes those of the connection, and Scrapy drops the reason
of the status. The lines as received are handed on in a header of their own, HEAD. What
is relied on in Scrapy and Twisted is listed in docs/decisions.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTPClientParser,
    _TunnelingTCP4ClientEndpoint,
)
from scrapy.crawler import Crawler
from scrapy.http.headers import Headers as ScrapyHeaders
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IAddress, IStreamClientEndpoint, ITCPTransport
from twisted.python.failure import Failure
from twisted.web._newclient import RequestNotSent
from twisted.web.client import HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from newscrawl.core.refusals import Refusal
from newscrawl.core.urls import masked
from newscrawl.crawl.failures import Refused
from newscrawl.crawl.pace import PacedProtocol, Turn, turn_at

# Common servers send at most 32 KiB, and browsers accept some 256 KiB.
MOST_BYTES = 64 * 1024
# A page of a newspaper has 20 to 40 headers.
MOST_HEADERS = 200
# The header with the lines as received: the status line, then each header. `head_of` removes it.
HEAD = b"X-Newscrawl-Head"
_SEPARATORS = len(b": \r\n")  # around the name and the value of a header


class LimitedHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https. Refused for a response with too many headers."""

    lazy = True  # most sites need only one of the two schemes

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        from twisted.internet import reactor

        unlimited = self._pool
        limited: Any = _LimitedPool  # Twisted has no types for it
        self._pool = limited(reactor, persistent=unlimited.persistent)
        self._pool.maxPersistentPerHost = unlimited.maxPersistentPerHost
        factory: Any = partial(LimitedFactory, partial(turn_at, crawler))
        self._pool._factory = factory

    async def close(self) -> None:
        """Closes the open connections, and waits for them at most for a second.

        Scrapy's own method (`HTTP11DownloadHandler.close`, 2.19) lets a timer call the Deferred for
        which it waits. If both are due in the same turn of a busy reactor, Twisted reports an
        AlreadyCalledError.
        """
        pool: Any = self._pool
        closed: Deferred[None] = pool.closeCachedConnections()
        waiting = closed.asFuture(asyncio.get_running_loop())
        await asyncio.wait([waiting], timeout=self._disconnect_timeout)


def head_of(headers: ScrapyHeaders) -> tuple[str, tuple[tuple[bytes, bytes], ...]] | None:
    """The reason of the status and the headers as received; HEAD is removed from `headers`.

    None if another download handler has received the response.
    """
    lines = headers.getlist(HEAD)
    headers.pop(HEAD, None)
    if not lines:
        return None
    status_line, *header_lines = lines
    parts = status_line.split(b" ", 2)
    reason = parts[2].decode("latin-1") if len(parts) > 2 else ""
    pairs = []
    for line in header_lines:
        name, _, value = line.partition(b": ")
        pairs.append((name, value))
    return reason, tuple(pairs)


class _LimitedParser(_LenientHTTPClientParser):
    """Reads one response, and puts the lines of its head into `lines`.

    Like Scrapy's, it replaces the class of the object that Twisted has made. Methods that were set
    on that object would refer back to it, so that each response would wait for Python's garbage
    collector.
    """

    # A long line is refused by the same limit as many short ones.
    MAX_LENGTH = MOST_BYTES
    lines: list[bytes]

    def statusReceived(self, status: bytes) -> None:  # noqa: N802 (Twisted's name)
        self.lines[:] = [status]  # the response before it was one of 1xx
        super().statusReceived(status)  # type: ignore[no-untyped-call]

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802 (Twisted's name)
        self.lines.append(name + b": " + value)
        super().headerReceived(name, value)  # type: ignore[no-untyped-call]


class _LimitedProtocol(PacedProtocol):
    """One connection. Its memory for headers is the limit and one read of 64 KiB.

    Responses 1xx, which may precede the final one in any number, count with its headers.
    """

    _bytes: int | None = None  # of headers so far; None while none are expected
    _lines: list[bytes]  # of the head of the last response
    _is_refused = False

    def send(self, request: Any) -> Deferred[IResponse]:
        """The response to a request; Refused if its headers exceed a limit."""
        if self._is_refused:
            # The response had ended, and so the pool got the connection back before it was closed.
            return fail(RequestNotSent())
        self._bytes = 0
        response = super().send(request)
        self._lines = []
        parser: Any = self._parser
        parser.__class__ = _LimitedParser
        parser.lines = self._lines
        url = request.absoluteURI or b""
        return response.addCallbacks(
            self._received, self._failed, callbackArgs=(url,), errbackArgs=(url,)
        )

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        if self._is_refused:
            return
        if self._bytes is not None:
            self._bytes += len(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        # The bytes of a body may have come with the headers. Then no more headers are expected.
        if self._bytes is not None and self._bytes > MOST_BYTES:
            self._close()

    def _received(self, response: IResponse, url: bytes) -> IResponse:
        self._bytes = None
        if _is_too_much(response.headers):
            self._close()
            raise _refused(url)
        response.headers.setRawHeaders(HEAD, self._lines)
        return response

    def _failed(self, failure: Failure, url: bytes) -> Failure:
        self._bytes = None
        if self._is_refused:
            raise _refused(url)
        return failure

    def _close(self) -> None:
        self._is_refused = True
        _abort(self.transport)


class LimitedFactory(_LenientHTTP11ClientFactory):
    """Makes the protocols of connections. `turn_at` gives a request to a host its turn."""

    def __init__(self, turn_at: Callable[[str], Deferred[Turn] | None], *args: Any) -> None:
        super().__init__(*args)  # type: ignore[no-untyped-call]
        self._turn_at = turn_at

    def buildProtocol(self, addr: IAddress | None) -> _LimitedProtocol:  # noqa: N802 (Twisted's name)
        protocol = _LimitedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        protocol.turn_at = self._turn_at
        return protocol


class _LimitedTunnel(_TunnelingTCP4ClientEndpoint):
    """A proxy's answer to CONNECT, which is read before there is a connection to the site.

    It has no attributes of its own, since it replaces the class of Scrapy's object.
    """

    def processProxyResponse(self, data: bytes) -> None:  # noqa: N802 (Scrapy's name)
        if len(self._connectBuffer) + len(data) <= MOST_BYTES:
            super().processProxyResponse(data)
            return
        self._protocol.dataReceived = _ignore  # type: ignore[method-assign]
        _abort(self._protocol.transport)
        url = f"https://{self._tunneledHost}:{self._tunneledPort}"
        self._tunnelReadyDeferred.errback(_refused(url.encode()))


class _LimitedPool(HTTPConnectionPool):
    def getConnection(  # noqa: N802 (Twisted's name)
        self, key: Hashable, endpoint: IStreamClientEndpoint
    ) -> Deferred[Any]:
        # Scrapy creates the endpoint where no setting reaches it. The pool is the first to get it.
        if isinstance(endpoint, _TunnelingTCP4ClientEndpoint):
            tunnel: Any = endpoint
            tunnel.__class__ = _LimitedTunnel
        return super().getConnection(key, endpoint)


def _is_too_much(headers: Headers) -> bool:
    """Whether a response exceeds a limit. Twisted keeps those of the connection elsewhere."""
    count = 0
    size = 0
    for name, values in headers.getAllRawHeaders():
        count += len(values)
        size += sum(map(len, values)) + len(values) * (len(name) + _SEPARATORS)
    return count > MOST_HEADERS or size > MOST_BYTES


def _refused(url: bytes) -> Refused:
    return Refused(Refusal("refused_headers", masked(url.decode("latin-1"))))


def _abort(transport: Any) -> None:
    """Closes a connection at once.

    `loseConnection` waits for an answer of the other side, which never stops sending.
    """
    assert ITCPTransport.providedBy(transport)
    transport.abortConnection()


def _ignore(data: bytes) -> None:
    """What arrives after a refusal."""
