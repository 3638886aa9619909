"""What the archive remembers of a site file, and which of its categories a user means."""

from __future__ import annotations

from newscrawl.core.errors import UsageError
from newscrawl.sites.site import Site
from newscrawl.store.rows import CategoryRow, SiteRow


def site_row(site: Site) -> SiteRow:
    """What the archive remembers of a site file."""
    categories = tuple(CategoryRow(row.key, row.slug, row.name, row.url) for row in site.categories)
    return SiteRow(
        site.name,
        site.title,
        site.domain,
        site.language,
        str(site.zone) if site.zone else None,
        categories,
    )


def category_keys(site: Site, asked: tuple[str, ...]) -> frozenset[str] | None:
    """The keys of the categories named by key or slug; None for all of them; UsageError for an unknown one."""
    if not asked:
        return None
    names = {row.key: row.key for row in site.categories} | {
        row.slug: row.key for row in site.categories if row.slug
    }
    unknown = [name for name in asked if name not in names]
    if unknown:
        known = ", ".join(
            f"{row.key} ({row.slug})" if row.slug != row.key else row.key for row in site.categories
        )
        raise UsageError(
            f"{site.name} has no category {unknown[0]!r}", f"its categories are: {known}"
        )
    return frozenset(names[name] for name in asked)
