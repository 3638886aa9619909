"""The pages about the archive against the world: how complete a site is, and which texts stand in several places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from newscrawl.reports.completeness import Gap, Report, measured
from newscrawl.reports.completeness_text import as_data, headline, notes
from newscrawl.store.filters import Filter, check_site
from newscrawl.store.read.duplicates import Group, dupe_groups, uncompared
from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Answer, Csv, Json, Page, Query, Redirect

DAYS, GAPS = 31, 50  # listed on a page
GROUPS, MOST_GROUPS = 25, 1000
DAY_COLUMNS = ("site", "day", "read", "known", "about", "low", "high", "unseen_ids_at_most")
GAP_COLUMNS = ("site", *Gap.__dataclass_fields__)
MEMBER_COLUMNS = (
    "group", "group_similarity", "article_id", "site", "key", "first", "similarity", "title", "published_local",
    "published_at", "word_count", "url",
)  # fmt: skip
# Shares of equal three-word runs, as they can be chosen.
SHARES = {"": "any", "0.6": "60 %", "0.8": "80 %", "1": "word for word"}


def completeness_of_sites(query: Query, reader: Reader) -> Answer:
    """The sites to choose from; straight to the only one."""
    sites = reader.sites()
    return (
        Redirect(f"/completeness/{sites[0]}")
        if len(sites) == 1
        else Page("completeness_sites.html", {"sites": sites})
    )


def completeness(query: Query, reader: Reader) -> Answer:
    """What of a site was read, by day, and what is missing."""
    site = query.parts["site"] or ""
    check_site(reader.db, site)
    since, until = query.day("since"), query.day("until")
    report = measured(reader.db, reader.path.parent, site, since, until)
    if query.format == "json":
        return Json(as_data(report))
    if query.format == "csv" and query.text("table") == "gaps":
        return Csv(
            f"gaps-{site}", GAP_COLUMNS, [{"site": site} | asdict(gap) for gap in report.gaps]
        )
    if query.format == "csv":
        return Csv(f"completeness-{site}", DAY_COLUMNS, _days(report))
    gaps = sorted(report.gaps, key=lambda gap: gap.day or "", reverse=True)
    gaps.sort(key=lambda gap: gap.status == "unseen")
    every = query.text("all") is not None
    values = {
        "report": report, "headline": headline(report).removeprefix(f"{site}: "), "notes": notes(report),
        "days": report.days[::-1][: None if every else DAYS], "gaps": gaps[: None if every else GAPS],
        "since": since, "until": until, "every": every,
    }  # fmt: skip
    return Page("completeness.html", values)


def _days(report: Report) -> Iterator[dict[str, Any]]:
    for day in report.days:
        yield {
            "site": report.site, "day": day.day, "read": day.stored, "known": day.known, "about": day.about,
            "low": round(day.estimate.low, 1) if day.estimate else None,
            "high": round(day.estimate.high, 1) if day.estimate else None, "unseen_ids_at_most": day.unseen_ids,
        }  # fmt: skip


def duplicates(query: Query, reader: Reader) -> Answer:
    """Groups of articles with the same text, the largest first."""
    share = query.text("similarity") or ""
    share = share if share in SHARES else ""
    across = query.text("across") is not None
    only = Filter(query.text("site"), None, query.day("since"), query.day("until"))
    limit = query.number("limit", MOST_GROUPS if query.format else GROUPS, MOST_GROUPS)
    groups = dupe_groups(reader.db, only, min_similarity=float(share or 0), across_sites=across)
    found = list(islice(groups, limit + 1))
    if query.format == "json":
        return Json([asdict(group) for group in found[:limit]])
    if query.format == "csv":
        return Csv("duplicates", MEMBER_COLUMNS, _members(found[:limit]))
    values = {
        "groups": found[:limit], "more": len(found) > limit, "limit": limit, "most": MOST_GROUPS, "only": only,
        "share": share, "shares": SHARES, "across": across, "sites": reader.sites(), "left": uncompared(reader.db),
    }  # fmt: skip
    return Page("duplicates.html", values)


def _members(groups: list[Group]) -> Iterator[dict[str, Any]]:
    for number, group in enumerate(groups, 1):
        for member in group.members:
            about = {"group": number, "group_similarity": group.similarity, "article_id": member.id}
            yield asdict(member) | about
