"""Downloader middlewares: what may be asked for, and what becomes of the raw bytes."""

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
from newscrawl.core.records import Exchange, Task
from newscrawl.core.refusals import Refusal, refusal
from newscrawl.core.urls import masked
from newscrawl.crawl.captures import EXCHANGE
from newscrawl.crawl.failures import RESTING_STATUSES, Refused, retry_after
from newscrawl.crawl.host_rest import HostRest
from newscrawl.crawl.resolver import refused_name
from newscrawl.sites.site import Site

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})  # what is asked for; nobody packs a page twice


class FetchSession(Protocol):
    """What the downloader's side of a crawl asks for: a Session, or a worker's link to one that is elsewhere."""

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
    """A downloader middleware of one crawl: of a session, or of a worker's link to one.

    A spider without a session (`scrapy shell`, `fetch`, a spider of another project) is let through.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def session(self) -> FetchSession | None:
        """The session of the crawler's spider; None while it has none."""
        return getattr(self._crawler.spider, "session", None)


class HostGuard(FetchComponent):
    """Refuses every request but plain HTTP to the hosts that the site file or --base-url names, on every hop.

    Scrapy's allowed_domains does not look at ports and lets requests with dont_filter pass.
    """

    def process_request(self, request: Request) -> None:
        """Refused before anything is resolved or connected; once the archive has failed, nothing is asked for."""
        session = self.session
        if session is None:
            return
        if session.error is not None:
            raise IgnoreRequest("the archive cannot be written")
        if (found := refusal(request.url, session.site.hosts)) is not None:
            raise Refused(found)


class AnswerGuard(FetchComponent):
    """Stands before Scrapy's redirects, unpacking and retries, and refuses what must not reach them."""

    def process_response(self, request: Request, response: Response) -> Response:
        """The response as it is; Refused for one that leads out of the web, or that is packed as nobody asked for."""
        if response.status in REDIRECTS and (location := response.headers.get("Location")):
            _refuse_redirect(request.url, location.decode("latin-1").strip())
        _refuse_packing(request.url, response.headers)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Refused for a name that leads into a private network: asking again would not help."""
        if isinstance(exception, CannotResolveHostError):
            found = refused_name(urlsplit(request.url).hostname or "")
            if found is not None:
                raise Refused(found) from exception


class RestMiddleware(FetchComponent):
    """Lets a host rest that asks for it: 429 and 503 with Retry-After are not asked again at once."""

    def process_response(self, request: Request, response: Response) -> Response:
        """The response as it is; Scrapy's retries are switched off for it."""
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
    """Notes each answer as it was received: a page's in the request's meta, for `crawl.reception.receive`.

    It stands at the very end, before content-encoding is taken off. A robots.txt is kept at once, since no
    task waits for it.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        """The response as it is. Where the archive cannot be written the crawl ends."""
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
            reason="",
            response_headers=tuple(pairs(response.headers)),
            body=response.body,
            fetched_at=session.clock(),
            kind=task.kind if task else "robots",
            category=session.category_key(task),
            page=task.page if task else None,
            ip=str(response.ip_address) if response.ip_address else None,
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


class Redirects(RedirectMiddleware):
    """Scrapy's, for requests without a Referer: a crawl comes from nowhere, and so does the request after a hop."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Without Scrapy's warning that nothing here knows of Referers."""
        redirects = cls(crawler.settings)
        redirects.crawler = crawler
        return redirects


def _refuse_redirect(base: str, location: str) -> None:
    """To a host of its own a redirect may lead: HostGuard sees the request that Scrapy makes of it."""
    try:
        url = urljoin(base, location)
    except ValueError:
        raise Refused(Refusal("refused_unreadable", masked(location))) from None
    found = refusal(url, ())
    if found is not None and found.code in ("refused_unreadable", "refused_scheme"):
        raise Refused(found)


def _refuse_packing(url: str, headers: Headers) -> None:
    """Each of many layers may be a bomb just below the limit; brotli and zstd could not be read back from the WARC."""
    header = b",".join(headers.getlist("Content-Encoding")).decode("latin-1").lower()
    layers = [name for part in header.split(",") if (name := part.strip()) not in ("", "identity")]
    if len(layers) > 1 or not _PACKED.issuperset(layers):
        raise Refused(Refusal("refused_encoding", masked(f"{url} ({header})")))


def pairs(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    """Each header with each of its values."""
    for name, values in headers.items():
        for value in values:
            yield name, value
