"""`newscrawl volume`: how much was published, over time or by site, category, author or tag."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import QueryCommand, fact_options, filter_options, make_filter
from newscrawl.cli.output import say, show, show_json
from newscrawl.cli.rows import Output, limit_option, output_options, show_rows
from newscrawl.core.text import counted, terminal_safe

if TYPE_CHECKING:
    from newscrawl.store.read.volume import By, Count, Volume

EPILOG = """\b
Examples:
  newscrawl volume 'lúa OR gạo' --by year
  newscrawl volume 'giá xăng' 'giá điện' --by month --share --csv > prices.csv
  newscrawl volume 'covid*' --by site
"""
PERIODS = ("hour", "day", "week", "month", "year")
BYS = (*PERIODS, "site", "category", "author", "tag")
COLUMNS = ("name", "query", "articles", "all", "share")
LIMIT = 20  # of sites, categories, authors and tags
BAR, HALF = "█", "▌"
LONGEST_BAR, SHORTEST_BAR = 40, 5
LONGEST_NAME = 30


@click.command(cls=QueryCommand, epilog=EPILOG)
@click.argument("queries", metavar="QUERY...", nargs=-1, required=True)
@click.option(
    "--by",
    type=click.Choice(BYS),
    default="month",
    show_default=True,
    help="Count per period, site, category, author or tag. Periods are in the site's time zone.",
)
@click.option(
    "--share", is_flag=True, help="Print the share of all articles in the same period, site, ..."
)
@filter_options
@fact_options
@limit_option(
    f"Print at most N sites, categories, authors or tags.  [default: {LIMIT}; periods: all]"
)
@output_options("Print one JSON document: by, queries, total, rows.")
@click.pass_obj
def volume(
    app: App,
    /,
    *,
    queries: tuple[str, ...],
    by: By,
    share: bool,
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    limit: int | None,
    output: Output,
    **facts: Any,
) -> None:
    """Count the articles that match each QUERY, over time or by site, category, author or tag.

    Each QUERY is one argument, written as for `newscrawl search`. Periods without articles are
    printed too, from the first publication to the last, or from --since to --until. An article
    counts once for each of its authors and tags.
    """
    from newscrawl.store.read.volume import volume as count_volume

    typed = [query.strip() for query in queries]
    only = make_filter(app, site, category, since, until, **facts)
    with app.reader() as reader:
        counted_articles = count_volume(reader.db, typed, only, by=by, share=share)
    for query in counted_articles.queries:
        if query.note and not output.as_json:
            say(query.note)
    most = limit or (None if by in PERIODS else LIMIT)
    counts = counted_articles.counts[:most]
    if output.as_json:
        show_json(_as_json(counted_articles, counts))
    elif output.as_rows:
        show_rows(output, COLUMNS, _rows(counted_articles, counts))
    else:
        _print_bars(counted_articles, counts, share=share)
    _say_what_is_missing(counted_articles, len(counts))


def _rows(found: Volume, counts: Sequence[Count]) -> Iterator[dict[str, object]]:
    """One row for each name and query."""
    for count in counts:
        for number, query in enumerate(found.queries):
            yield {
                "name": count.name,
                "query": query.typed,
                "articles": count.articles[number],
                "all": count.of,
                "share": _rounded(count.shares[number]),
            }


def _as_json(found: Volume, counts: Sequence[Count]) -> dict[str, object]:
    queries = [
        {
            "query": query.typed,
            "understood": query.understood,
            "note": query.note,
            "without": without,
        }
        for query, without in zip(found.queries, found.without, strict=True)
    ]
    rows = [
        {
            "name": count.name,
            "articles": count.articles,
            "all": count.of,
            "shares": [_rounded(share) for share in count.shares],
        }
        for count in counts
    ]
    return {"by": found.by, "queries": queries, "total": len(found.counts), "rows": rows}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _print_bars(found: Volume, counts: Sequence[Count], *, share: bool) -> None:
    """A line for each name, with a number and a bar for each query.

    The longest bar is the largest number of all queries, or the largest share.
    """
    if not counts:
        return
    names = [_short(count.name) for count in counts]
    width = max(map(len, names))
    lines = [_values(count, share=share) for count in counts]
    most = max(max(values) for values in lines)
    texts = [[_text(value, share=share) for value in values] for values in lines]
    number_width = max(map(len, chain.from_iterable(texts)))
    columns = shutil.get_terminal_size((80, 24)).columns
    room = (columns - width) // len(found.queries) - number_width - 3
    longest = max(SHORTEST_BAR, min(LONGEST_BAR, room))
    if len(found.queries) > 1:
        _print_heading(found, width, number_width + 1 + longest)
    for name, values, line in zip(names, lines, texts, strict=True):
        cells = [
            f"{text:>{number_width}} {_bar(value, most, longest):<{longest}}"
            for value, text in zip(values, line, strict=True)
        ]
        show(f"{name:<{width}}  {'  '.join(cells)}".rstrip())


def _print_heading(found: Volume, width: int, cell: int) -> None:
    cells = [f"{_short(query.typed, cell):<{cell}}" for query in found.queries]
    show(f"{found.by:<{width}}  {'  '.join(cells)}".rstrip())


def _short(text: str, length: int = LONGEST_NAME) -> str:
    safe = terminal_safe(text)
    return safe if len(safe) <= length else f"{safe[: length - 1]}…"


def _values(count: Count, *, share: bool) -> Sequence[float]:
    if not share:
        return count.articles
    return [each or 0.0 for each in count.shares]


def _text(value: float, *, share: bool) -> str:
    return f"{value:.2%}" if share else f"{value:,}"


def _bar(value: float, most: float, longest: int) -> str:
    halves = round(2 * longest * value / most) if most else 0
    if value and not halves:
        halves = 1  # there is something
    return BAR * (halves // 2) + HALF * (halves % 2)


def _say_what_is_missing(found: Volume, shown: int) -> None:
    if shown < len(found.counts):
        say(f"{len(found.counts):,} in all, {shown:,} shown (--limit N or all)")
    for query, without in zip(found.queries, found.without, strict=True):
        if without:
            number = counted(without, "article")
            say(f"{query.typed!r}: {number} not counted: no {_kind(found.by)} known")
    has_counts = any(any(count.articles) for count in found.counts)
    if not has_counts and not any(found.without):
        say("no article found")


def _kind(by: By) -> str:
    """What an article has to have in order to be counted."""
    if by == "week":
        return "publication day"
    return f"publication {by}" if by in PERIODS else by
