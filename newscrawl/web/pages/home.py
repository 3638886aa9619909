"""The home page: the contents of the archive, the latest articles, and problems.

Also the list of questions.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.reports.health import site_health
from newscrawl.store.read.canned_queries import CANNED_QUERIES
from newscrawl.store.read.charts import crawl_outcomes
from newscrawl.store.read.latest import last_reading, news_since
from newscrawl.store.read.overview import ProblemFilter, problem_groups, site_statuses
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import EditFilter, edited
from newscrawl.web.pages.changes import comparing
from newscrawl.web.responses import Answer, Page, Query

# Rows that the page lists; each list has a link to the rest.
ARTICLES, CHANGES, CRAWLS, PROBLEMS = 12, 12, 6, 6
ONE_DAY = timedelta(days=1)


def home(query: Query, reader: Reader) -> Answer:
    """The start page."""
    last_text = last_reading(reader.db)
    last = None if last_text is None else from_utc_text(last_text)
    since = to_utc_text(_start(query.now, last))
    articles, article_count = news_since(reader.db, since, limit=ARTICLES)
    effort = comparing()
    newest_changes = edited(reader.db, EditFilter(), CHANGES + 1, effort)
    changes = [change for change in newest_changes if change.seen_at >= since]
    problems = problem_groups(reader.db, ProblemFilter())
    health = {site: site_health(reader.db, site, query.now) for site in reader.crawled_sites()}
    values = {
        "sites": site_statuses(reader.db),
        "health": health,
        "crawls": crawl_outcomes(reader.db, CRAWLS),
        "problems": problems[:PROBLEMS],
        "problem_count": len(problems),
        "is_recent": last is not None and last >= query.now - ONE_DAY,
        "since": since,
        "last": last_text,
        "articles": articles,
        "article_count": article_count,
        "changes": changes[:CHANGES],
        "has_more_changes": len(changes) > CHANGES,
    }
    return Page("home.html", values)


def _start(now: datetime, last: datetime | None) -> datetime:
    """From when articles are listed as new.

    A day ago; if no article was fetched since then, a day before the last one was fetched.
    """
    if last is None or last >= now - ONE_DAY:
        return now - ONE_DAY
    return last - ONE_DAY


def questions(query: Query, reader: Reader) -> Answer:
    """The list of questions that the archive answers with one SQL query each."""
    return Page("questions.html", {"questions": CANNED_QUERIES})
