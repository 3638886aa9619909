"""The base classes of the item pipelines: which items they accept, and the crawl's session."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property, partial
from typing import ClassVar, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.core.deadline import OutOfTime, within
from newscrawl.core.errors import PageRejected
from newscrawl.crawl.session import Session
from newscrawl.items import ArticleItem, DiscoveryItem, ListingItem
from newscrawl.pipelines.adapting import article_item, write_fields
from newscrawl.pipelines.other_spiders import session_for_items
from newscrawl.sites.site import Site

# CPU of a stage for one page; a millisecond is usual. Two stages have this limit: with the
# READ_SECONDS of extract.in_time before them, a page takes at most five seconds.
STAGE_SECONDS = 0.5


class Stage(ABC):
    """An item pipeline. It accepts newscrawl's items and, as articles, items of other spiders."""

    changes: ClassVar[tuple[str, ...]] = ()  # the fields of an article that the stage sets
    may_be_interrupted: ClassVar[bool] = True

    def process_item(self, item: object) -> object:
        """The item, changed in place.

        DropItem if it is not an article of the site, lacks a field, or takes STAGE_SECONDS.
        """
        try:
            if self.may_be_interrupted:
                within(STAGE_SECONDS, partial(self._process, item))
            else:
                self._process(item)
        except OutOfTime as error:
            message = f"{type(self).__name__} has stopped on this page: {error}"
            raise DropItem(message) from PageRejected("too_slow", message)
        except PageRejected as error:
            raise DropItem(error.message) from error
        return item

    def _process(self, item: object) -> None:
        if isinstance(item, ArticleItem):
            self.process_article(item)
        elif isinstance(item, ListingItem | DiscoveryItem):
            self.process_source(item)
        else:
            article = article_item(item)
            self.process_article(article)
            write_fields(item, article, self.changes)

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

    def process_item(self, item: object) -> object:
        self.session  # noqa: B018 - it may begin here, which must not be interrupted
        return super().process_item(item)

    @cached_property
    def session(self) -> Session:
        """The session of the crawl."""
        session = getattr(self._crawler.spider, "session", None)
        return session if isinstance(session, Session) else session_for_items(self._crawler)

    @cached_property
    def site(self) -> Site:
        """The site of the crawl."""
        return self.session.site
