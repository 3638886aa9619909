"""The front pages: what the category pages of a site showed on a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.store.read.front_pages import Front, FrontEntry, front_days, front_page
from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Answer, Csv, Json, Page, Query, Redirect

ENTRY_COLUMNS = ("site", "day", "category", "seen_at", *FrontEntry.__dataclass_fields__)


def front_sites(query: Query, reader: Reader) -> Answer:
    """The sites that have front pages. With only one, its front page."""
    days_by_site = {site: front_days(reader.db, site) for site in reader.sites()}
    sites = {site: days for site, days in days_by_site.items() if days}
    if len(sites) == 1:
        return Redirect(f"/front/{next(iter(sites))}")
    return Page("front_sites.html", {"sites": sites})


def front(query: Query, reader: Reader) -> Answer:
    """The category pages of a site on a day, by default the last one."""
    site = query.parts["site"] or ""
    days = front_days(reader.db, site)
    try:
        shown = front_page(reader.db, site, query.day("on"))
    except UsageError as error:
        if query.format or not days:
            raise
        values = {
            "site": site,
            "days": days,
            "message": error.message,
            "hint": error.hint,
            "on": query.text("on"),
        }
        return Page("no_front.html", values, 404)
    if query.format == "json":
        return Json(asdict(shown))
    if query.format == "csv":
        return Csv(f"front-{site}-{shown.day}", ENTRY_COLUMNS, _rows(shown))
    return Page("front.html", {"front": shown, "site": site, "days": days})


def _rows(shown: Front) -> Iterator[dict[str, Any]]:
    for category in shown.categories:
        place = {
            "site": shown.site,
            "day": shown.day,
            "category": category.name,
            "seen_at": category.seen_at,
        }
        for entry in category.slots:
            yield place | asdict(entry)
