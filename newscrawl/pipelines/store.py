"""The last pipeline: one transaction and one counted outcome per page."""

from __future__ import annotations

from newscrawl.core.errors import NewscrawlError, PageRejected
from newscrawl.core.version import VERSION
from newscrawl.extract.refine import article_of
from newscrawl.items import ArticleItem, DiscoveryItem, ListingItem
from newscrawl.pipelines.stage import SessionStage

EXTRACTOR = f"newscrawl {VERSION}"


class StorePipeline(SessionStage):
    """Writes a whole page to the archive in one transaction.

    If the archive cannot be written, the crawl ends, and the next crawl fetches the page again.
    """

    may_be_interrupted = False  # a transaction is whole or not at all

    def process_article(self, article: ArticleItem) -> None:
        task = article.task
        if self.session.error is not None:
            # The raw page may be among those that could not be written.
            self.session.abandon(task, self.session.error)
            return
        article.site = self.site.name
        try:
            if task.url not in self.session.in_flight:  # an item of another spider
                task = self.session.begin_url(task.url)
            self.session.save_article(task, article_of(article), article.capture, EXTRACTOR)
        except PageRejected:
            raise
        except NewscrawlError as error:
            self.session.abandon(task, error)

    def process_source(self, source: ListingItem | DiscoveryItem) -> None:
        if self.session.error is not None:
            self.session.abandon(source.task, self.session.error)
            return
        try:
            if isinstance(source, ListingItem):
                self.session.save_listing(source.task, source.listing, source.capture)
            else:
                self.session.save_discovery(source.task, source.source, source.capture)
        except NewscrawlError as error:
            self.session.abandon(source.task, error)
