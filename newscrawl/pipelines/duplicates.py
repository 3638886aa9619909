"""The third pipeline: which article a page is, whatever address led to it."""

from __future__ import annotations

from scrapy.exceptions import DropItem

from newscrawl.core.errors import PageRejected
from newscrawl.extract.refine import identify
from newscrawl.items import DiscoveryItem, ListingItem, asked_url_of, draft_of, write_fields
from newscrawl.pipelines import SitePipeline

CHANGES = ("url", "key", "aliases")


class DuplicatePipeline(SitePipeline):
    """An article is one by (site, key); other slugs, redirects and canonical addresses become its aliases.

    A body that is stored under another key is found by its hash when the store writes the page.
    """

    def process_item(self, item: object) -> object:
        """The item with its identity. DropItem where the site has no article at its address."""
        if isinstance(item, ListingItem | DiscoveryItem):
            return item
        draft = draft_of(item)
        try:
            identify(draft, self.site, asked_url_of(item))
        except PageRejected as error:
            raise DropItem(error.message) from error
        write_fields(item, draft, CHANGES)
        return item
