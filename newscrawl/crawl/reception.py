"""One answer into the archive: raw page first, then what it says, by the code of a crawl."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Protocol

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Article, Capture, Failure, Feed, Listing, Page, Sitemap, Task
from newscrawl.core.refusals import refusal
from newscrawl.core.urls import masked
from newscrawl.core.version import VERSION
from newscrawl.crawl.captures import USED_STATUSES
from newscrawl.crawl.failures import of_exception, of_rejection, of_status
from newscrawl.crawl.remote.messages import Answer, BadMessage, exchange_of
from newscrawl.crawl.session import Session
from newscrawl.extract.read import read
from newscrawl.sites.site import Site
from newscrawl.warc import Exchange, Record

EXTRACTOR = f"newscrawl {VERSION}"
ROBOTS_UNREACHABLE = "robots_unreachable"
Found = Article | Listing | Feed | Sitemap


class Extract(Protocol):
    """Runs an extraction; the error of one that broke comes back as a value."""

    def __call__(self, call: Callable[[], Found]) -> Found | BaseException: ...


def store_answer(
    session: Session, answer: Answer, body: bytes, extract: Extract, *, again: bool
) -> bool:
    """Everything that an answer says is in the archive once this returns; False where it was there already.

    BadMessage for a page of another host. `again`: a collector that died had this answer, and may have stored it.
    """
    _check_host(session, answer)
    if again and _is_stored(session, answer):
        return False
    if answer.order is None:
        assert answer.received is not None
        session.captures.write(exchange_of(answer.received, body, asked_url=answer.received.url,
                                           kind="robots", category=None, page=None))  # fmt: skip
        return True
    task = resume(session, answer.order)
    if task is None:
        return False
    if answer.fault is not None:
        if answer.fault.code == ROBOTS_UNREACHABLE:
            session.host.rest()
        session.save_failure(task, answer.fault.failure())
        return True
    assert answer.received is not None
    exchange = exchange_of(answer.received, body, asked_url=task.url, kind=task.kind,
                           category=session.category_key(task), page=task.page)  # fmt: skip
    _store_page(session, task, exchange, answer.received.retry_after, extract)
    return True


def _store_page(
    session: Session, task: Task, exchange: Exchange, retry_after: int | None, extract: Extract
) -> None:
    capture = (
        session.captures.write(exchange)
        if exchange.status in USED_STATUSES
        else Capture(
            url=exchange.url, kind=task.kind, status=exchange.status, fetched_at=exchange.fetched_at
        )
    )
    if exchange.status == 304:
        session.save_not_modified(task, capture)
        return
    wait = None if retry_after is None else timedelta(seconds=retry_after)
    if wait is not None:
        session.host.rest(wait.total_seconds())
    failure = of_status(exchange.status, wait)
    if failure is None:
        found = extract(lambda: _read(session.site, task, record_of(exchange)))
        if not isinstance(found, BaseException):
            _save(session, task, found, capture)
            return
        if not isinstance(found, PageRejected):
            session.save_failure(task, of_exception(found))
            return
        failure = of_rejection(found)
    session.save_failure(task, failure, capture)


def _read(site: Site, task: Task, record: Record) -> Found:
    page = Page(record.url, record.body, record.charset, record.fetched_at, record.status)
    return read(site, page, task.kind, record.asked_url)


def _save(session: Session, task: Task, found: Found, capture: Capture) -> None:
    if isinstance(found, Listing):
        session.save_listing(task, found, capture)
    elif isinstance(found, Article):
        session.save_article(task, found, capture, EXTRACTOR)
    else:
        session.save_discovery(task, found, capture)


def record_of(exchange: Exchange) -> Record:
    """An exchange as a WARC file would give it back; it lies in none yet."""
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in exchange.response_headers
    )
    return Record(
        url=exchange.url, asked_url=exchange.asked_url, kind=exchange.kind, category=exchange.category,
        page=exchange.page, status=exchange.status, reason=exchange.reason, headers=headers, payload=exchange.body,
        fetched_at=exchange.fetched_at, payload_digest=None, block_digest="", warc_file="", offset=0, length=0,
        warcinfo={},
    )  # fmt: skip


def aside(pool: ThreadPoolExecutor) -> Extract:
    """Extraction in a thread of its own: what breaks there in a way nobody foresaw is that page's failure, no more."""

    def extract(call: Callable[[], Found]) -> Found | BaseException:
        done = pool.submit(call)
        return done.exception() or done.result()

    return extract


def broken(session: Session, answer: Answer) -> None:
    """Gives up an answer on which collectors died again and again; its page is asked for again later."""
    task = None if answer.order is None else resume(session, answer.order)
    if task is not None:
        message = "the collector ended several times while it stored this page"
        session.save_failure(
            task, Failure(code="internal", message=message, stage="internal", retry=True)
        )


def resume(session: Session, url: str) -> Task | None:
    """The task of an address in flight, or open from an earlier run and in flight now.

    None for an address that is not open: it was answered before, or never asked for.
    """
    if url in session.in_flight:
        return session.in_flight[url]
    task = session.store.frontier.open_task(session.site.name, url)
    return None if task is None else session.begin(task)


def _check_host(session: Session, answer: Answer) -> None:
    for url in (answer.order, answer.received.url if answer.received else None):
        if url is not None and refusal(url, session.site.hosts) is not None:
            raise BadMessage(f"an address that is not the site's: {masked(url)}")


def _is_stored(session: Session, answer: Answer) -> bool:
    received = answer.received
    return received is not None and session.store.captures.has(
        answer.order or received.url, received.url, received.fetched_at
    )
