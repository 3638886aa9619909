"""Handles each response: the only path of a page into the pipelines, in spider and collector.

The raw page is kept first, then its status is checked, then it is read. Every task ends in exactly
one outcome: the item that `receive` returns and the pipelines store, or an outcome that is stored
here.
"""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.core.errors import NewscrawlError, PageRejected
from newscrawl.core.records import UNREQUESTED_304, Capture, Exchange, Failure, Page, Task
from newscrawl.core.text import declared_charset
from newscrawl.crawl.failures import (
    RESTING_STATUSES,
    UNSTORED,
    of_exception,
    of_rejection,
    of_status,
    retry_after,
)
from newscrawl.crawl.session import Session
from newscrawl.extract.in_time import Extracted, TooLong, page_reader
from newscrawl.extract.read import extract
from newscrawl.items import Item, item_of
from newscrawl.warc.content_encoding import decoded


@dataclass(frozen=True, slots=True)
class Postponed:
    """A requested page, already kept, that takes too long to be read at once: up to `seconds`."""

    task: Task
    capture: Capture
    page: Page
    seconds: float


def receive(
    session: Session, task: Task, exchange: Exchange, body: bytes | None = None
) -> Item | None:
    """The item of the requested page; None for any other response, whose outcome is stored here.

    Waits for a page that takes long, five seconds at most.

    `body` is the body of the exchange with its content-encoding decoded; None if it still has to
    be decoded. If the archive cannot be written, the page remains open and the session takes no
    more pages.
    """
    received = receive_at_once(session, task, exchange, body)
    if not isinstance(received, Postponed):
        return received
    try:
        return item_of(task, received.capture, read_aside(session, received))
    except PageRejected as error:
        _fail(session, task, of_rejection(error), received.capture)
    return None


def receive_at_once(
    session: Session, task: Task, exchange: Exchange, body: bytes | None = None
) -> Item | Postponed | None:
    """The same without waiting: a page that takes too long is Postponed."""
    try:
        capture = session.captures.write(exchange)
        if exchange.status == 304:
            if exchange.conditional:
                session.save_not_modified(task, capture)
            else:
                session.save_failure(task, UNREQUESTED_304, capture)
            return None
        wait = None
        if exchange.status in RESTING_STATUSES:
            wait = retry_after(exchange.header(b"retry-after"), exchange.fetched_at)
        if wait is not None:
            session.host.rest(wait.total_seconds())
        failure = of_status(exchange.status, wait)
        if failure is None:
            try:
                page = page_of(exchange, body)
                extracted = page_reader().here(extract, session.site, page, task.kind)
                return item_of(task, capture, extracted)
            except PageRejected as error:
                failure = of_rejection(error)
            except TooLong as error:
                return Postponed(task, capture, page, error.seconds)
        session.save_failure(task, failure, capture)
    except NewscrawlError as error:
        session.abandon(task, error)
    return None


def read_aside(session: Session, postponed: Postponed) -> Extracted:
    """What a postponed page holds, by another process; PageRejected if it takes too long."""
    page, kind = postponed.page, postponed.task.kind
    return page_reader().aside(postponed.seconds, extract, session.site, page, kind)


def give_up(
    session: Session, task: Task, error: BaseException, capture: Capture | None = None
) -> None:
    """Records the outcome of a page that could not be fetched, read or stored because of `error`.

    If the archive cannot be written, the page remains open and the session takes no more pages.
    """
    if isinstance(error.__cause__, PageRejected):
        error = error.__cause__
    if isinstance(error, PageRejected):
        _fail(session, task, of_rejection(error), capture)
    elif isinstance(error, NewscrawlError) or session.error is not None:
        session.abandon(task, error)
    else:
        _fail(session, task, of_exception(error), capture)


def end_unstored(session: Session, task: Task) -> None:
    """Records a failure for a page that no item pipeline has stored or dropped."""
    if task.url in session.in_flight:
        _fail(session, task, UNSTORED)


def _fail(session: Session, task: Task, failure: Failure, capture: Capture | None = None) -> None:
    try:
        session.save_failure(task, failure, capture)
    except NewscrawlError as error:
        session.abandon(task, error)


def page_of(exchange: Exchange, body: bytes | None) -> Page:
    """The page of an exchange. Raises PageRejected if its content-encoding cannot be decoded."""
    if body is None:
        body = decoded(exchange.body, exchange.header(b"content-encoding", joined=True))
    charset = declared_charset(exchange.header(b"content-type"))
    return Page(exchange.url, body, charset, exchange.fetched_at, exchange.status)
