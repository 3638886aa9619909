"""Downloader middlewares: which requests are allowed, and what happens to the raw bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol, Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Response
from scrapy.http.headers import Headers

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.records import VALIDATORS, Exchange, Task
from newscrawl.core.refusals import Refusal, refusal
from newscrawl.core.urls import masked
from newscrawl.crawl.captures import EXCHANGE
from newscrawl.crawl.failures import RESTING_STATUSES, Refused, retry_after
from newscrawl.crawl.header_limits import head_of
from newscrawl.crawl.host_rest import HostRest
from newscrawl.crawl.resolver import refused_name
from newscrawl.sites.site import Site

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})  # the requested content encodings


class FetchSession(Protocol):
    """What the middlewares need: a Session, or a worker's link to a session on another machine."""

    error: NewscrawlError | None

    @property
    def site(self) -> Site: ...
    @property
    def host(self) -> HostRest: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    def category_key(self, task: Task | None) -> str | None: ...
    def save_robots(self, exchange: Exchange) -> None: ...
    def stop(self, error: NewscrawlError) -> None: ...


class FetchComponent:
    """A downloader middleware of one crawl, which has a Session or a worker's link to one.

    It has no effect on a spider without a session (`scrapy shell`, `fetch`, a spider of another
    project).
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def session(self) -> FetchSession | None:
        """The session of the crawler's spider; None if it has none."""
        return getattr(self._crawler.spider, "session", None)


class HostGuard(FetchComponent):
    """Refuses every request except HTTP to the hosts in the site file or in --base-url.

    Requests after a redirect are checked too. Scrapy's allowed_domains does not check ports and
    allows requests with dont_filter.
    """

    def process_request(self, request: Request) -> None:
        """Refuses a request before its host is resolved or connected to.

        Once the archive cannot be written, every request is ignored.
        """
        session = self.session
        if session is None:
            return
        if session.error is not None:
            raise IgnoreRequest("the archive cannot be written")
        if (found := refusal(request.url, session.site.hosts)) is not None:
            raise Refused(found)


class AnswerGuard(FetchComponent):
    """Refuses responses that must not reach Scrapy's redirects, decompression and retries."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Returns the response unchanged.

        Raises Refused for a redirect to an address that is not HTTP, or for a content-encoding that
        was not requested.
        """
        if response.status in REDIRECTS and (location := response.headers.get("Location")):
            _refuse_redirect(request.url, location.decode("latin-1").strip())
        _refuse_packing(request.url, response.headers)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raises Refused for a host name in a private network, because a retry would not help."""
        if isinstance(exception, CannotResolveHostError):
            found = refused_name(urlsplit(request.url).hostname or "")
            if found is not None:
                raise Refused(found) from exception


class RestMiddleware(FetchComponent):
    """Pauses a host that requests it: 429 and 503 with Retry-After are not retried immediately."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Returns the response unchanged; turns off Scrapy's retries for it."""
        session = self.session
        header = response.headers.get("Retry-After")
        if session is None or header is None or response.status not in RESTING_STATUSES:
            return response
        wait = retry_after(header.decode("latin-1"), session.clock())
        if wait is not None:
            request.meta["dont_retry"] = True
            session.host.rest(wait.total_seconds())
        return response


class CaptureMiddleware(FetchComponent):
    """Records each response as received.

    It is the first middleware to see a response, before its content-encoding is decoded. The
    exchange of a page is put in the request's meta for `crawl.reception.receive`. A robots.txt,
    which has no task, is stored immediately.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        """Returns the response unchanged. If the archive cannot be written, the crawl ends."""
        received = head_of(response.headers)
        reason, headers = received or ("", tuple(pairs(response.headers)))
        session = self.session
        if session is None:
            return response
        task: Task | None = request.cb_kwargs.get("task")
        exchange = Exchange(
            url=request.url,
            asked_url=task.url if task else request.url,
            method=request.method,
            request_headers=tuple(pairs(request.headers)),
            status=response.status,
            reason=reason,
            response_headers=headers,
            body=response.body,
            fetched_at=session.clock(),
            kind=task.kind if task else "robots",
            category=session.category_key(task),
            page=task.page if task else None,
            ip=str(response.ip_address) if response.ip_address else None,
            moved_permanently=_moved_permanently(request),
        )
        if task is not None:
            request.meta[EXCHANGE] = exchange
            return response
        try:
            session.save_robots(exchange)
        except NewscrawlError as error:
            session.stop(error)
            raise IgnoreRequest("the archive cannot be written") from error
        return response


def _moved_permanently(request: Request) -> bool:
    """Whether redirects led to this request, and each of them was permanent."""
    statuses = request.meta.get("redirect_reasons", ())
    return bool(statuses) and PERMANENT.issuperset(statuses)


class Redirects(RedirectMiddleware):
    """Scrapy's redirect middleware, for a crawl whose requests have no Referer."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Avoids Scrapy's warning that there is no Referer middleware."""
        redirects = cls(crawler.settings)
        redirects.crawler = crawler
        return redirects

    # Scrapy's own also takes a spider, which is deprecated.
    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """The response, or the request that it redirects to.

        That of an article has no validators: they are those of the page that was requested, and
        the archive needs to know which article answers.
        """
        result = super().process_response(request, response)
        task: Task | None = request.cb_kwargs.get("task")
        if isinstance(result, Request) and task is not None and task.kind == "article":
            for name in VALIDATORS:
                result.headers.pop(name, None)
        return result


def _refuse_redirect(base: str, location: str) -> None:
    """Raises Refused for a redirect whose address is unreadable or not HTTP.

    The host is not checked here: HostGuard checks the request that Scrapy makes for the redirect.
    """
    try:
        url = urljoin(base, location)
    except ValueError:
        raise Refused(Refusal("refused_unreadable", masked(location))) from None
    found = refusal(url, ())
    if found is not None and found.code in ("refused_unreadable", "refused_scheme"):
        raise Refused(found)


def _refuse_packing(url: str, headers: Headers) -> None:
    """Raises Refused for more than one content-encoding, or one that was not requested.

    Each layer could be a decompression bomb just below the limit. Bodies in brotli or zstd could
    not be read from the WARC file later.
    """
    header = b",".join(headers.getlist("Content-Encoding")).decode("latin-1").lower()
    layers = [name for part in header.split(",") if (name := part.strip()) not in ("", "identity")]
    if len(layers) > 1 or not _PACKED.issuperset(layers):
        raise Refused(Refusal("refused_encoding", masked(f"{url} ({header})")))


def pairs(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    """Each header, once for each of its values."""
    for name, values in headers.items():
        for value in values:
            yield name, value
