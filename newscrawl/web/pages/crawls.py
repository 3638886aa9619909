"""Every crawl and what became of the pages that it requested, the newest first."""

from __future__ import annotations

from newscrawl.store.read.charts import OUTCOMES, count_crawls, crawl_outcomes
from newscrawl.store.read.reader import Reader
from newscrawl.web.pages.charts import CHART_COLUMNS, outcome_row
from newscrawl.web.responses import Answer, Csv, Json, Page, Query

CRAWLS, MOST_CRAWLS = 50, 1000  # on a page
ALL = 10**9


def crawls(query: Query, reader: Reader) -> Answer:
    """The crawls of all sites or of one. A file has all of them."""
    site = query.text("site")
    limit = query.number("limit", CRAWLS, MOST_CRAWLS)
    offset = query.number("offset", 0, ALL, least=0)
    if query.format:
        rows = [outcome_row(outcome) for outcome in crawl_outcomes(reader.db, ALL, site)]
        return (
            Json(rows) if query.format == "json" else Csv("crawls", CHART_COLUMNS["outcomes"], rows)
        )
    values = {
        "crawls": crawl_outcomes(reader.db, limit, site, offset),
        "total": count_crawls(reader.db, site),
        "offset": offset,
        "limit": limit,
        "site": site,
        "sites": reader.sites(),
        "outcomes": OUTCOMES,
    }
    return Page("crawls.html", values)
