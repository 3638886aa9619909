"""The base classes of the item pipelines: which items they accept, and the crawl's session."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.core.errors import PageRejected
from newscrawl.crawl.session import Session
from newscrawl.items import ArticleItem, DiscoveryItem, ListingItem
from newscrawl.pipelines.adapting import article_item, write_fields
from newscrawl.pipelines.other_spiders import session_for_items
from newscrawl.sites.site import Site


class Stage(ABC):
    """An item pipeline. It accepts newscrawl's items and, as articles, items of other spiders."""

    changes: ClassVar[tuple[str, ...]] = ()  # the fields of an article that the stage sets

    def process_item(self, item: object) -> object:
        """The item, changed in place.

        Raises DropItem if it is not an article of the site, or if a field is missing.
        """
        try:
            if isinstance(item, ArticleItem):
                self.process_article(item)
            elif isinstance(item, ListingItem | DiscoveryItem):
                self.process_source(item)
            else:
                article = article_item(item)
                self.process_article(article)
                write_fields(item, article, self.changes)
        except PageRejected as error:
            raise DropItem(error.message) from error
        return item

    @abstractmethod
    def process_article(self, article: ArticleItem) -> None:
        """Processes an article."""

    def process_source(self, source: ListingItem | DiscoveryItem) -> None:
        """Processes a category page, feed or sitemap. Does nothing by default."""
        return


class SessionStage(Stage):
    """A stage that needs the session of the crawl, or its site.

    A spider of another project gets a session with its first item. If that session cannot begin,
    the reason is logged, the item is dropped, and the spider is closed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @cached_property
    def session(self) -> Session:
        """The session of the crawl."""
        session = getattr(self._crawler.spider, "session", None)
        return session if isinstance(session, Session) else session_for_items(self._crawler)

    @cached_property
    def site(self) -> Site:
        """The site of the crawl."""
        return self.session.site
