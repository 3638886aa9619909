"""The page of charts: queries compared over time, articles per day, and fields; all as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.store.filters import Filter
from newscrawl.store.known_names import check_site, has_site
from newscrawl.store.read.charts import (
    NEWEST,
    OUTCOMES,
    CrawlOutcome,
    articles_per_day,
    count_crawls,
    crawl_outcomes,
    field_coverage,
    last_days,
)
from newscrawl.store.read.publication_days import busiest_sites, site_totals
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import Search
from newscrawl.store.read.sites import count_sites, selectable_sites, some_sites
from newscrawl.store.read.volume import PERIODS, By, Count, Volume, volume
from newscrawl.web.bars import Bars, bars
from newscrawl.web.charts import coverage_table, volume_charts
from newscrawl.web.responses import Answer, BadValue, Page, Query, Redirect
from newscrawl.web.rows import MOST_AT_ONCE, Row, RowsOf, rows_as_data

# On the page; on the page on request; in a file on request.
DAYS, DAYS_ON_PAGE, MOST_DAYS = 60, 366, 36_600
MOST_CRAWLS = 10**9
QUERIES = ("q", "q2", "q3", "q4")
# Of more matches of all queries together, every eighth is counted. The numbers of a month with 800
# counted ones are then rarely wrong by more than a tenth. Files are always exact.
MOST_COUNTED, SAMPLED_STEP = 100_000, 8
CHARTED, CHARTED_LONG = 30, 10  # of more sites; in more than DAYS; files have all
DRAWN = 400  # periods; of more, the last ones are drawn, and files have all


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
    charted = _charted_sites(query, reader, days)
    values: dict[str, Any] = {
        "days": days,
        "volumes": volume_charts(list(articles_per_day(reader.db, days, charted)), days),
        "totals": site_totals(reader.db, charted),
        "coverage": coverage_table(field_coverage(reader.db, charted)),
        "charted": charted,
        "site_count": count_sites(reader.db),
        "newest": NEWEST,
        "names": QUERIES,
        "asked": [query.arguments.get(name, "") for name in QUERIES],
        "periods": PERIODS,
        "sites": selectable_sites(reader.db),
        "site": query.text("site"),
        "since": query.text("since"),
        "until": query.text("until"),
        "by": query.text("by") or "month",
    }
    try:
        if values["site"] is not None:
            check_site(reader.db, values["site"])
        return Page("charts.html", values | {"comparison": _comparison(query, reader)})
    except UsageError as error:
        refusal = {"message": error.message, "hint": error.hint}
        return Page("charts.html", values | refusal, 400)


def _charted_sites(query: Query, reader: Reader, days: int) -> list[str]:
    """The site of the form, if there is one; else all sites, or the busiest of very many."""
    site = query.text("site")
    if site is not None:
        return [site] if has_site(reader.db, site) else []
    sites = some_sites(reader.db, CHARTED + 1)
    last = last_days(reader.db, days)
    if len(sites) <= CHARTED or last is None:
        return sites[:CHARTED]
    return busiest_sites(reader.db, *last, CHARTED if days <= DAYS else CHARTED_LONG)


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
    rows_of = CHARTS[name](query)
    are_many = name != "queries" and _is_large(reader)
    return rows_as_data(query, reader, name, CHART_COLUMNS[name], rows_of, are_many=are_many)


def _is_large(reader: Reader) -> bool:
    """Whether a file of all sites or of all crawls may take longer than a page may."""
    return selectable_sites(reader.db) is None or count_crawls(reader.db) > MOST_AT_ONCE


def _queries(query: Query) -> RowsOf:
    """A row for each period and query."""

    def rows(reader: Reader) -> Iterator[Row]:
        counted = _counted(query, reader)
        if counted is None:
            return
        for count in counted.counts:
            for asked, articles in zip(counted.queries, count.articles, strict=True):
                yield {
                    "period": count.name,
                    "query": asked.typed,
                    "articles": articles,
                    "of": count.of,
                }

    return rows


def _volume(query: Query) -> RowsOf:
    days = query.number("days", MOST_DAYS, MOST_DAYS)
    return lambda reader: map(asdict, articles_per_day(reader.db, days))


def _outcomes(query: Query) -> RowsOf:
    limit = query.number("limit", MOST_CRAWLS - 1, MOST_CRAWLS - 1)
    return lambda reader: map(outcome_row, crawl_outcomes(reader.db, limit))


def outcome_row(outcome: CrawlOutcome) -> dict[str, Any]:
    """A crawl as a row of a file."""
    row = asdict(outcome)
    failed_by_reason = row.pop("failed")
    row |= row.pop("counts")  # these have a `failed` too: how many
    row["failed_by_reason"] = failed_by_reason
    return row


def _coverage(query: Query) -> RowsOf:
    return lambda reader: map(asdict, field_coverage(reader.db, reader.sites()))


# What the parameters say is checked before a file begins.
CHARTS: Mapping[str, Callable[[Query], RowsOf]] = {
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
