"""Which sitemaps of an index a crawl wants."""

from __future__ import annotations

from datetime import datetime

from newscrawl.core.records import ChildSitemap, Sitemap
from newscrawl.sites.site import Site


def wanted_children(
    sitemap: Sitemap, site: Site, since: datetime | None, until: datetime | None
) -> tuple[ChildSitemap, ...]:
    """The children that can hold articles published from `since` to before `until` (None: no
    limit).
    """
    first = since.astimezone(site.timezone).date().isoformat() if since else ""
    after = until.astimezone(site.timezone).date().isoformat() if until else "9999"
    return tuple(child for child in sitemap.children if _can_hold(child, first, after))


def _can_hold(child: ChildSitemap, first: str, after: str) -> bool:
    """By the days in its address; else by its last change, since an article that came later would
    have changed it.
    """
    if child.first is not None and child.after is not None:
        return child.after.isoformat() > first and child.first.isoformat() < after
    changed = child.lastmod.local if child.lastmod else None
    return changed is None or changed[:10] >= first[: len(changed)]
