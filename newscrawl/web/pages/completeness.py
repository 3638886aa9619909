"""How complete a site is in the archive: what was read on each day, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any
from urllib.parse import quote

from newscrawl.core.errors import UsageError
from newscrawl.reports.completeness import DayCount, Report, measured
from newscrawl.reports.completeness_text import as_data, headline, notes
from newscrawl.reports.gaps import COLUMNS
from newscrawl.store.known_names import check_site
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.sites import count_sites, some_sites
from newscrawl.web.responses import Answer, Csv, Json, Page, Query, Redirect

SITES = 100  # on a page of the list
DAYS, GAPS = 31, 50  # on a page, unless all are requested
FOLDED = 3  # complete days in a row that are written as one
DAY_COLUMNS = ("site", "day", "read", "known", "about", "low", "high", "unseen_ids_at_most")
GAP_COLUMNS = ("site", *COLUMNS)


def completeness_sites(query: Query, reader: Reader) -> Answer:
    """The sites of the archive. With only one, or with `site`, its completeness."""
    site = query.text("site")
    if site is not None:
        check_site(reader.db, site)
        return Redirect(f"/completeness/{quote(site, safe='')}")
    offset = query.offset()
    sites = some_sites(reader.db, SITES, offset)
    total = count_sites(reader.db)
    if total == 1 and sites:
        return Redirect(f"/completeness/{sites[0]}")
    values = {"sites": sites, "total": total, "offset": offset, "limit": SITES}
    return Page("completeness_sites.html", values)


def completeness(query: Query, reader: Reader) -> Answer:
    """What the archive has of a site by day, and what is missing."""
    site = query.parts["site"] or ""
    check_site(reader.db, site)
    since, until = query.since(), query.until()
    try:
        report = measured(reader.db, reader.path.parent, site, since, until)
    except UsageError as error:
        if query.format:
            raise
        # A site of the archive without a site file: nothing is wrong with the request.
        return Page("error_page.html", {"message": error.message, "hint": error.hint})
    if query.format == "json":
        return Json(as_data(report))
    if query.format == "csv" and query.text("table") == "gaps":
        rows = ({"site": site} | asdict(gap) for gap in report.gaps)
        return Csv(f"gaps-{site}", GAP_COLUMNS, rows)
    if query.format == "csv":
        return Csv(f"completeness-{site}", DAY_COLUMNS, _day_rows(report))
    show_all = query.flag("all")
    days = report.days[::-1]
    values = {
        "report": report,
        "headline": headline(report).removeprefix(f"{site}: "),
        "notes": notes(report),
        "groups": [(day,) for day in days] if show_all else folded(days[:DAYS]),
        "listed": len(days) if show_all else len(days[:DAYS]),
        "gaps": list(report.gaps.articles_first(None if show_all else GAPS)),
        "since": since,
        "until": until,
        "show_all": show_all,
    }
    return Page("completeness.html", values)


def folded(days: Sequence[DayCount]) -> list[tuple[DayCount, ...]]:
    """The days in order, those of a long run without anything missing as one group."""
    groups: list[tuple[DayCount, ...]] = []
    for complete, run in groupby(days, _is_complete):
        members = tuple(run)
        if complete and len(members) >= FOLDED:
            groups.append(members)
        else:
            groups += [(day,) for day in members]
    return groups


def _is_complete(day: DayCount) -> bool:
    if day.day is None or day.unseen_ids or day.stored < day.about:
        return False
    return day.estimate is None or round(day.estimate.high) <= day.stored


def _day_rows(report: Report) -> Iterator[dict[str, Any]]:
    for day in report.days:
        estimate = day.estimate
        yield {
            "site": report.site,
            "day": day.day,
            "read": day.stored,
            "known": day.known,
            "about": day.about,
            "low": round(estimate.low, 1) if estimate else None,
            "high": round(estimate.high, 1) if estimate else None,
            "unseen_ids_at_most": day.unseen_ids,
        }
