"""Every crawl and what became of the pages that it requested, the newest first."""

from __future__ import annotations

from newscrawl.store.read.charts import OUTCOMES, count_crawls, crawl_outcomes
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.sites import selectable_sites
from newscrawl.web.pages.charts import CHART_COLUMNS, outcome_row
from newscrawl.web.responses import Answer, Page, Query
from newscrawl.web.rows import MOST_AT_ONCE, rows_as_data

CRAWLS, MOST_CRAWLS = 50, 1000  # on a page
ALL = 10**9


def crawls(query: Query, reader: Reader) -> Answer:
    """The crawls of all sites or of one. A file has all of them."""
    site = query.text("site")
    limit = query.number("limit", CRAWLS, MOST_CRAWLS)
    offset = query.offset()
    total = count_crawls(reader.db, site)
    if query.format:
        return rows_as_data(
            query,
            reader,
            "crawls",
            CHART_COLUMNS["outcomes"],
            lambda reader: map(outcome_row, crawl_outcomes(reader.db, ALL, site)),
            are_many=total > MOST_AT_ONCE,
        )
    values = {
        "crawls": list(crawl_outcomes(reader.db, limit, site, offset)),
        "total": total,
        "offset": offset,
        "limit": limit,
        "site": site,
        "sites": selectable_sites(reader.db),
        "outcomes": OUTCOMES,
    }
    return Page("crawls.html", values)
