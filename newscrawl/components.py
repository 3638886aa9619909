"""What middlewares and pipelines have in common: Scrapy makes them, and they serve the spider's session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, Self

from scrapy.crawler import Crawler

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.records import Capture
from newscrawl.crawl.host_rest import HostRest
from newscrawl.crawl.session import Session
from newscrawl.sites.site import Site
from newscrawl.spiders.site import SiteSpider
from newscrawl.store.rows import Task
from newscrawl.warc import Exchange


class Keeper(Protocol):
    """What takes the raw pages of a crawl."""

    def write(self, exchange: Exchange) -> Capture:
        """What the page's row will say."""
        ...


class FetchSession(Protocol):
    """What the downloader's side of a crawl asks for: a Session, or a worker's link to one that is elsewhere."""

    error: NewscrawlError | None

    @property
    def site(self) -> Site: ...
    @property
    def host(self) -> HostRest: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def captures(self) -> Keeper: ...
    def category_key(self, task: Task | None) -> str | None: ...
    def stop(self, error: NewscrawlError) -> None: ...


class SessionComponent:
    """A part of Scrapy's machinery that works for one crawl of one site."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy once the spider is there."""
        assert isinstance(crawler.spider, SiteSpider)
        return cls(crawler.spider.session)


class FetchComponent:
    """The same for the downloader's middlewares, which serve workers too."""

    def __init__(self, session: FetchSession) -> None:
        self.session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy once the spider is there."""
        spider: Any = crawler.spider
        return cls(spider.session)
