"""The item pipelines, one job a file: clean, timestamps, duplicates, store. Each is thin over a pure function."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from newscrawl.crawl.session import Session


class SessionComponent:
    """A part of Scrapy's machinery that works for one crawl of one site."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy once the spider is there."""
        session = getattr(crawler.spider, "session", None)
        assert isinstance(session, Session)
        return cls(session)
