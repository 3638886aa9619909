"""The search page: a query with filters, what its matches have in common, and their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, BinaryIO
from unicodedata import normalize

from newscrawl.core.errors import UsageError
from newscrawl.core.query import Query as SearchQuery
from newscrawl.core.text import fold
from newscrawl.export.csv_jsonl import write_csv, write_jsonl
from newscrawl.export.parquet import write_parquet
from newscrawl.store.connection import Interrupted
from newscrawl.store.filters import Filter
from newscrawl.store.read.export_rows import Rows, export_cells, export_rows
from newscrawl.store.read.facets import facets_of
from newscrawl.store.read.limits import stop_after
from newscrawl.store.read.listing import Listing, found_articles
from newscrawl.store.read.lookup import ArticleRef, all_by_id, by_address, by_row
from newscrawl.store.read.publication_days import articles_by_period
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import (
    FACTS,
    MOST_RANKED,
    Hit,
    Order,
    Search,
    SearchResult,
    answer_head,
)
from newscrawl.store.read.sites import selectable_sites
from newscrawl.store.read.volume import counts_by
from newscrawl.web.atom import Entry, Feed
from newscrawl.web.bars import LENGTHS, Bars, bars_of_days
from newscrawl.web.responses import PAGE_SECONDS, Answer, File, Json, Page, Query

# Hits on a page; of a document of JSON, or on a page on request; in a feed.
HITS, MOST_HITS, IN_FEED = 30, 1000, 50
MOST_SKIPPED = 100_000_000
# Facets are exact for so many matches; of more, only so many are read.
MOST_EXACT, MOST_SAMPLED = 4_999, 2_000
# For the bars of a query with many matches, and how many can be counted in that time. A link leads
# to the chart of all matches.
COUNTING_SECONDS, MOST_COUNTED = 0.06, 250_000
PRESETS = (("7 days", 7), ("30 days", 30), ("year", 365))
WRITERS: Mapping[str, Callable[[Rows, BinaryIO], int]] = {
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}
FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


def search_page(query: Query, reader: Reader) -> Answer:
    """The articles that the query `q` finds, or those of the filters alone.

    Files have all of them. JSON has an `offset` and the address of what follows (`next`).
    """
    try:
        only = filter_of(query)
        found = found_articles(reader.db, query.arguments.get("q", ""), only, _order(query))
        found.total(exact=False)  # raises for what the archive lacks
        return _answer(query, reader, found, only)
    except UsageError as error:
        if query.format:
            raise
        return Page("search.html", _form(query, reader) | _refused(query, error), 400)


def _has_marks(typed: str) -> bool:
    """Whether letters were typed with diacritics, which a search ignores."""
    letters = filter(str.isalpha, normalize("NFC", typed))
    return any(fold(letter) != letter.lower() for letter in letters)


def _understood(asked: SearchQuery) -> str:
    """How the query was read; empty if it says no more than the words that were typed."""
    plain = asked.understood.replace(" AND ", " ").casefold()
    return "" if plain == " ".join(asked.typed.split()).casefold() else asked.understood


def _order(query: Query) -> Order:
    return "time" if query.text("sort") == "time" else "rank"


def filter_of(query: Query) -> Filter:
    """The filters in the parameters of a search."""
    return Filter(
        site=query.text("site"),
        category=query.text("category"),
        since=query.since(),
        until=query.until(),
        author=query.text("author"),
        tag=query.text("tag"),
        revised=True if query.flag("revised") else None,
    )


def _answer(query: Query, reader: Reader, found: Search, only: Filter) -> Answer:
    if query.format in FILE_TYPES:
        return _file(query, found, only)
    if query.format == "atom":
        return _feed(query, found_articles(reader.db, found.query.typed, only, "time"))
    limit = query.number("limit", MOST_HITS if query.format else HITS, MOST_HITS)
    offset = query.offset(MOST_SKIPPED)
    hits = tuple(found.hits(limit, offset))
    total, is_exact = found.total(exact=query.flag("exact"))
    results = SearchResult(
        query=found.query, order=found.order_note, hits=hits, total=total, exact=is_exact
    )
    if query.format == "json":
        return Json(_document(query, results, offset))
    values = {
        "results": results,
        "filters": only,
        "named": _named(reader, found.query.typed.strip()),
        "limit": limit,
        "offset": offset,
        "is_listing": isinstance(found, Listing),
        "has_marks": _has_marks(found.query.typed),
        "understood": _understood(found.query),
        **_summary(query, reader, found, only, results),
    }
    return Page("search.html", _form(query, reader) | values)


def _form(query: Query, reader: Reader) -> dict[str, Any]:
    """What the form above the hits shows, whether or not they can be found."""
    today = query.now.astimezone().date()
    return {
        "typed": query.arguments.get("q", ""),
        "order": _order(query),
        "sites": selectable_sites(reader.db),
        "presets": [(label, (today - timedelta(days=days)).isoformat()) for label, days in PRESETS],
    }


def _refused(query: Query, error: UsageError) -> dict[str, Any]:
    """Shows the form as it was filled in, below the error message."""
    names = ("site", "category", "since", "until", "author", "tag", "revised")
    filters = {name: query.text(name) for name in names}
    return {"filters": filters, "message": error.message, "hint": error.hint}


def _summary(
    query: Query, reader: Reader, found: Search, only: Filter, results: SearchResult
) -> dict[str, Any]:
    """Facets of the latest matches, and bars of all of them; None for bars that take too long."""
    facets = facets_of(reader.db, found.latest_ids(faceted(results.total)), query.text("names"))
    drawn: Bars | None = None
    is_counted = True
    if facets.articles == results.total:
        drawn = bars_of_days(facets.days)
    elif isinstance(found, Listing) and _by_days_only(only):
        drawn = bars_of_days(_days_of_all(reader, only))
    else:
        drawn = _quick_bars(reader, found, only)
        is_counted = drawn is not None
    return {"facets": facets, "bars": drawn, "is_counted": is_counted}


def _by_days_only(only: Filter) -> bool:
    return only == Filter(site=only.site, since=only.since, until=only.until)


def faceted(total: int) -> int:
    """How many of the latest matches are read for facets: all if they can be counted exactly."""
    return MOST_RANKED if total <= MOST_EXACT else MOST_SAMPLED


def _days_of_all(reader: Reader, only: Filter) -> Mapping[str, int]:
    """All articles of the sites by day, or by month where no first day was chosen."""
    length = LENGTHS["month"] if only.since is None else LENGTHS["day"]
    return articles_by_period(reader.db, length, only.site, only.since, only.until)


def _quick_bars(reader: Reader, found: Search, only: Filter) -> Bars | None:
    """Bars of all matches by month or year, if they can be counted in no time."""
    if found.likely_total() > MOST_COUNTED:
        return None
    typed = found.query.typed
    wanted = replace(only, search=typed) if typed.strip() else only
    try:
        stop_after(reader.db, COUNTING_SECONDS)
        months = counts_by(reader.db, wanted, "month")
    except Interrupted:
        return None
    finally:
        stop_after(reader.db, PAGE_SECONDS)
    return bars_of_days({month: number for month, number in months.items() if month})


def _file(query: Query, found: Search, only: Filter) -> File:
    """All articles that were found: what lists show of them, or with `texts` everything."""
    kind = query.format or ""
    typed = found.query.typed
    wanted = replace(only, search=typed) if typed.strip() else only
    with_texts = query.flag("texts")

    def write(reader: Reader, out: BinaryIO) -> None:
        if with_texts and kind == "csv":
            write_csv(export_cells(reader.db, "articles", wanted), out)
        elif with_texts:
            WRITERS[kind](export_rows(reader.db, "articles", wanted), out)
        elif kind == "csv":
            again = found_articles(reader.db, typed, only, _order(query))
            write_csv(again.cells(tuple(FACTS), None), out)
        else:
            again = found_articles(reader.db, typed, only, _order(query))
            rows = again.rows(tuple(FACTS), None)
            WRITERS[kind](Rows(tuple(FACTS), map(tuple, rows)), out)

    return File(f"{'articles' if with_texts else 'search'}.{kind}", FILE_TYPES[kind], write)


def _feed(query: Query, found: Search) -> Feed:
    """The newest articles, for readers of feeds."""
    entries = [
        Entry(
            id=f"urn:newscrawl:{hit.site}:{hit.key}",
            path=f"/article/{hit.id}",
            title=hit.title or hit.key,
            updated=hit.published_at,
            text=hit.snippet.text,
            author=hit.site,
        )
        for hit in found.hits(IN_FEED)
    ]
    title = found.query.typed.strip() or "All articles"
    return Feed(f"/search.atom{query.link()}", f"/search{query.link()}", title, entries, query.now)


def _named(reader: Reader, typed: str) -> list[ArticleRef]:
    """The articles whose own id or address was typed, or the number of whose row: `#7`."""
    if typed.startswith("#") and typed[1:].isdigit():
        article = by_row(reader.db, typed[1:])
    elif "://" in typed:
        article = by_address(reader.db, typed)
    else:
        return all_by_id(reader.db, typed)
    return [] if article is None else [article]


def _document(query: Query, results: SearchResult, offset: int) -> dict[str, Any]:
    """What `newscrawl search --json` prints, with the page's place among all matches."""
    end = offset + len(results.hits)
    is_all = results.exact and end >= results.total
    shown = len(results.hits)
    head = answer_head(results.query, results.order, results.total, results.exact, shown)
    return head | {
        "offset": offset,
        "next": None if is_all or not results.hits else f"/search.json{query.link(offset=end)}",
        "articles": [_row(hit) for hit in results.hits],
    }


def _row(hit: Hit) -> dict[str, Any]:
    return asdict(hit) | {"snippet": hit.snippet.marked()}
