"""The home page: what the archive holds, and what its publishers changed last.

Also the list of questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from newscrawl.core.edits import EditKind
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.reports.health import SiteHealth, site_health
from newscrawl.store.read.canned_queries import CANNED_QUERIES
from newscrawl.store.read.charts import crawl_outcomes
from newscrawl.store.read.latest import newest_articles
from newscrawl.store.read.publication_days import (
    DAY,
    days_of_all_sites,
    site_days,
    site_totals,
)
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import Edited, EditFilter, count_changes, edited
from newscrawl.store.read.sites import count_sites, newest_sites, some_sites
from newscrawl.web.calendar import WEEKS, calendar, last_day, spark
from newscrawl.web.pages.changes import comparing
from newscrawl.web.responses import Answer, Page, Query

ARTICLES, CHANGES, CARDS = 8, 8, 60  # on the page; each list has a link to the rest
# The strongest changes are chosen among so many of the newest ones, seen in so many days.
COMPARED, CHANGE_DAYS = 40, 7
# How much a kind of change says about a publisher.
STRENGTH: Mapping[EditKind, int] = {
    "headline": 5,
    "removed": 4,
    "correction": 4,
    "numbers": 3,
    "taken_out": 2,
    "redated": 2,
    "summary": 1,
    "reworded": 1,
    "byline": 1,
    "added": 1,
    "date_bump": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCard:
    """A site: its articles, the weeks up to the newest one as a drawing, and how its crawls go."""

    site: str
    articles: int
    last: str | None
    spark: str
    health: SiteHealth | None
    crawled_at: str | None


def home(query: Query, reader: Reader) -> Answer:
    """The start page."""
    articles_by_day = days_of_all_sites(reader.db)
    days = [day for day in articles_by_day if len(day) == DAY]
    last = last_day(days[-1:], query.now.date())
    newest_changes = _newest_changes(reader)
    values = {
        "article_count": sum(articles_by_day.values()),
        "change_count": count_changes(reader.db),
        "since": days[0] if days else None,
        "calendar": calendar(articles_by_day, last) if articles_by_day else None,
        "cards": _cards(query, reader, last),
        "site_count": count_sites(reader.db),
        "articles": newest_articles(reader.db, ARTICLES),
        "changes": _strongest(newest_changes),
        "compared": len(newest_changes),
        "change_days": CHANGE_DAYS,
    }
    return Page("home.html", values)


def _cards(query: Query, reader: Reader, last: date) -> list[SiteCard]:
    sites = some_sites(reader.db, CARDS + 1)
    if len(sites) > CARDS:
        sites = newest_sites(reader.db, CARDS, to_utc_text(query.now))
    totals = site_totals(reader.db, sites)
    first = last - timedelta(weeks=WEEKS)
    days_by_site: dict[str, dict[str, int]] = {}
    for day in site_days(reader.db, first.isoformat(), last.isoformat(), sites):
        if len(day.day) == DAY:
            days_by_site.setdefault(day.site, {})[day.day] = day.articles
    cards = []
    for site in sites:
        total = totals.get(site)
        crawl = next(iter(crawl_outcomes(reader.db, 1, site)), None)
        card = SiteCard(
            site=site,
            articles=total.articles if total else 0,
            last=total.last if total else None,
            spark=spark(days_by_site.get(site, {}), last),
            health=site_health(reader.db, site, query.now) if crawl else None,
            crawled_at=crawl.finished_at or crawl.started_at if crawl else None,
        )
        cards.append(card)
    return cards


def _newest_changes(reader: Reader) -> list[Edited]:
    """The changes of the days up to the newest change."""
    newest = edited(reader.db, EditFilter(), COMPARED, comparing())
    if not newest:
        return []
    since = to_utc_text(from_utc_text(newest[0].seen_at) - timedelta(days=CHANGE_DAYS))
    return [change for change in newest if change.seen_at >= since]


def _strongest(changes: Sequence[Edited]) -> list[Edited]:
    """The strongest first, of equal ones the newest."""

    def strength(change: Edited) -> int:
        return sum(STRENGTH[kind] for kind in change.edit.kinds)

    return sorted(filter(strength, changes), key=strength, reverse=True)[:CHANGES]


def questions(query: Query, reader: Reader) -> Answer:
    """The list of questions that the archive answers with one SQL query each."""
    return Page("questions.html", {"questions": CANNED_QUERIES})
