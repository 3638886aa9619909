"""The pages about the archive as a whole: home, search, front pages, charts, questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.reports.health import site_health
from newscrawl.store.filters import Filter
from newscrawl.store.read.canned_queries import QUESTIONS
from newscrawl.store.read.charts import OUTCOMES, articles_per_day, crawl_outcomes, field_coverage
from newscrawl.store.read.front_pages import FrontEntry, front_days, front_page
from newscrawl.store.read.latest import last_reading, news_since
from newscrawl.store.read.lookup import ArticleRef, all_by_id, by_address
from newscrawl.store.read.overview import ProblemFilter, problem_groups, site_statuses
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import EditFilter, edited
from newscrawl.store.read.search import Hit, Order, search
from newscrawl.web.charts import coverage_table, volume_charts
from newscrawl.web.responses import Answer, Csv, Json, Page, Query, Redirect

FOUND, MOST_FOUND = 30, 1000  # hits on a page, and in a file or on a page asked for more
DAYS, MOST_DAYS = 60, 366
CRAWLS = 30
NEWS = 12


def home(query: Query, reader: Reader) -> Answer:
    """The way in: what is there, what came last, what went wrong."""
    last = last_reading(reader.db)
    today = query.now - timedelta(days=1)
    recent = last is not None and from_utc_text(last) >= today
    since = to_utc_text(
        today if recent or last is None else from_utc_text(last) - timedelta(days=1)
    )
    new, new_count = news_since(reader.db, since, limit=NEWS)
    changed = [one for one in edited(reader.db, EditFilter(), NEWS) if one.seen_at >= since]
    return Page(
        "home.html",
        {
            "sites": site_statuses(reader.db),
            "crawls": crawl_outcomes(reader.db, 6),
            "problems": problem_groups(reader.db, ProblemFilter())[:6],
            "recent": recent,
            "since": since,
            "last": last,
            "new": new,
            "new_count": new_count,
            "changed": changed,
            "health": [site_health(reader.db, site, query.now) for site in reader.crawled_sites()],
        },
    )


def search_page(query: Query, reader: Reader) -> Answer:
    """Full text, with filters; as CSV and JSON the same."""
    typed = query.arguments.get("q", "")
    order: Order = "time" if query.text("sort") == "time" else "rank"
    limit = query.number("limit", MOST_FOUND if query.format else FOUND, MOST_FOUND)
    form: dict[str, Any] = {"typed": typed, "order": order, "sites": reader.sites()}
    try:
        only = Filter(
            query.text("site"), query.text("category"), query.day("since"), query.day("until")
        )
        found = search(reader.db, typed, only, limit=limit, order=order)
    except UsageError as error:
        if query.format:
            raise
        as_typed = Filter(*(query.text(name) for name in ("site", "category", "since", "until")))
        return Page(
            "search.html", form | {"only": as_typed, "said": error.message, "hint": error.hint}, 400
        )
    if query.format == "csv":
        return Csv("search", HIT_COLUMNS, [_hit(hit) for hit in found.hits])
    if query.format == "json":
        return Json([_hit(hit) for hit in found.hits])
    exact = _named(reader, typed.strip())
    return Page(
        "search.html",
        form | {"only": only, "found": found, "exact": exact, "limit": limit, "most": MOST_FOUND},
    )


HIT_COLUMNS = (
    "id",
    "site",
    "key",
    "url",
    "state",
    "title",
    "category",
    "published_at",
    "published_local",
    "snippet",
)


def _hit(hit: Hit) -> dict[str, Any]:
    return asdict(hit) | {"snippet": hit.snippet.marked()}


def _named(reader: Reader, typed: str) -> list[ArticleRef]:
    """The articles whose own id or address was typed."""
    if "://" in typed:
        article = by_address(reader.db, typed)
        return [article] if article else []
    return all_by_id(reader.db, typed)


def fronts(query: Query, reader: Reader) -> Answer:
    """The sites that have front pages; straight to the only one."""
    sites = {site: days for site in reader.sites() if (days := front_days(reader.db, site))}
    if len(sites) == 1:
        return Redirect(f"/front/{next(iter(sites))}")
    return Page("front_sites.html", {"sites": sites})


def front(query: Query, reader: Reader) -> Answer:
    """The category pages of a site on a day."""
    site = query.parts["site"] or ""
    days = front_days(reader.db, site)
    try:
        found = front_page(reader.db, site, query.day("on"))
    except UsageError as error:
        if query.format or not days:
            raise
        values = {
            "site": site,
            "days": days,
            "said": error.message,
            "hint": error.hint,
            "on": query.text("on"),
        }
        return Page("no_front.html", values, 404)
    if query.format == "json":
        return Json(asdict(found))
    if query.format == "csv":
        rows = [
            {"site": site, "day": found.day, "category": each.name, "seen_at": each.seen_at}
            | asdict(slot)
            for each in found.categories
            for slot in each.slots
        ]
        return Csv(f"front-{site}-{found.day}", FRONT_COLUMNS, rows)
    return Page("front.html", {"front": found, "site": site, "days": days})


FRONT_COLUMNS = ("site", "day", "category", "seen_at", *FrontEntry.__dataclass_fields__)


def charts(query: Query, reader: Reader) -> Answer:
    """Volume, outcomes and coverage, drawn."""
    days = query.number("days", DAYS, MOST_DAYS)
    return Page(
        "charts.html",
        {
            "days": days,
            "volumes": volume_charts(articles_per_day(reader.db, days), days),
            "crawls": crawl_outcomes(reader.db, CRAWLS),
            "outcomes": OUTCOMES,
            "stored": {
                each.site: each.states.get("stored", 0) for each in site_statuses(reader.db)
            },
            "coverage": coverage_table(field_coverage(reader.db)),
        },
    )


def chart_data(query: Query, reader: Reader) -> Answer:
    """The numbers behind one chart."""
    name = query.parts["chart"] or ""
    rows = CHARTS[name](query, reader)
    if query.format == "json":
        return Json(rows)
    return Csv(name, CHART_COLUMNS[name], rows)


def _volume(query: Query, reader: Reader) -> list[dict[str, Any]]:
    return [
        asdict(day) for day in articles_per_day(reader.db, query.number("days", MOST_DAYS, 36_600))
    ]


def _outcomes(query: Query, reader: Reader) -> list[dict[str, Any]]:
    found = crawl_outcomes(reader.db, query.number("limit", 1000, 100_000))
    return [
        {name: value for name, value in asdict(row).items() if name not in ("counts", "failed")}
        | dict(row.counts)
        | {"failed_by_reason": dict(row.failed)}
        for row in found
    ]


def _coverage(query: Query, reader: Reader) -> list[dict[str, Any]]:
    return [asdict(row) for row in field_coverage(reader.db)]


CHARTS: Mapping[str, Callable[[Query, Reader], list[dict[str, Any]]]] = {
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


def questions(query: Query, reader: Reader) -> Answer:
    """The questions with a name."""
    return Page("questions.html", {"questions": QUESTIONS})
