"""The messages between workers and the collector: validated JSON, and the bytes of a page.

No part of a message is ever executed or unpickled. A message can only select one of the pages that
the archive has requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)

from newscrawl.core.records import Exchange, Failure, Task

HEAD, BODY = b"head", b"body"  # the two fields of an answer in the stream
MOST_BODY_BYTES = 16 * 1024 * 1024  # DOWNLOAD_MAXSIZE
MOST_HEAD_BYTES = 512 * 1024  # 64 KiB of headers, each byte of which may need six in JSON
MOST_REASON = 1000  # characters beside the status; servers send two words
SHOWN = 200
# Years in which a page may have been fetched. Times near the ends of the calendar cannot be
# converted to UTC, and no time for the next visit can be computed from them.
YEARS = range(1990, 2200)

Url = Annotated[str, Field(min_length=1, max_length=8192)]
Pairs = tuple[tuple[str, str], ...]


def _in_years(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(f"expected a year from {YEARS[0]} to {YEARS[-1]}, got {moment.year}")
    return moment


FetchTime = Annotated[AwareDatetime, AfterValidator(_in_years)]


class BadMessage(Exception):
    """An invalid message. The collector handles it by setting the message aside."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Order(_Message):
    """A page to fetch: its address and the validators for a conditional request."""

    url: Url
    etag: str | None = None
    last_modified: str | None = None


class Received(_Message):
    """A response as received, without its body; headers are Latin-1."""

    url: Url
    status: Annotated[int, Field(ge=100, le=599)]
    reason: Annotated[str, Field(max_length=MOST_REASON)] = ""
    method: Annotated[str, Field(pattern=r"^[A-Z]{1,10}$")] = "GET"
    request_headers: Pairs = ()
    response_headers: Pairs = ()
    fetched_at: FetchTime
    ip: Annotated[str, Field(max_length=60)] | None = None
    moved_permanently: bool = False


class Fault(_Message):
    """Why there is no response."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    message: Annotated[str, Field(max_length=500)]
    stage: Literal["fetch", "internal"] = "fetch"
    retry: bool = False
    raw: Annotated[str, Field(max_length=500)] | None = None

    def failure(self) -> Failure:
        return Failure(
            code=self.code, message=self.message, stage=self.stage, retry=self.retry, raw=self.raw
        )


class Answer(_Message):
    """The result of one order.

    `order` is None for a robots.txt, which a worker requests without an order.
    """

    site: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,100}$")]
    order: Url | None = None
    received: Received | None = None
    fault: Fault | None = None


def order_of(task: Task) -> str:
    """A task as it is sent to a worker."""
    order = Order(url=task.url, etag=task.etag, last_modified=task.last_modified)
    return order.model_dump_json(exclude_none=True)


def read_order(text: bytes) -> Order | None:
    """An order as received; None if invalid.

    Nothing is lost then, because the collector queues unanswered orders again.
    """
    try:
        return Order.model_validate_json(text)
    except ValidationError:
        return None


def url_of(text: bytes) -> str | None:
    """The address of an order; None if the order is invalid."""
    order = read_order(text)
    return order.url if order else None


def fields_of(answer: Answer, body: bytes = b"") -> dict[bytes, bytes]:
    """An answer as an entry of the stream."""
    return {HEAD: answer.model_dump_json(exclude_defaults=True).encode(), BODY: body}


def read_answer(fields: Mapping[bytes, bytes]) -> tuple[Answer, bytes]:
    """An entry of the stream as an answer and its body.

    Raises BadMessage, with the reason, for an invalid entry.
    """
    if set(fields) != {HEAD, BODY}:
        raise BadMessage(f"expected the fields head and body, got {sorted(fields)[:5]!r}"[:SHOWN])
    if len(fields[HEAD]) > MOST_HEAD_BYTES or len(fields[BODY]) > MOST_BODY_BYTES:
        raise BadMessage("larger than any valid answer")
    try:
        answer = Answer.model_validate_json(fields[HEAD])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "head"
        raise BadMessage(f"{place}: {first['msg']}"[:SHOWN]) from None
    if (answer.received is None) == (answer.fault is None):
        raise BadMessage("expected either a response or a fault")
    if answer.order is None and answer.received is None:
        raise BadMessage("a fault without an order")
    return answer, fields[BODY]


def received_of(exchange: Exchange) -> Received:
    """An exchange as it is sent to the collector, without its body, which is sent separately."""
    return Received(
        url=exchange.url,
        status=exchange.status,
        reason=exchange.reason[:MOST_REASON],
        method=exchange.method,
        request_headers=_texts(exchange.request_headers),
        response_headers=_texts(exchange.response_headers),
        fetched_at=exchange.fetched_at,
        ip=exchange.ip,
        moved_permanently=exchange.moved_permanently,
    )


def exchange_of(
    received: Received, body: bytes, task: Task | None = None, category: str | None = None
) -> Exchange:
    """The exchange as the middleware of a local crawl creates it; `task` None for a robots.txt."""
    return Exchange(
        url=received.url,
        asked_url=task.url if task else received.url,
        method=received.method,
        request_headers=_bytes(received.request_headers),
        status=received.status,
        reason=received.reason,
        response_headers=_bytes(received.response_headers),
        body=body,
        fetched_at=seconds_of(received.fetched_at),
        kind=task.kind if task else "robots",
        category=category,
        page=task.page if task else None,
        ip=received.ip,
        moved_permanently=received.moved_permanently,
    )


def seconds_of(moment: datetime) -> datetime:
    """A time in UTC, to the second, like all times in the archive."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> Pairs:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _bytes(headers: Pairs) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in headers
    )
