"""An HTTP client for other people's archives: one request after the other, and never in a hurry.

It waits between requests, obeys Retry-After, and repeats what a server or network has failed to
give. Bodies are those of the wire: still compressed, and never a part of what was announced.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

import urllib3

from newscrawl.history.connections import Connections, lower_names, not_connected

REFUSALS = frozenset({429, 503})
FAULTS = frozenset({408, 500, 502, 504, 509, 520, 522, 524})
# The Wayback Machine often sends a 429 without Retry-After. Its clients wait for a minute then.
UNNAMED_PAUSE_SECONDS = 60.0
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 2.0, 300.0
# A server that asks for a longer pause is left alone until the next run.
LONGEST_REST_SECONDS = 900.0
MOST_REFUSALS = 20  # one after the other, of one request
_CHUNK = 2**16
_NO_LENGTH = "the server does not tell the size of the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How requests are made. `retries`: how often one is repeated after a fault.

    `pause_factor` multiplies the pauses after faults, and after refusals that name no pause.
    """

    user_agent: str
    delay_seconds: float = 1.0
    timeout_seconds: float = 60.0
    retries: int = 5
    pause_factor: float = 1.0
    max_bytes: int = 16 * 2**20
    max_requests: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response with its whole body. The names of `headers` are in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


class Unavailable(Exception):
    """A request got no answer that can be used, however often it was repeated.

    `code` is a reason code: `http_503`, `timeout`, `connection`, `incomplete`, `too_large`.
    `shut_out`: the archive refuses every request of this client, so no other one may be made.
    """

    def __init__(self, code: str, message: str, *, shut_out: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.shut_out = shut_out


class Enough(Exception):
    """No further request may be made in this run. `reason` is `shutdown`, `budget` or `rest`."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason
        self.message = message


class Rests(Protocol):
    """Remembers, also after a kill, until when a server has asked not to be asked again."""

    def rest(self, host: str, until: datetime) -> None: ...

    def rests(self) -> dict[str, datetime]: ...


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why a request is repeated. `pause_seconds`: what the server has asked for."""

    code: str
    message: str
    refused: bool = False
    pause_seconds: float | None = None


class PoliteClient:
    """Makes one request after the other.

    `place` gives the address that is connected to for an address of the archive. The pause between
    two requests begins when the answer to the first one arrives, so that they cannot come closer
    together on their way. `rests` outlives this process, and so does what a server has asked for.
    `on_retry` gets the reason why a request is repeated.
    """

    def __init__(
        self,
        manners: Manners,
        rests: Rests,
        *,
        place: Callable[[str], str] = lambda address: address,
        stop: Event | None = None,
        on_retry: Callable[[str], None] = lambda reason: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._manners, self._rests = manners, rests
        self._place, self._clock = place, clock
        self._stop = stop or Event()
        self._on_retry = on_retry
        self._connections = Connections(manners.user_agent, manners.timeout_seconds)
        # A run before this one may have made a request just now.
        self._next_at = monotonic() + manners.delay_seconds
        self.requests = 0

    def close(self) -> None:
        """Closes the connections."""
        self._connections.close()

    def get(
        self,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        delay_factor: float = 1.0,
        is_own: Callable[[Answer], bool] = lambda answer: False,
    ) -> Answer:
        """The answer to a GET request, whatever its status; redirects are not followed.

        `is_own` tells an archived answer from one of the archive itself: a 503 may be either.
        Raises Unavailable if there is none, and Enough if no request may be made any more.
        """
        faults = refusals = 0
        while True:
            self._wait(address, delay_factor)
            outcome = self._ask(address, headers or {}, is_own)
            if isinstance(outcome, Answer):
                return outcome
            if outcome.refused:
                refusals += 1
            else:
                faults += 1
            if faults > self._manners.retries or refusals > MOST_REFUSALS:
                raise Unavailable(outcome.code, outcome.message)
            self._on_retry(outcome.message)
            self._rest(address, outcome, faults + refusals)

    def stream(
        self, address: str, start: int, on_start: Callable[[int, int], None]
    ) -> Iterator[bytes]:
        """The bytes of a file from an offset, one part after the other, in one request.

        `on_start` gets the offset at which they begin, and the size of the whole file. Raises
        Unavailable where they end too early, or if there are none: ask again from there.
        """
        self._wait(address, 1.0)
        headers = {"Range": f"bytes={start}-"} if start else {}
        try:
            response = self._open(address, headers)
        except urllib3.exceptions.HTTPError as error:
            self._arrived()
            raise _unavailable(error, self._place(address)) from error
        self._arrived()
        try:
            if response.status == 416:  # nothing is left, or the file is shorter than this
                size = _size_of(response)
                if size is None:  # the next request is for all of the file
                    on_start(0, 0)
                    raise Unavailable("no_length", _NO_LENGTH)
                on_start(min(start, size), size)
                return
            if response.status not in (200, 206):
                self._refuse_stream(address, response)
            begins, size = _range_of(response)
            on_start(begins, size)
            for part in response.stream(_CHUNK, decode_content=False):
                if self._stop.is_set():
                    raise Enough("shutdown")
                yield part
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _unavailable(error, self._place(address)) from error
        finally:
            response.close()

    def rest_after_fault(self, address: str, faults: int) -> None:
        """Makes the next request wait after so many faults of one file."""
        self._rest(address, _Fault("incomplete", ""), faults)

    def _refuse_stream(self, address: str, response: urllib3.BaseHTTPResponse) -> None:
        fault = _fault_of(response.status, lower_names(response.headers), self._clock())
        if fault is None:
            message = f"{address}: HTTP {response.status}"
            shut_out = response.status == 403
            raise Unavailable(f"http_{response.status}", message, shut_out=shut_out)
        if fault.refused:
            self._rest(address, fault, 1)
        raise Unavailable(fault.code, f"{address}: {fault.message}")

    def _ask(
        self, address: str, headers: Mapping[str, str], is_own: Callable[[Answer], bool]
    ) -> Answer | _Fault:
        try:
            response = self._open(address, headers)
        except urllib3.exceptions.HTTPError as error:
            self._arrived()
            known = _unavailable(error, self._place(address))
            return _Fault(known.code, known.message)
        self._arrived()
        try:
            body = self._body(address, response)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            response.close()
            known = _unavailable(error, self._place(address))
            return _Fault(known.code, known.message)
        response.release_conn()
        answer = Answer(
            status=response.status,
            reason=response.reason or "",
            headers=lower_names(response.headers),
            body=body,
        )
        if is_own(answer):
            return answer
        fault = _fault_of(answer.status, answer.headers, self._clock())
        return answer if fault is None else fault

    def _body(self, address: str, response: urllib3.BaseHTTPResponse) -> bytes:
        body = bytearray()
        for part in response.stream(_CHUNK, decode_content=False):
            body += part
            if len(body) > self._manners.max_bytes:
                response.close()
                raise Unavailable(
                    "too_large", f"{address}: more than {self._manners.max_bytes:,} bytes"
                )
        return bytes(body)

    def _open(self, address: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        budget = self._manners.max_requests
        if budget is not None and self.requests >= budget:
            raise Enough("budget")
        self.requests += 1
        return self._connections.request(self._place(address), headers)

    def _arrived(self) -> None:
        self._next_at = max(self._next_at, monotonic() + self._manners.delay_seconds)

    def _wait(self, address: str, delay_factor: float) -> None:
        """Returns when the next request may be made."""
        budget = self._manners.max_requests
        if budget is not None and self.requests >= budget:
            raise Enough("budget")
        extra = self._manners.delay_seconds * (delay_factor - 1)
        seconds = self._next_at + extra - monotonic()
        until = self._rests.rests().get(_host(address))
        if until is not None:
            seconds = max(seconds, (until - self._clock()).total_seconds())
        if seconds > LONGEST_REST_SECONDS:
            when = f"{until:%Y-%m-%d %H:%M:%S} UTC" if until else f"{seconds:.0f} s"
            raise Enough("rest", f"{_host(address)} asks for a pause until {when}")
        if self._stop.wait(max(0.0, seconds)):
            raise Enough("shutdown")

    def _rest(self, address: str, fault: _Fault, tries: int) -> None:
        """Notes how long the next request has to wait after a fault."""
        if fault.pause_seconds is not None:
            # The times of the store are whole seconds: the pause ends at the next one.
            until = self._clock() + timedelta(seconds=fault.pause_seconds + 1)
            self._rests.rest(_host(address), until.replace(microsecond=0))
            return
        if fault.refused:
            seconds = UNNAMED_PAUSE_SECONDS
        else:
            seconds = min(FIRST_BACKOFF_SECONDS * 2 ** (tries - 1), LONGEST_BACKOFF_SECONDS)
            # Clients that failed together come back apart.
            seconds *= random.uniform(1.0, 1.25)
        self._next_at = max(self._next_at, monotonic() + seconds * self._manners.pause_factor)


def _fault_of(status: int, headers: Mapping[str, str], now: datetime) -> _Fault | None:
    """The fault that a status of the archive itself means; None for an answer."""
    if status in REFUSALS:
        pause = retry_after(headers, now)
        is_refusal = status == 429 or pause is not None
        return _Fault(f"http_{status}", f"HTTP {status}", is_refusal, pause)
    if status in FAULTS:
        return _Fault(f"http_{status}", f"HTTP {status}")
    return None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for; None if there is none that can be read."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    with suppress(ValueError):
        # The server's own clock, if it shows it, is the one that it has in mind.
        now = parsedate_to_datetime(headers.get("date", ""))
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def _range_of(response: urllib3.BaseHTTPResponse) -> tuple[int, int]:
    """Where the body of a response begins in its file, and the size of the file."""
    place, _, size = response.headers.get("Content-Range", "").partition("/")
    if response.status == 206 and size.isdigit():
        start = place.removeprefix("bytes ").partition("-")[0]
        if start.isdigit():
            return int(start), int(size)
    length = response.headers.get("Content-Length", "")
    if response.status == 206 or not length.isdigit():
        raise Unavailable("no_length", _NO_LENGTH)
    return 0, int(length)


def _size_of(response: urllib3.BaseHTTPResponse) -> int | None:
    """The size of a file of which nothing was sent; None if the server does not tell it."""
    size = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(size) if size.isdecimal() else None


def _unavailable(error: Exception, place: str) -> Unavailable:
    """The reason code of an error of the network. `place` is the address that was connected to."""
    if isinstance(error, Unavailable):
        return error
    # For urllib3, this is a kind of timeout, whatever the cause.
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return Unavailable("connection", not_connected(error, place))
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return Unavailable("timeout", "the server did not answer in time")
    if isinstance(error, urllib3.exceptions.ProtocolError | urllib3.exceptions.InvalidChunkLength):
        return Unavailable("incomplete", "the connection ended before the whole answer")
    return Unavailable("connection", f"no connection: {error}")


def _host(address: str) -> str:
    return urlsplit(address).netloc.lower()
