"""The last pipeline: one transaction a page, and one counted outcome."""

from __future__ import annotations

from scrapy.exceptions import DropItem

from newscrawl.core.errors import NewscrawlError, PageRejected
from newscrawl.core.records import Capture
from newscrawl.core.version import VERSION
from newscrawl.extract.refine import article_of
from newscrawl.items import DiscoveryItem, ListingItem, capture_of, draft_of, task_of
from newscrawl.pipelines import SitePipeline

EXTRACTOR = f"newscrawl {VERSION}"


class StorePipeline(SitePipeline):
    """Everything a page says is in the archive, or nothing of it."""

    def process_item(self, item: object) -> object:
        """The item, stored. Where the archive cannot be written the crawl ends, and the page stays open."""
        session = self.session
        if isinstance(item, ListingItem | DiscoveryItem):
            task = item.task
        else:
            draft = draft_of(item, session.site.name)
            task = task_of(item) or session.begin_url(draft.url)
        try:
            if isinstance(item, ListingItem):
                session.save_listing(task, item.listing, item.capture)
            elif isinstance(item, DiscoveryItem):
                session.save_discovery(task, item.found, item.capture)
            else:
                capture = capture_of(item) or self._uncaptured(draft.url)
                session.save_article(task, article_of(draft), capture, EXTRACTOR)
        except PageRejected as error:
            raise DropItem(error.message) from error
        except NewscrawlError as error:
            session.abandon(task, error)
        return item

    def _uncaptured(self, url: str) -> Capture:
        """The capture of an article of another spider: its raw page is not kept."""
        return Capture(url=url, kind="article", status=200, fetched_at=self.session.clock())
