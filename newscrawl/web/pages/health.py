"""The health checks of each site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from newscrawl.reports.health import ENDED_AS_CONFIGURED, SiteHealth, site_health
from newscrawl.store.known_names import check_site
from newscrawl.store.read.crawl_history import count_crawled_sites, crawled_sites, failed_first
from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Answer, Page, Query
from newscrawl.web.rows import rows_as_data

SITES = 50  # on a page, and judged for it; a file has all
MOST_AT_ONCE = 300  # in a file; judged in half a second
HEALTH_COLUMNS = ("site", "verdict", "check", "expected", "found")


def health(query: Query, reader: Reader) -> Answer:
    """Each site's last crawl, compared with its earlier ones; of all sites, or of one.

    Of more sites than a page has, those whose last crawl failed come first.
    """
    site = query.text("site")
    if site is not None:
        check_site(reader.db, site)
    total = 1 if site else count_crawled_sites(reader.db)
    if query.format:
        return _data(query, reader, site, total > MOST_AT_ONCE)
    offset = query.offset()
    if site is not None:
        names = [site]
    elif total > SITES:
        names = failed_first(reader.db, SITES, offset, ENDED_AS_CONFIGURED)
    else:
        names = crawled_sites(reader.db)[offset:]
    values = {
        "sites": list(_judged(query, reader, names)),
        "site": site,
        "total": total,
        "offset": offset,
        "limit": SITES,
    }
    return Page("health.html", values)


def _data(query: Query, reader: Reader, site: str | None, are_many: bool) -> Answer:
    rows_of = _sites if query.format == "json" else _checks

    def rows(reader: Reader) -> Iterator[dict[str, Any]]:
        sites = crawled_sites(reader.db) if site is None else [site]
        return rows_of(_judged(query, reader, sites))

    return rows_as_data(query, reader, "health", HEALTH_COLUMNS, rows, are_many=are_many)


def _judged(query: Query, reader: Reader, sites: list[str]) -> Iterator[SiteHealth]:
    for site in sites:
        yield site_health(reader.db, site, query.now)


def _sites(judged: Iterator[SiteHealth]) -> Iterator[dict[str, Any]]:
    return map(asdict, judged)


def _checks(judged: Iterator[SiteHealth]) -> Iterator[dict[str, Any]]:
    """A row for each check."""
    for site in judged:
        for result in site.results:
            yield {"site": site.site} | asdict(result)
