"""What the spider hands to the item pipelines: a page as extracted, and which task and capture it answers."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.core.records import Article, Capture, Draft, Feed, Listing, Sitemap, Task
from newscrawl.extract.refine import Times


@dataclass(slots=True)
class ArticleItem:
    """An article page; the pipelines make `article` of `draft` step by step."""

    task: Task
    capture: Capture
    draft: Draft
    times: Times | None = None
    article: Article | None = None


@dataclass(slots=True)
class ListingItem:
    """A category page."""

    task: Task
    capture: Capture
    listing: Listing


@dataclass(slots=True)
class DiscoveryItem:
    """A feed or a sitemap."""

    task: Task
    capture: Capture
    found: Feed | Sitemap


Item = ArticleItem | ListingItem | DiscoveryItem
