"""The front pages: what the category pages of a site showed on a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from newscrawl.core.errors import UsageError
from newscrawl.store.known_names import check_site
from newscrawl.store.read.front_pages import (
    Front,
    FrontEntry,
    category_urls,
    crawls_of_days,
    front_page,
    sites_with_fronts,
)
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.sites import selectable_sites
from newscrawl.web.calendar import Calendar, calendar
from newscrawl.web.printed import Printed, chosen_category, home_first, printed
from newscrawl.web.responses import Answer, Csv, Json, Page, Query, Redirect

ENTRY_COLUMNS = ("site", "day", "category", "seen_at", *FrontEntry.__dataclass_fields__)
OTHERS = 5  # articles of each other category
SITES = 100  # on a page of the list
HALF_YEAR = timedelta(weeks=26)


def front_sites(query: Query, reader: Reader) -> Answer:
    """The sites that have front pages. With only one, or with `site`, its front page."""
    site = query.text("site")
    if site is not None:
        check_site(reader.db, site)
        return Redirect(f"/front/{quote(site, safe='')}")
    offset = query.offset()
    names = sites_with_fronts(reader.db, SITES + 1, offset)
    if len(names) == 1 and not offset:
        return Redirect(f"/front/{names[0]}")
    values = {
        "sites": {name: list(crawls_of_days(reader.db, name)) for name in names[:SITES]},
        "has_more": len(names) > SITES,
        "offset": offset,
        "limit": SITES,
    }
    return Page("front_sites.html", values)


def front(query: Query, reader: Reader) -> Answer:
    """The category pages of a site on a day, by default the last one.

    With `with` (a day) or `beside` (a site): one category beside that of the other day or site.
    """
    site = query.parts["site"] or ""
    days = crawls_of_days(reader.db, site)
    try:
        shown = front_page(reader.db, site, query.day("on"))
        if query.format == "json":
            return Json(asdict(shown))
        if query.format == "csv":
            return Csv(f"front-{site}-{shown.day}", ENTRY_COLUMNS, _rows(shown))
        shown = _in_order(reader, shown)
        main = printed(reader.db, shown, chosen_category(shown, query.text("category")))
        other = _other(query, reader, main)
    except UsageError as error:
        if query.format or not days:
            raise
        return Page("no_front.html", _refused(query, site, days, error), 404)
    values = {
        "site": site,
        "front": shown,
        "main": main,
        "other": other,
        "is_whole": query.text("category") is not None or other is not None,
        "others": [each for each in shown.categories if each is not main.category],
        "listed": OTHERS,
        "calendar": _calendar(days, shown.day),
        "first_day": min(days),
        "last_day": max(days),
        "sites": selectable_sites(reader.db),
    }
    return Page("front.html", values)


def _in_order(reader: Reader, shown: Front) -> Front:
    urls = category_urls(reader.db, shown.site)
    return replace(shown, categories=tuple(home_first(shown, urls)))


def _other(query: Query, reader: Reader, main: Printed) -> Printed | None:
    """What to show beside the category: that of another day, or of another site."""
    day, site = query.day("with"), query.text("beside")
    if day is None and site is None:
        return None
    site = site or main.front.site
    shown = _in_order(reader, front_page(reader.db, site, day or _nearest(reader, site, main)))
    key = query.text("beside_category")
    if key is None and site == main.front.site:
        key = main.category.key
    return printed(reader.db, shown, chosen_category(shown, key))


def _nearest(reader: Reader, site: str, main: Printed) -> str | None:
    """The day of the other front page: the same one, else the last before it, else the first."""
    days = list(crawls_of_days(reader.db, site))
    before = [day for day in days if day <= main.front.day]
    return next(iter([*before[-1:], *days]), None)


def _refused(query: Query, site: str, days: Mapping[str, int], error: UsageError) -> dict[str, Any]:
    return {
        "site": site,
        "first_day": min(days),
        "last_day": max(days),
        "message": error.message,
        "hint": error.hint,
        "on": query.text("on"),
    }


def _calendar(days: Mapping[str, int], chosen: str) -> Calendar:
    """The year around the chosen day, up to the last day with a front page."""
    last = min(date.fromisoformat(max(days)), date.fromisoformat(chosen) + HALF_YEAR)
    return calendar(days, last)


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
