"""The item pipelines, one job a module: clean, timestamps, duplicates, store.

`PIPELINES` is the path of every item, in a crawl as in a collector: settings.py makes ITEM_PIPELINES of it. Each
pipeline takes newscrawl's own items and, as articles, those of any other spider; see newscrawl.items.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from scrapy.crawler import Crawler

from newscrawl.core.errors import UsageError
from newscrawl.crawl.session import Session
from newscrawl.sites.site import Site

PIPELINES: Mapping[str, int] = {
    "newscrawl.pipelines.clean.CleanPipeline": 100,
    "newscrawl.pipelines.timestamps.TimestampPipeline": 200,
    "newscrawl.pipelines.duplicates.DuplicatePipeline": 300,
    "newscrawl.pipelines.store.StorePipeline": 900,
}


class SitePipeline:
    """A pipeline that needs to know the site of its items."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.site: Site

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open_spider(self) -> None:
        """Called by Scrapy before the first item."""
        self.site = session_of(self.crawler).site


def session_of(crawler: Crawler) -> Session:
    """The session of the crawl that the spider belongs to."""
    session = getattr(crawler.spider, "session", None)
    if not isinstance(session, Session):
        name = type(crawler.spider).__name__
        raise UsageError(f"{name} is no spider of newscrawl's: its items cannot be stored")
    return session
