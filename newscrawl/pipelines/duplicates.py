"""The third pipeline: which article a page is, whatever address led to it."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from ..items import ArticleItem, Item
from ..reading import with_asked_url
from ..refine import identify
from ..sitefile import Site
from ..spiders.site import SiteSpider


class DuplicatePipeline:
    """Effect: identity is (site, key); other slugs, redirects and canonical addresses become aliases.

    A body that is stored under another key is found by its hash when the store writes the page.
    """

    def __init__(self, site: Site) -> None:
        self.site = site

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        assert isinstance(crawler.spider, SiteSpider)
        return cls(crawler.spider.session.site)

    def process_item(self, item: Item) -> Item:
        """The item with its article."""
        if isinstance(item, ArticleItem):
            assert item.times is not None
            article = identify(item.draft, item.times, self.site)
            item.article = with_asked_url(self.site, article, item.task.url, item.draft.url)
        return item
