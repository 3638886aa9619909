"""The item pipelines, one job a module: clean, timestamps, duplicates, store.

`PIPELINES` is the path of every item, in a crawl as in a collector: settings.py makes ITEM_PIPELINES of it. Each
pipeline takes newscrawl's own items and, as articles, those of any other spider; see newscrawl.items.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from scrapy.crawler import Crawler

from newscrawl.crawl.session import Session
from newscrawl.pipelines.other_spiders import session_for_items
from newscrawl.sites.site import Site

PIPELINES: Mapping[str, int] = {
    "newscrawl.pipelines.clean.CleanPipeline": 100,
    "newscrawl.pipelines.timestamps.TimestampPipeline": 200,
    "newscrawl.pipelines.duplicates.DuplicatePipeline": 300,
    "newscrawl.pipelines.store.StorePipeline": 900,
}


class SitePipeline:
    """A pipeline that needs the session of its spider's crawl, or the session's site."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def session(self) -> Session:
        """The session of the crawl. A spider of another project gets one with its first item.

        DropItem, after the reason was logged, if that one cannot begin; the spider is then closed.
        """
        session = getattr(self.crawler.spider, "session", None)
        if isinstance(session, Session):
            return session
        return session_for_items(self.crawler)

    @property
    def site(self) -> Site:
        """The site of the items."""
        return self.session.site
