"""The items of the pipelines: an extracted page with its task and capture.

The fields of an ArticleItem are those of core.records.Draft. The pipelines also accept items of
other spiders: see pipelines/adapting.py.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from newscrawl.core.records import Capture, Draft, Feed, Listing, Sitemap, Task

DRAFT_FIELDS = tuple(field.name for field in fields(Draft))


@dataclass(slots=True, kw_only=True)
class ArticleItem(Draft):
    """An article page."""

    task: Task
    capture: Capture


@dataclass(slots=True, kw_only=True)
class ListingItem:
    """A category page."""

    task: Task
    capture: Capture
    listing: Listing


@dataclass(slots=True, kw_only=True)
class DiscoveryItem:
    """A feed or a sitemap."""

    task: Task
    capture: Capture
    source: Feed | Sitemap


Item = ArticleItem | ListingItem | DiscoveryItem


def item_of(task: Task, capture: Capture, extracted: Draft | Listing | Feed | Sitemap) -> Item:
    """The item of an extracted page."""
    if isinstance(extracted, Draft):
        values = {name: getattr(extracted, name) for name in DRAFT_FIELDS}
        return ArticleItem(task=task, capture=capture, **values)
    if isinstance(extracted, Listing):
        return ListingItem(task=task, capture=capture, listing=extracted)
    return DiscoveryItem(task=task, capture=capture, source=extracted)
