"""Downloader middlewares: what may be asked for, and what becomes of the raw bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.headers import Headers

from .archive import Exchange
from .failures import HostRefused
from .session import Session
from .spiders.site import CAPTURE, SiteSpider
from .store.rows import Task

# Answers that are used: pages, "not modified", and the word of a server that a page is not there. Redirects are
# followed and faults are asked for again, so that what counts is the answer after them.
USED_STATUSES = frozenset({200, 203, 304, 404, 410})


class HostGuard:
    """Refuses every request but plain HTTP to the hosts that the site file or --base-url names, on every hop.

    Scrapy's allowed_domains does not look at ports and lets requests with dont_filter pass.
    """

    def __init__(self, hosts: frozenset[str]) -> None:
        self.hosts = hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        assert isinstance(crawler.spider, SiteSpider)
        return cls(crawler.spider.session.site.hosts)

    def process_request(self, request: Request) -> None:
        """Raises HostRefused before anything is resolved or connected."""
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https") or parts.username is not None or parts.netloc not in self.hosts:
            origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
            raise HostRefused(f"{origin} is not an address of this site")


class CaptureMiddleware:
    """Writes each used answer to the WARC as it was received, and leaves its Capture in the request's meta.

    It stands at the very end, before content-encoding is taken off. The bytes are with the operating system
    before the spider sees the page, so that no database row can point at bytes that a crash takes away.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        assert isinstance(crawler.spider, SiteSpider)
        return cls(crawler.spider.session)

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises StorageError where the WARC cannot be written; the page then counts as never fetched."""
        if response.status in USED_STATUSES:
            task: Task | None = request.cb_kwargs.get("task")
            exchange = Exchange(
                url=request.url,
                asked_url=task.url if task else request.url,
                method=request.method,
                request_headers=tuple(_pairs(request.headers)),
                status=response.status,
                reason="",
                response_headers=tuple(_pairs(response.headers)),
                body=response.body,
                fetched_at=self.session.clock(),
                kind=task.kind if task else "robots",
                category=self.session.category_key(task),
                page=task.page if task else None,
                ip=str(response.ip_address) if response.ip_address else None,
            )
            request.meta[CAPTURE] = self.session.capture(exchange)
        return response


def _pairs(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    for name, values in headers.items():
        for value in values:
            yield name, value
