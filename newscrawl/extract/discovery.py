"""What feeds and sitemaps say, made ready for the store, and which sitemaps of an index a crawl wants. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from newscrawl.core.records import ChildSitemap, Feed, Sitemap, SitemapEntry, Teaser, Timestamp
from newscrawl.core.text import clean_text
from newscrawl.core.times import parse_time
from newscrawl.extract.refine import RAW_LENGTH
from newscrawl.sites.site import Site
from newscrawl.sites.sources import source_formats


def read_discovery_times(
    found: Feed | Sitemap, site: Site, fetched_at: datetime | None
) -> Feed | Sitemap:
    """A feed or sitemap with its times read; those that cannot be read stay as they are printed."""
    if isinstance(found, Feed):
        return read_feed_times(found, site, fetched_at)
    return read_sitemap_times(found, site, fetched_at)


def read_feed_times(feed: Feed, site: Site, fetched_at: datetime | None) -> Feed:
    """The feed with the times of its entries read, by its own formats before the site's."""
    entries = (
        replace(entry, teaser=_teaser(entry.teaser, site, "feed", fetched_at))
        for entry in feed.entries
    )
    return replace(feed, entries=tuple(entries))


def read_sitemap_times(sitemap: Sitemap, site: Site, fetched_at: datetime | None) -> Sitemap:
    """The sitemap with the times of its entries, or of its children, read."""
    return replace(
        sitemap,
        entries=tuple(_entry(entry, site, fetched_at) for entry in sitemap.entries),
        children=tuple(
            replace(child, lastmod=_time(child.lastmod_raw, site, "sitemap", fetched_at))
            for child in sitemap.children
        ),
    )


def wanted_children(
    sitemap: Sitemap, site: Site, since: datetime | None, until: datetime | None
) -> tuple[ChildSitemap, ...]:
    """The children that can hold articles published from `since` to before `until` (None: no limit)."""
    first = since.astimezone(site.timezone).date().isoformat() if since else ""
    after = until.astimezone(site.timezone).date().isoformat() if until else "9999"
    return tuple(child for child in sitemap.children if _can_hold(child, first, after))


def _can_hold(child: ChildSitemap, first: str, after: str) -> bool:
    """By the days in its address; else by its last change, since an article that came later would have changed it."""
    if child.first is not None and child.after is not None:
        return child.after.isoformat() > first and child.first.isoformat() < after
    changed = child.lastmod.local if child.lastmod else None
    return changed is None or changed[:10] >= first[: len(changed)]


def _entry(entry: SitemapEntry, site: Site, fetched_at: datetime | None) -> SitemapEntry:
    return replace(
        entry,
        teaser=_teaser(entry.teaser, site, "sitemap", fetched_at),
        modified=_time(entry.modified_raw, site, "sitemap", fetched_at),
    )


def _teaser(
    teaser: Teaser, site: Site, kind: Literal["feed", "sitemap"], fetched_at: datetime | None
) -> Teaser:
    stamp = _time(teaser.published_raw, site, kind, fetched_at)
    return replace(teaser, published_raw=stamp.raw if stamp else None, published=stamp)


def _time(
    raw: str | None, site: Site, kind: Literal["feed", "sitemap"], fetched_at: datetime | None
) -> Timestamp | None:
    text = clean_text(raw)[:RAW_LENGTH] if raw else ""
    if not text:
        return None
    return parse_time(text, formats=source_formats(site, kind), zone=site.zone, now=fetched_at)
