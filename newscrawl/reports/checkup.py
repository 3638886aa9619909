"""The verdict on a site's last crawl, from what the archive has of its crawls and its articles' times."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from newscrawl.reports.health import Run, SiteHealth, judge
from newscrawl.store.read.crawl_history import finished_crawls, publication_times
from newscrawl.store.read.quarantine import count_held


def site_health(db: sqlite3.Connection, site: str, now: datetime) -> SiteHealth:
    """The verdict on one site, asked for at `now`."""
    runs = [
        Run(
            crawl.id,
            crawl.finished_at,
            crawl.exit_code,
            crawl.reason,
            crawl.stats,
            "base_url" in crawl.options,
        )
        for crawl in finished_crawls(db, site)
    ]
    return judge(site, runs, publication_times(db, site), now, count_held(db, site))
