"""The second pipeline: printed times become instants, or stay empty with a problem."""

from __future__ import annotations

from newscrawl.crawl.session import now_utc
from newscrawl.extract.refine import read_discovery_times, read_listing_times, read_times
from newscrawl.items import DiscoveryItem, ListingItem, capture_of, draft_of, write_fields
from newscrawl.pipelines import SitePipeline

CHANGES = (
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


class TimestampPipeline(SitePipeline):
    """Times of publication and of edits are read by the site's formats; "now" is the moment of the capture."""

    def process_item(self, item: object) -> object:
        """The item with its times read."""
        if isinstance(item, ListingItem):
            item.listing = read_listing_times(item.listing, self.site, item.capture.fetched_at)
        elif isinstance(item, DiscoveryItem):
            item.found = read_discovery_times(item.found, self.site, item.capture.fetched_at)
        else:
            draft, capture = draft_of(item), capture_of(item)
            read_times(draft, self.site, capture.fetched_at if capture else now_utc())
            write_fields(item, draft, CHANGES)
        return item
