"""Groups of articles with the same text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from newscrawl.store.filters import Filter
from newscrawl.store.read.duplicates import Group, dupe_groups, uncompared
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.sites import selectable_sites
from newscrawl.web.responses import Answer, Csv, Json, Page, Query

GROUPS = 25  # on a page; a file has all
ALL = 10**8
MOST_COUNTED = 10_000  # texts that were not compared
MEMBER_COLUMNS = (
    "group",
    "group_similarity",
    "article_id",
    "site",
    "key",
    "first",
    "similarity",
    "title",
    "published_local",
    "published_at",
    "word_count",
    "url",
)
# The lowest share of equal three-word runs, as the form offers it.
SHARES = {"": "any", "0.6": "60 %", "0.8": "80 %", "1": "identical"}


def duplicates(query: Query, reader: Reader) -> Answer:
    """Groups of articles with the same text, the largest first."""
    share = query.text("similarity") or ""
    if share not in SHARES:
        share = ""
    across_sites = query.flag("across")
    filters = Filter(site=query.text("site"), since=query.since(), until=query.until())
    limit = query.number("limit", ALL if query.format else GROUPS, ALL)
    offset = query.offset(ALL)
    all_groups = dupe_groups(
        reader.db, filters, min_similarity=float(share or 0), across_sites=across_sites
    )
    groups = list(islice(all_groups, offset, offset + limit))
    if query.format == "json":
        return Json([asdict(group) for group in groups])
    if query.format == "csv":
        return Csv("duplicates", MEMBER_COLUMNS, _member_rows(groups))
    values = {
        "groups": groups,
        "has_more": next(all_groups, None) is not None,
        "limit": limit,
        "offset": offset,
        "filters": filters,
        "share": share,
        "shares": SHARES,
        "across_sites": across_sites,
        "sites": selectable_sites(reader.db),
        "uncompared": uncompared(reader.db, MOST_COUNTED),
        "most_counted": MOST_COUNTED,
    }
    return Page("duplicates.html", values)


def _member_rows(groups: list[Group]) -> Iterator[dict[str, Any]]:
    for number, group in enumerate(groups, 1):
        for member in group.members:
            yield asdict(member) | {
                "group": number,
                "group_similarity": group.similarity,
                "article_id": member.id,
            }
