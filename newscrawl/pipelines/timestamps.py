"""The second pipeline: printed times become instants, or NULL with a problem."""

from __future__ import annotations

from newscrawl.extract.refine import read_discovery_times, read_listing_times, read_times
from newscrawl.items import ArticleItem, Item, ListingItem
from newscrawl.pipelines import SessionComponent


class TimestampPipeline(SessionComponent):
    """Effect: publication and edit times are read by the site's formats; "now" is the moment of the capture."""

    def process_item(self, item: Item) -> Item:
        """The item with its times read."""
        fetched_at = item.capture.fetched_at
        if isinstance(item, ListingItem):
            item.listing = read_listing_times(item.listing, self.session.site, fetched_at)
        elif isinstance(item, ArticleItem):
            item.times = read_times(item.draft, self.session.site, fetched_at)
        else:
            item.found = read_discovery_times(item.found, self.session.site, fetched_at)
        return item
