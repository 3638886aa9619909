"""The second pipeline: printed times become instants, or NULL with a problem."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from ..discovery import read_discovery_times
from ..items import ArticleItem, Item, ListingItem
from ..refine import read_listing_times, read_times
from ..sitefile import Site
from ..spiders.site import SiteSpider


class TimestampPipeline:
    """Effect: publication and edit times are read by the site's formats; "now" is the moment of the capture."""

    def __init__(self, site: Site) -> None:
        self.site = site

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        assert isinstance(crawler.spider, SiteSpider)
        return cls(crawler.spider.session.site)

    def process_item(self, item: Item) -> Item:
        """The item with its times read."""
        fetched_at = item.capture.fetched_at
        if isinstance(item, ListingItem):
            item.listing = read_listing_times(item.listing, self.site, fetched_at)
        elif isinstance(item, ArticleItem):
            item.times = read_times(item.draft, self.site, fetched_at)
        else:
            item.found = read_discovery_times(item.found, self.site, fetched_at)
        return item
