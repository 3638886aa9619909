"""The page of charts: queries compared over time, articles per day, and fields; all as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.store.filters import Filter
from newscrawl.store.read.charts import (
    NEWEST,
    OUTCOMES,
    CrawlOutcome,
    articles_per_day,
    crawl_outcomes,
    field_coverage,
)
from newscrawl.store.read.publication_days import site_totals
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import Search
from newscrawl.store.read.volume import PERIODS, By, Count, Volume, volume
from newscrawl.web.bars import Bars, bars
from newscrawl.web.charts import coverage_table, volume_charts
from newscrawl.web.responses import Answer, BadValue, Csv, Json, Page, Query, Redirect

# On the page; on the page on request; in a file on request.
DAYS, DAYS_ON_PAGE, MOST_DAYS = 60, 366, 36_600
MOST_CRAWLS = 10**9
QUERIES = ("q", "q2", "q3", "q4")
# Of more matches of all queries together, every eighth is counted. The numbers of a month with 800
# counted ones are then rarely wrong by more than a tenth. Files are always exact.
MOST_COUNTED, SAMPLED_STEP = 100_000, 8
DRAWN = 400  # periods; of more, the last ones are drawn, and files have all
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Up to four queries over time. `totals` has a number for each; `left_out` counts periods."""

    volume: Volume
    totals: tuple[int, ...]
    drawn: tuple[Count, ...]
    drawing: Bars | None
    left_out: int


def charts(query: Query, reader: Reader) -> Answer:
    """Queries over time, articles per day, and which fields pages have."""
    if "q" in query.repeated:
        return _renamed(query)
    days = query.number("days", DAYS, DAYS_ON_PAGE)
    values: dict[str, Any] = {
        "days": days,
        "volumes": volume_charts(articles_per_day(reader.db, days), days),
        "totals": site_totals(reader.db),
        "coverage": coverage_table(field_coverage(reader.db)),
        "newest": NEWEST,
        "names": QUERIES,
        "asked": [query.arguments.get(name, "") for name in QUERIES],
        "periods": PERIODS,
        "sites": reader.sites(),
        "site": query.text("site"),
        "since": query.text("since"),
        "until": query.text("until"),
        "by": query.text("by") or "month",
    }
    try:
        return Page("charts.html", values | {"comparison": _comparison(query, reader)})
    except UsageError as error:
        refusal = {"message": error.message, "hint": error.hint}
        return Page("charts.html", values | refusal, 400)


def _renamed(query: Query) -> Redirect:
    """`?q=a&q=b` -> `?q=a&q2=b`; BadValue for more queries than can be compared."""
    others = [query.arguments.get(name, "") for name in QUERIES[1:]]
    texts = [text for text in (*query.repeated["q"], *others) if text.strip()]
    if len(texts) > len(QUERIES):
        raise BadValue(f"{len(texts)} queries", f"at most {len(QUERIES)} can be compared")
    named = dict(zip_longest(QUERIES, texts))
    return Redirect(f"{query.path}{query.link(**named)}")


def _comparison(query: Query, reader: Reader) -> Comparison | None:
    """None if no query was typed."""
    counted = _counted(query, reader, query.flag("exact"))
    if counted is None:
        return None
    totals = []
    for number in range(len(counted.queries)):
        in_periods = sum(count.articles[number] for count in counted.counts)
        totals.append(in_periods + counted.without[number])
    drawn = counted.counts[-DRAWN:]
    shapes = [(count.name, count.articles) for count in drawn]
    return Comparison(
        volume=counted,
        totals=tuple(totals),
        drawn=drawn,
        drawing=bars(shapes, counted.by) if shapes else None,
        left_out=len(counted.counts) - len(drawn),
    )


def _counted(query: Query, reader: Reader, is_exact: bool = True) -> Volume | None:
    """What `newscrawl volume` counts, for the queries of the request.

    If not `is_exact`, very many articles are estimated from a part of them.
    """
    texts = [text for name in QUERIES if (text := query.text(name))]
    only = Filter(site=query.text("site"), since=query.since(), until=query.until())
    by = _by(query)
    if not texts:
        return None
    step = 1 if is_exact else _step(reader, texts)
    return volume(reader.db, texts, only, by=by, share=True, step=step)


def _step(reader: Reader, texts: Sequence[str]) -> int:
    """Of how many articles one is counted, so that the page takes little time.

    All matches of a query are looked at, whatever the filter is.
    """
    found = [Search(reader.db, text, Filter(), "time").likely_total() for text in texts]
    return SAMPLED_STEP if sum(found) > MOST_COUNTED else 1


def _by(query: Query) -> By:
    text = query.text("by") or "month"
    for by in PERIODS:
        if by == text:
            return by
    raise BadValue(f"by: {text[:40]!r} is not a period", f"the periods are: {', '.join(PERIODS)}")


def chart_data(query: Query, reader: Reader) -> Answer:
    """The numbers behind one chart."""
    if "q" in query.repeated:
        return _renamed(query)
    name = query.parts["chart"] or ""
    rows = CHARTS[name](query, reader)
    if query.format == "json":
        return Json(rows)
    return Csv(name, CHART_COLUMNS[name], rows)


def _queries(query: Query, reader: Reader) -> Rows:
    """A row for each period and query."""
    counted = _counted(query, reader)
    if counted is None:
        return []
    rows = []
    for count in counted.counts:
        for asked, articles in zip(counted.queries, count.articles, strict=True):
            rows.append(
                {"period": count.name, "query": asked.typed, "articles": articles, "of": count.of}
            )
    return rows


def _volume(query: Query, reader: Reader) -> Rows:
    days = query.number("days", MOST_DAYS, MOST_DAYS)
    return [asdict(day) for day in articles_per_day(reader.db, days)]


def _outcomes(query: Query, reader: Reader) -> Rows:
    limit = query.number("limit", MOST_CRAWLS - 1, MOST_CRAWLS - 1)
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
    "queries": _queries,
    "volume": _volume,
    "outcomes": _outcomes,
    "coverage": _coverage,
}
CHART_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "queries": ("period", "query", "articles", "of"),
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
