"""The last pipeline: one store transaction a page, and one counted outcome."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from .. import __version__
from ..items import ArticleItem, ListingItem
from ..session import Session
from ..spiders.site import SiteSpider


class StorePipeline:
    """Effect: everything a page says is in the archive, or nothing of it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        assert isinstance(crawler.spider, SiteSpider)
        return cls(crawler.spider.session)

    def process_item(self, item: ArticleItem | ListingItem) -> ArticleItem | ListingItem:
        """Raises what the store raises; the spider then stops the crawl."""
        if isinstance(item, ListingItem):
            self.session.save_listing(item.task, item.listing, item.capture)
        elif item.article is not None:
            self.session.save_article(item.task, item.article, item.capture, f"newscrawl {__version__}")
        return item
