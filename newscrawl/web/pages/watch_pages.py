"""The pages for whoever keeps an eye on the sites: what publishers changed, and whether the crawls are as they were."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from newscrawl.core.edits import KINDS, EditKind
from newscrawl.reports.health import site_health
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import Edited, EditFilter, edited
from newscrawl.web.responses import Answer, BadValue, Csv, Json, Page, Query

LISTED, MOST_LISTED = 50, 2000
CHANGE_COLUMNS = (
    "seen_at", "site", "key", "revision", "kinds", "numbers", "notice", "title", "published_local", "article_id",
)  # fmt: skip
HEALTH_COLUMNS = ("site", "verdict", "check", "expected", "found")


def changes(query: Query, reader: Reader) -> Answer:
    """What publishers changed, the newest first, by kind of edit."""
    kind = next((name for name in KINDS if name == query.text("kind")), None)
    if kind is None and query.text("kind"):
        raise BadValue("there is no such kind of change", f"the kinds are: {', '.join(KINDS)}")
    limit = query.number("limit", MOST_LISTED if query.format else LISTED, MOST_LISTED)
    only = EditFilter(query.text("site"), kind, query.day("since"), query.day("until"))
    found = edited(reader.db, only, limit + 1)
    if query.format == "json":
        return Json([_row(one) for one in found[:limit]])
    if query.format == "csv":
        return Csv("changes", CHANGE_COLUMNS, [_row(one) for one in found[:limit]])
    values: dict[str, Any] = {
        "changes": found[:limit], "more": len(found) > limit, "only": only, "kinds": KINDS, "sites": reader.sites(),
        "limit": limit, "most": MOST_LISTED,
    }  # fmt: skip
    return Page("changes_list.html", values)


def _row(one: Edited) -> dict[str, Any]:
    row = asdict(one) | {"article_id": one.id}
    return {
        name: value for name, value in (row | row.pop("edit")).items() if name in CHANGE_COLUMNS
    }


def kinds_in_words(kinds: tuple[EditKind, ...]) -> str:
    """`headline, date only`: kinds as people say them."""
    return ", ".join(WORDS[kind] for kind in kinds)


WORDS: dict[EditKind, str] = {
    "headline": "headline",
    "summary": "standfirst",
    "numbers": "numbers",
    "added": "text added",
    "taken_out": "text taken out",
    "reworded": "reworded",
    "correction": "correction notice",
    "byline": "authors",
    "redated": "time of publication",
    "date_bump": "only the date",
    "removed": "taken away",
}


def health(query: Query, reader: Reader) -> Answer:
    """Each site's last crawl judged by its own earlier ones."""
    found = [site_health(reader.db, site, query.now) for site in reader.crawled_sites()]
    if query.format == "json":
        return Json([asdict(one) for one in found])
    if query.format == "csv":
        rows = [{"site": one.site} | asdict(result) for one in found for result in one.results]
        return Csv("health", HEALTH_COLUMNS, rows)
    return Page("health.html", {"sites": found})
