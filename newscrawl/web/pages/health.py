"""The health checks of each site."""

from __future__ import annotations

from dataclasses import asdict

from newscrawl.reports.health import site_health
from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Answer, Csv, Json, Page, Query

HEALTH_COLUMNS = ("site", "verdict", "check", "expected", "found")


def health(query: Query, reader: Reader) -> Answer:
    """Each site's last crawl, compared with its earlier ones."""
    sites = [site_health(reader.db, site, query.now) for site in reader.crawled_sites()]
    if query.format == "json":
        return Json([asdict(site) for site in sites])
    if query.format == "csv":
        rows = []
        for site in sites:
            rows += [{"site": site.site} | asdict(result) for result in site.results]
        return Csv("health", HEALTH_COLUMNS, rows)
    return Page("health.html", {"sites": sites})
