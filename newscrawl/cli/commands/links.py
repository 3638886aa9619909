"""`newscrawl links`: the links of an article, or the most linked articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.lookup import find_article
from newscrawl.cli.options import SITE
from newscrawl.cli.output import on_terminal, say, show_json, show_table, to_minute
from newscrawl.cli.rows import Output, cut_note, limit_option, output_options, show_rows
from newscrawl.core.days import day_texts
from newscrawl.core.errors import UsageError
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.store.read.links import Direction, Edge, End, MostLinked

EPILOG = """\b
Examples:
  newscrawl links --kind related --since 2026-09-01
  newscrawl links 267849 --out --kind related
  newscrawl links bnews/267849 --in --depth 2 --json
"""
KINDS = ("related", "same_category", "inline")
LINKS_LIMIT, ARTICLES_LIMIT = 1000, 20
TABLE = (
    "way",
    "depth",
    "kind",
    "position",
    "from",
    "from_time",
    "from_title",
    "to",
    "to_time",
    "to_title",
)
# The columns of --jsonl, --csv and --tsv: the most linked articles, or the links of an article.
MOST_LINKED_COLUMNS = (
    "id",
    "site",
    "key",
    "url",
    "state",
    "title",
    "published_local",
    "linked_by",
    "related",
    "same_category",
    "inline",
    "first_seen_at",
    "last_seen_at",
)
END_COLUMNS = ("id", "site", "key", "url", "state", "title", "published_at", "published_local")
LINK_COLUMNS = (
    "direction",
    "depth",
    "kind",
    "position",
    "anchor",
    *(f"source_{name}" for name in END_COLUMNS),
    *(f"target_{name}" for name in END_COLUMNS),
    "first_seen_at",
    "last_seen_at",
)


@click.command(epilog=EPILOG)
@click.argument("article", metavar="[ID-OR-URL]", required=False)
@click.option(
    "--in", "inward", is_flag=True, help="Print links to the article.  [default: both directions]"
)
@click.option(
    "--out",
    "outward",
    is_flag=True,
    help="Print links from the article.  [default: both directions]",
)
@click.option("--kind", type=click.Choice(KINDS), help="Only links of this kind.")
@click.option(
    "--since",
    metavar="DATE",
    help="Only links last seen on or after DATE, in the time zone of the linking site.",
)
@click.option(
    "--until",
    metavar="DATE",
    help="Only links last seen on or before DATE, in the time zone of the linking site.",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 10),
    metavar="N",
    help="Follow links up to N steps from the article.  [default: 1]",
)
@click.option(
    "--site", type=SITE, metavar="SITE", help="Without ID-OR-URL: only articles from this site."
)
@limit_option(
    "Print at most N links per direction, or N articles.  [default: 1000 links, 20 articles]"
)
@output_options()
@click.pass_obj
def links(
    app: App,
    /,
    *,
    article: str | None,
    inward: bool,
    outward: bool,
    depth: int | None,
    site: str | None,
    limit: int | None,
    output: Output,
    **only: Any,
) -> None:
    """Print the links to and from an article, or the most linked articles.

    Without ID-OR-URL, lists the articles with the most links to them. For the forms of
    ID-OR-URL, see `newscrawl show --help`.
    """
    only["since"], only["until"] = day_texts(only["since"], only["until"], app.today)
    if article is None:
        if inward or outward or depth:
            raise UsageError(
                "--in, --out and --depth need an article", "name one: newscrawl links ID-OR-URL"
            )
        _print_most_linked(app, limit or ARTICLES_LIMIT, output, site=site, **only)
        return
    if site:
        raise UsageError(
            "--site applies only to the list of the most linked articles",
            "remove --site, or the article",
        )
    directions: list[Direction] = []
    if outward or not inward:
        directions.append("out")
    if inward or not outward:
        directions.append("in")
    _print_links(
        app,
        article,
        directions,
        limit=limit or LINKS_LIMIT,
        output=output,
        depth=depth or 1,
        **only,
    )


def _print_most_linked(app: App, limit: int, output: Output, **only: str | None) -> None:
    from newscrawl.store.read.links import LinkFilter, count_linked, most_linked

    chosen = LinkFilter(**only)
    with app.reader() as reader:
        articles = most_linked(reader.db, chosen, limit)
        total = len(articles)
        if total == limit:
            total = count_linked(reader.db, chosen)
    if output.as_rows:
        show_rows(output, MOST_LINKED_COLUMNS, map(asdict, articles))
    elif output.as_json:
        show_json([asdict(article) for article in articles])
    else:
        _print_articles(articles)
    if not articles:
        say("no links match")
    elif total > len(articles):
        say(f"the {len(articles):,} most linked of {total:,} articles (--limit N, or --limit all)")
    else:
        say(counted(total, "linked article"))


def _print_articles(articles: Sequence[MostLinked]) -> None:
    columns = ["linked_by", "related", "same_category", "inline", "article", "published", "title"]
    show_table(columns, map(_most_linked_row, articles), right=columns[:4])


def _most_linked_row(article: MostLinked) -> tuple[object, ...]:
    return (
        article.linked_by,
        article.related,
        article.same_category,
        article.inline,
        f"{article.site}/{article.key}",
        to_minute(article.published_local),
        _title(article.title, article.state),
    )


def _print_links(
    app: App,
    name: str,
    directions: Sequence[Direction],
    *,
    limit: int,
    output: Output,
    **only: Any,
) -> None:
    from newscrawl.store.read.links import count_edges, edges

    shown: dict[Direction, list[Edge]] = {}
    total = 0
    with app.reader() as reader:
        article = find_article(app, reader, name)
        for direction in directions:
            shown[direction] = edges(reader.db, article.id, direction, limit=limit, **only)
            number = len(shown[direction])
            if number == limit:
                number = count_edges(reader.db, article.id, direction, **only)
            total += number
    if output.as_rows:
        show_rows(output, LINK_COLUMNS, _flat(shown))
    elif output.as_json:
        values: dict[str, object] = {"article": asdict(article)}
        for direction, rows in shown.items():
            values[direction] = [asdict(edge) for edge in rows]
        show_json(values)
    else:
        columns, table = _without_constant_end(TABLE, list(_rows(shown)))
        show_table(columns, table, right=["depth", "position"])
    number = sum(map(len, shown.values()))
    say(f"{counted(number, 'link')} of {article.site}/{article.key}")
    note = cut_note(number, total, "links")
    if note:
        say(note)


def _flat(links: Mapping[Direction, Sequence[Edge]]) -> Iterator[dict[str, Any]]:
    """Each link as one row, with the columns of both articles."""
    for direction, edges in links.items():
        for edge in edges:
            row = asdict(edge) | {"direction": direction}
            for name in END_COLUMNS:
                row[f"source_{name}"] = row["source"][name]
                row[f"target_{name}"] = row["target"][name]
            yield row


def _without_constant_end(
    columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The table without the columns of the end that is the same article in every row.

    Only on a terminal; elsewhere the columns are always the same.
    """
    if not on_terminal() or len(rows) < 2:
        return columns, rows
    constant = []
    for end in ("from", "to"):
        index = columns.index(end)
        if len({row[index] for row in rows}) == 1:
            constant.append(end)
    kept = [index for index, name in enumerate(columns) if name.partition("_")[0] not in constant]
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _rows(links: Mapping[Direction, Sequence[Edge]]) -> Iterator[tuple[object, ...]]:
    for direction, edges in links.items():
        for edge in edges:
            link = (direction, edge.depth, edge.kind, edge.position)
            yield (*link, *_end(edge.source), *_end(edge.target))


def _end(end: End) -> tuple[str, str, str]:
    return f"{end.site}/{end.key}", to_minute(end.published_local), _title(end.title, end.state)


def _title(title: str | None, state: str) -> str:
    text = title or "(no title)"
    return text if state == "stored" else f"{text} ({state})"
