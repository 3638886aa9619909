"""Downloader middlewares: what may be asked for, and what becomes of the raw bytes."""

from __future__ import annotations

from collections.abc import Iterator

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.headers import Headers

from .archive import Exchange
from .components import SessionComponent
from .errors import NewscrawlError
from .failures import HostRefused, retry_after
from .guard import refusal
from .spiders.site import CAPTURE, RETRY_AFTER
from .store.rows import Task

# Answers that are used: pages, "not modified", and the word of a server that a page is not there. Redirects are
# followed and faults are asked for again, so that what counts is the answer after them.
USED_STATUSES = frozenset({200, 203, 304, 404, 410})


class HostGuard(SessionComponent):
    """Refuses every request but plain HTTP to the hosts that the site file or --base-url names, on every hop.

    Scrapy's allowed_domains does not look at ports and lets requests with dont_filter pass.
    """

    def process_request(self, request: Request) -> None:
        """Raises HostRefused before anything is resolved or connected; once the archive has failed, for every page."""
        if self.session.error is not None:
            raise HostRefused("the archive cannot be written")
        if (reason := refusal(request.url, self.session.site.hosts)) is not None:
            raise HostRefused(reason)


class RestMiddleware(SessionComponent):
    """Lets a host rest that asks for it: 429 and 503 with Retry-After are not asked again at once."""

    def process_response(self, request: Request, response: Response) -> Response:
        """The response as it is; Scrapy's retries are switched off for it."""
        if response.status in (429, 503):
            header = response.headers.get("Retry-After")
            wait = retry_after(header.decode("latin-1"), self.session.clock()) if header else None
            if wait is not None:
                request.meta["dont_retry"] = True
                request.meta[RETRY_AFTER] = wait
                self.session.host.rest(wait.total_seconds())
        return response


class CaptureMiddleware(SessionComponent):
    """Writes each used answer to the WARC as it was received, and leaves its Capture in the request's meta.

    It stands at the very end, before content-encoding is taken off. The bytes are with the operating system
    before the spider sees the page, so that no database row can point at bytes that a crash takes away.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        """Where the WARC cannot be written the crawl ends, and the page counts as never fetched."""
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
            try:
                request.meta[CAPTURE] = self.session.captures.write(exchange)
            except NewscrawlError as error:
                self.session.stop(error)
                raise IgnoreRequest("the archive cannot be written") from error
        return response


def _pairs(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    for name, values in headers.items():
        for value in values:
            yield name, value
