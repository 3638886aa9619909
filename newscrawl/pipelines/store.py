"""The last pipeline: one store transaction a page, and one counted outcome."""

from __future__ import annotations

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.version import VERSION
from newscrawl.items import DiscoveryItem, Item, ListingItem
from newscrawl.pipelines import SessionComponent


class StorePipeline(SessionComponent):
    """Effect: everything a page says is in the archive, or nothing of it."""

    def process_item(self, item: Item) -> Item:
        """Where the archive cannot be written the crawl ends, and the page stays open."""
        try:
            if isinstance(item, ListingItem):
                self.session.save_listing(item.task, item.listing, item.capture)
            elif isinstance(item, DiscoveryItem):
                self.session.save_discovery(item.task, item.found, item.capture)
            elif item.article is not None:
                self.session.save_article(
                    item.task, item.article, item.capture, f"newscrawl {VERSION}"
                )
        except NewscrawlError as error:
            self.session.abandon(item.task, error)
        return item
