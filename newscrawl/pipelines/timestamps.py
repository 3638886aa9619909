"""The second pipeline: parses printed times; a time that cannot be read becomes a problem."""

from __future__ import annotations

from newscrawl.extract.refine import read_listing_times, read_times
from newscrawl.items import ArticleItem, DiscoveryItem, ListingItem
from newscrawl.pipelines.stage import SessionStage


class TimestampPipeline(SessionStage):
    """Parses publication and modification times with the formats of the site.

    Relative times refer to the time of the capture.
    """

    changes = (
        "published_at",
        "published_local",
        "published_raw",
        "published_precision",
        "published_source",
        "modified_at",
        "links",
        "provenance",
        "problems",
    )

    def process_article(self, article: ArticleItem) -> None:
        read_times(article, self.site, article.capture.fetched_at)

    def process_source(self, source: ListingItem | DiscoveryItem) -> None:
        if isinstance(source, ListingItem):
            now = source.capture.fetched_at
            source.listing = read_listing_times(source.listing, self.site, now)
