"""The first pipeline: clean text."""

from __future__ import annotations

from ..items import ArticleItem, ListingItem
from ..refine import clean, clean_listing


class CleanPipeline:
    """Effect: every text is NFC, on one line, without invisible characters."""

    def process_item(self, item: ArticleItem | ListingItem) -> ArticleItem | ListingItem:
        """The item with its texts cleaned."""
        if isinstance(item, ListingItem):
            item.listing = clean_listing(item.listing)
        else:
            item.draft = clean(item.draft)
        return item
