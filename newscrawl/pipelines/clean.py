"""The first pipeline: clean text."""

from __future__ import annotations

from newscrawl.extract.refine import clean, clean_listing
from newscrawl.items import ArticleItem, Item, ListingItem


class CleanPipeline:
    """Effect: every text is NFC, on one line, without invisible characters (those of feeds are as they are read)."""

    def process_item(self, item: Item) -> Item:
        """The item with its texts cleaned."""
        if isinstance(item, ListingItem):
            item.listing = clean_listing(item.listing)
        elif isinstance(item, ArticleItem):
            item.draft = clean(item.draft)
        return item
