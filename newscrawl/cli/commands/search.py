"""`newscrawl search`: full-text search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import QueryCommand, fact_options, filter_options, make_filter
from newscrawl.cli.output import (
    Tick,
    ignore_tick,
    json_text,
    say,
    show,
    show_highlighted,
    show_json,
    to_minute,
)
from newscrawl.cli.rows import (
    FORMS,
    AnyCount,
    Output,
    counted_cells,
    counted_rows,
    limit_option,
    output_options,
    row_counter,
    show_cells,
    show_rows,
)
from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.store.read.search import Hit, Search

EPILOG = """\b
Query language (docs/search.md):
  duong sat             both words, with or without diacritics
  "giá xăng"            a phrase
  gạo OR lúa            one of them
  gạo -Thái             without a word
  xuất*                 a word that begins with xuất
  title:gạo tag:"a b"   in a field: title, summary, body, author, tag, category, site
  gạo NEAR/5 giá        at most five words between them
\b
Examples:
  newscrawl search duong sat
  newscrawl search '"lãi suất" ngân hàng' --category tai-chinh --since 2026-09-01
  newscrawl search 'title:(gạo OR lúa) -Thái' --limit all --csv > rice.csv
"""
LIMIT = 20
# Those that need a look into the text are printed only if --columns names them.
MORE_COLUMNS = ("snippet", "rank")
FEW = 1000  # articles of which a JSON document is printed as a whole


@click.command(cls=QueryCommand, epilog=EPILOG)
@click.argument("words", metavar="QUERY...", nargs=-1, required=True)
@filter_options
@fact_options
@click.option(
    "--sort",
    type=click.Choice(["rank", "time"]),
    default="rank",
    show_default=True,
    help="Print the best matches (rank) or the newest articles (time) first.",
)
@limit_option(f"Print at most N articles.  [default: {LIMIT}]")
@click.option(
    "--offset",
    type=AnyCount(0),
    default=0,
    metavar="N",
    help="Skip the first N articles.",
)
@click.option("--count", is_flag=True, help="Print only how many articles match.")
@click.option("--explain", is_flag=True, help="Print only how QUERY is understood.")
@output_options(
    "Print one JSON document: query, understood, note, order, total, exact, shown, articles.",
    note=" snippet and rank are printed only if named here.",
)
@click.pass_obj
def search(
    app: App,
    /,
    *,
    words: tuple[str, ...],
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    sort: Literal["rank", "time"],
    limit: int | None,
    offset: int,
    count: bool,
    explain: bool,
    output: Output,
    **facts: Any,
) -> None:
    """Find stored articles by a QUERY: words, "phrases", OR, -word, prefix*, field:word.

    Vietnamese words match with or without diacritics: `duong sat` finds `Đường sắt`. If you type
    diacritics, articles with exactly that spelling come first. --sort orders the 5,000 matches that
    were added to the archive last; older ones follow, the latest addition first. Words that very
    many articles contain rank by headlines. A note reports both.
    """
    from newscrawl.store.filters import searched
    from newscrawl.store.read.search import Search

    _check(output, count=count, explain=explain)
    typed = " ".join(word.strip() for word in words)
    searched(typed)
    only = make_filter(app, site, category, since, until, **facts)
    with app.reader() as reader:
        found = Search(reader.db, typed, only, sort)
        if found.query.note and not output.as_json:
            say(found.query.note)
        if explain:
            _print_query(found, output)
            return
        if count:
            _print_count(found, output)
            return
        with _progress(found, limit or LIMIT, offset) as tick:
            shown = _print(found, output, limit or LIMIT, offset, tick)
        _print_total(found, shown, offset)
        has_texts = not (app.is_release and ArchiveFolder(app.archive).lacks_texts)
    if not shown and not has_texts:
        say(
            "this release contains no texts; to restore them:"
            f" newscrawl rehydrate {app.archive} --from-warc DIR -o DIR"
        )


def _check(output: Output, *, count: bool, explain: bool) -> None:
    """UsageError for options that say twice what to print."""
    chosen = [f"--{form}" for form in FORMS if output.form == form != "json"]
    if output.columns is not None:
        chosen.append("--columns")
    if explain and count:
        raise UsageError("--count and --explain cannot be combined", "use one of them")
    if (explain or count) and chosen:
        option = "--explain" if explain else "--count"
        raise UsageError(
            f"{option} and {chosen[0]} cannot be combined", f"use {option} alone, or with --json"
        )


def _print_query(found: Search, output: Output) -> None:
    """Prints how the query is understood."""
    query = found.query
    if output.as_json:
        show_json({"query": query.typed, "understood": query.understood, "note": query.note})
    else:
        show(query.understood)


def _print_count(found: Search, output: Output) -> None:
    """Prints how many articles match."""
    from newscrawl.store.read.search import answer_head

    total = found.total(exact=True).articles
    if output.as_json:
        show_json(answer_head(found.query, None, total, exact=True, shown=0))
    else:
        show(str(total))


def hit_as_json(hit: Hit) -> dict[str, object]:
    """The JSON object of a hit; in `snippet` the matching words are in [brackets]."""
    from newscrawl.store.read.search import FACTS

    facts: dict[str, object] = {name: getattr(hit, name) for name in FACTS}
    return facts | {"snippet": hit.snippet.marked(), "rank": hit.rank}


@contextmanager
def _progress(found: Search, limit: int, offset: int) -> Iterator[Tick]:
    """Counts a long list on the terminal."""
    if limit <= FEW:
        yield ignore_tick
        return

    def count_all() -> int:
        total = found.total(exact=True).articles
        return max(0, min(limit, total - offset))

    with row_counter("articles", count_all) as tick:
        yield tick


def _print(found: Search, output: Output, limit: int, offset: int, tick: Tick) -> int:
    """Prints the matches, and returns how many."""
    if output.as_json:
        return _print_json(found, limit, offset, tick)
    if output.as_rows:
        return _print_rows(found, output, limit, offset, tick)
    count = 0
    for hit in counted_rows(found.hits(limit, offset), tick):
        _print_hit(hit)
        count += 1
    return count


def _print_hit(hit: Hit) -> None:
    time = to_minute(hit.published_local) or "no date"
    facts = [time, f"{hit.site}/{hit.key}", hit.category, hit.url]
    show(hit.title or "(no title)")
    show("  " + "  ".join(fact for fact in facts if fact))
    show_highlighted("  ", hit.snippet.text, hit.snippet.marks)


def _print_rows(found: Search, output: Output, limit: int, offset: int, tick: Tick) -> int:
    from newscrawl.store.read.search import FACTS

    output.chosen((*FACTS, *MORE_COLUMNS))  # an unknown column is refused before anything is read
    columns = output.columns or tuple(FACTS)
    if any(name in MORE_COLUMNS for name in columns):
        hits = counted_rows(found.hits(limit, offset), tick)
        rows: Iterable[dict[str, Any]] = map(hit_as_json, hits)
        return show_rows(output, (*FACTS, *MORE_COLUMNS), rows)
    if output.form in ("csv", "tsv"):
        return show_cells(output, counted_cells(found.cells(columns, limit, offset), tick))
    facts = (dict(row) for row in counted_rows(found.rows(columns, limit, offset), tick))
    return show_rows(output, columns, facts)


def _print_json(found: Search, limit: int, offset: int, tick: Tick) -> int:
    """Prints one document, whose articles are written as they are read."""
    from newscrawl.store.read.search import answer_head

    is_long = limit > FEW
    total, exact = found.total(exact=is_long)
    shown = max(0, min(limit, total - offset)) if is_long else 0
    hits = counted_rows(found.hits(limit, offset), tick)
    articles = (hit_as_json(hit) for hit in hits)
    if not is_long:
        few = list(articles)
        shown = len(few)
        articles = (article for article in few)
    head = answer_head(found.query, found.order_note, total, exact, shown)
    click.echo(json_text(head, indent=2).removesuffix("\n}") + ',\n  "articles": [', nl=False)
    for part in _json_list(articles):
        click.echo(part, nl=False)
    click.echo("]\n}")
    return shown


def _json_list(articles: Iterator[dict[str, object]]) -> Iterator[str]:
    """The elements of a JSON array, indented."""
    separator = "\n"
    for article in articles:
        lines = json_text(article, indent=2).splitlines()
        yield separator + "\n".join(f"    {line}" for line in lines)
        separator = ",\n"
    if separator != "\n":
        yield "\n  "


def _print_total(found: Search, shown: int, offset: int) -> None:
    total, exact = found.total(exact=False)
    message = f"{'' if exact else 'at least '}{counted(total, 'article')} found"
    if not exact and shown > total:
        message = f"{counted(shown, 'article')} found"
    if total and not shown:
        message += f", none after the first {offset:,} (--offset)"
    elif shown < total:
        message += f", {shown:,} shown (--limit N or all, --offset)"
    say(message)
    if shown and found.order_note:
        say(found.order_note)
