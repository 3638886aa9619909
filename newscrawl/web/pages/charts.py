"""The page of charts, and the numbers behind each of them as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from newscrawl.store.read.charts import (
    NEWEST,
    OUTCOMES,
    CrawlOutcome,
    articles_per_day,
    crawl_outcomes,
    field_coverage,
)
from newscrawl.store.read.overview import site_statuses
from newscrawl.store.read.reader import Reader
from newscrawl.web.charts import coverage_table, volume_charts
from newscrawl.web.responses import Answer, Csv, Json, Page, Query

# On the page; in a file unless more are requested; in a file on request.
DAYS, DAYS_IN_FILE, MOST_DAYS = 60, 366, 36_600
CRAWLS, CRAWLS_IN_FILE, MOST_CRAWLS = 30, 1000, 100_000
Rows = list[dict[str, Any]]


def charts(query: Query, reader: Reader) -> Answer:
    """Articles per day, what became of the pages of each crawl, and which fields pages have."""
    days = query.number("days", DAYS, DAYS_IN_FILE)
    crawls = crawl_outcomes(reader.db, CRAWLS + 1)
    values = {
        "days": days,
        "volumes": volume_charts(articles_per_day(reader.db, days), days),
        "crawls": crawls[:CRAWLS],
        "has_more_crawls": len(crawls) > CRAWLS,
        "outcomes": OUTCOMES,
        "stored": {site.site: site.states.get("stored", 0) for site in site_statuses(reader.db)},
        "coverage": coverage_table(field_coverage(reader.db)),
        "newest": NEWEST,
    }
    return Page("charts.html", values)


def chart_data(query: Query, reader: Reader) -> Answer:
    """The numbers behind one chart."""
    name = query.parts["chart"] or ""
    rows = CHARTS[name](query, reader)
    if query.format == "json":
        return Json(rows)
    return Csv(name, CHART_COLUMNS[name], rows)


def _volume(query: Query, reader: Reader) -> Rows:
    days = query.number("days", DAYS_IN_FILE, MOST_DAYS)
    return [asdict(day) for day in articles_per_day(reader.db, days)]


def _outcomes(query: Query, reader: Reader) -> Rows:
    limit = query.number("limit", CRAWLS_IN_FILE, MOST_CRAWLS)
    return [outcome_row(outcome) for outcome in crawl_outcomes(reader.db, limit)]


def outcome_row(outcome: CrawlOutcome) -> dict[str, Any]:
    """A crawl as a row of a file."""
    row = asdict(outcome)
    failed_by_reason = row.pop("failed")
    row |= row.pop("counts")  # these have a `failed` too: how many
    row["failed_by_reason"] = failed_by_reason
    return row


def _coverage(query: Query, reader: Reader) -> Rows:
    return [asdict(row) for row in field_coverage(reader.db)]


CHARTS: Mapping[str, Callable[[Query, Reader], Rows]] = {
    "volume": _volume,
    "outcomes": _outcomes,
    "coverage": _coverage,
}
CHART_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "volume": ("site", "day", "articles"),
    "outcomes": (
        "crawl_id",
        "site",
        "started_at",
        "finished_at",
        "reason",
        "exit_code",
        *OUTCOMES,
        "failed_by_reason",
    ),
    "coverage": ("site", "field", "present", "articles"),
}
