"""The first pipeline: clean text."""

from __future__ import annotations

from newscrawl.extract.refine import clean, clean_listing
from newscrawl.items import ArticleItem, DiscoveryItem, ListingItem
from newscrawl.pipelines.stage import Stage


class CleanPipeline(Stage):
    """Puts every text on one line, in NFC, without invisible characters.

    Feeds and sitemaps are not changed, because their readers return clean text.
    """

    changes = (
        "title",
        "summary",
        "paragraphs",
        "authors",
        "tags",
        "breadcrumb",
        "category",
        "links",
    )

    def process_article(self, article: ArticleItem) -> None:
        clean(article)

    def process_source(self, source: ListingItem | DiscoveryItem) -> None:
        if isinstance(source, ListingItem):
            source.listing = clean_listing(source.listing)
