"""The search page: full text with filters, and articles by their id or address."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.store.filters import Filter
from newscrawl.store.read.lookup import ArticleRef, all_by_id, by_address
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import Hit, Order, SearchResult, answer_head, search
from newscrawl.web.responses import Answer, Csv, Json, Page, Query

# Hits on a page; in a file, or on a page on request.
HITS, MOST_HITS = 30, 1000
MOST_SKIPPED = 100_000_000
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


def search_page(query: Query, reader: Reader) -> Answer:
    """The articles that the query `q` finds; as CSV and JSON too.

    JSON has an `offset` and the address of what follows (`next`), so that all can be read.
    """
    typed = query.arguments.get("q", "")
    order: Order = "time" if query.text("sort") == "time" else "rank"
    limit = query.number("limit", MOST_HITS if query.format else HITS, MOST_HITS)
    offset = query.number("offset", 0, MOST_SKIPPED, least=0)
    form: dict[str, Any] = {"typed": typed, "order": order, "sites": reader.sites()}
    try:
        filters = Filter(
            site=query.text("site"),
            category=query.text("category"),
            since=query.since(),
            until=query.until(),
        )
        results = search(reader.db, typed, filters, limit=limit, offset=offset, order=order)
    except UsageError as error:
        if query.format:
            raise
        return Page("search.html", form | _refused(query, error), 400)
    if query.format == "csv":
        return Csv("search", HIT_COLUMNS, [_row(hit) for hit in results.hits])
    if query.format == "json":
        return Json(_document(query, results, offset))
    values = {
        "filters": filters,
        "results": results,
        "named": _named(reader, typed.strip()),
        "limit": limit,
        "offset": offset,
        "most": MOST_HITS,
    }
    return Page("search.html", form | values)


def _document(query: Query, results: SearchResult, offset: int) -> dict[str, Any]:
    """What `newscrawl search --json` prints, with the page's place among all matches."""
    end = offset + len(results.hits)
    is_all = results.exact and end >= results.total
    head = answer_head(results.query, results.total, results.exact, len(results.hits))
    return head | {
        "offset": offset,
        "next": None if is_all or not results.hits else f"/search.json{query.link(offset=end)}",
        "articles": [_row(hit) for hit in results.hits],
    }


def _refused(query: Query, error: UsageError) -> dict[str, Any]:
    """Shows the form as it was filled in, below the error message."""
    filters = {name: query.text(name) for name in ("site", "category", "since", "until")}
    return {"filters": filters, "message": error.message, "hint": error.hint}


def _row(hit: Hit) -> dict[str, Any]:
    return asdict(hit) | {"snippet": hit.snippet.marked()}


def _named(reader: Reader, typed: str) -> list[ArticleRef]:
    """The articles whose own id or address was typed."""
    if "://" not in typed:
        return all_by_id(reader.db, typed)
    article = by_address(reader.db, typed)
    return [] if article is None else [article]
