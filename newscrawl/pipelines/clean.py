"""The first pipeline: clean text."""

from __future__ import annotations

from newscrawl.extract.refine import clean, clean_listing
from newscrawl.items import DiscoveryItem, ListingItem, draft_of, write_fields

CHANGES = (
    "title",
    "summary",
    "paragraphs",
    "authors",
    "tags",
    "breadcrumb",
    "category",
    "links",
)


class CleanPipeline:
    """Every text is NFC, on one line, and without invisible characters.

    Feeds and sitemaps pass unchanged: their readers give clean text.
    """

    def process_item(self, item: object) -> object:
        """The item with its texts cleaned."""
        if isinstance(item, ListingItem):
            item.listing = clean_listing(item.listing)
        elif not isinstance(item, DiscoveryItem):
            draft = draft_of(item)
            clean(draft)
            write_fields(item, draft, CHANGES)
        return item
