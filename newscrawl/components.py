"""What middlewares and pipelines have in common: Scrapy makes them, and they serve the spider's session."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from .session import Session
from .spiders.site import SiteSpider


class SessionComponent:
    """A part of Scrapy's machinery that works for one crawl of one site."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy once the spider is there."""
        assert isinstance(crawler.spider, SiteSpider)
        return cls(crawler.spider.session)
