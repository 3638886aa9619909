"""`newscrawl links`: what an article points to, and what points to it; without an article, the most linked ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.lookup import find_article
from newscrawl.cli.output import on_terminal, say, show_json, show_table, to_minute
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


@click.command(epilog=EPILOG)
@click.argument("article", metavar="[ID-OR-URL]", required=False)
@click.option("--in", "inward", is_flag=True, help="Links to the article.  [default: both]")
@click.option("--out", "outward", is_flag=True, help="Links from the article.  [default: both]")
@click.option("--kind", type=click.Choice(KINDS), help="Only links of this kind.")
@click.option(
    "--since",
    metavar="DATE",
    help="Only links last seen on this day (of the linking site) or later.",
)
@click.option(
    "--until",
    metavar="DATE",
    help="Only links last seen on this day (of the linking site) or earlier.",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 10),
    metavar="N",
    help="Also the links of the articles found, N steps far.  [default: 1]",
)
@click.option("--site", metavar="SITE", help="Without an article: only articles of this site.")
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="At most N links each way, or N articles.  [default: 1000, or 20]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def links(
    app: App,
    /,
    article: str | None,
    inward: bool,
    outward: bool,
    depth: int | None,
    site: str | None,
    limit: int | None,
    as_json: bool,
    **only: Any,
) -> None:
    """Print the links of an article, with both ends; without one, the articles that most others point to.

    For ID-OR-URL see `newscrawl show`.
    """
    only["since"], only["until"] = day_texts(only["since"], only["until"])
    if article is None:
        if inward or outward or depth:
            raise UsageError(
                "--in, --out and --depth are about one article", "name it: newscrawl links ID"
            )
        _print_most_linked(app, limit or 20, as_json, site=site, **only)
    elif site:
        raise UsageError(
            "--site is about the list of the most linked articles", "leave the article out"
        )
    else:
        ways: list[Direction] = ["out"] if outward or not inward else []
        ways += ["in"] if inward or not outward else []
        _print_links(app, article, ways, limit or 1000, as_json, depth=depth or 1, **only)


def _print_most_linked(app: App, limit: int, as_json: bool, **only: str | None) -> None:
    from newscrawl.store.read.links import LinkFilter, most_linked

    with app.reader() as reader:
        found = most_linked(reader.db, LinkFilter(**only), limit)
    if as_json:
        show_json([asdict(one) for one in found])
        return
    columns = ["linked_by", "related", "same_category", "inline", "article", "published", "title"]
    show_table(columns, map(_counted, found), right=columns[:4])
    say(f"the {len(found):,} most linked articles" if found else "no link fits")


def _counted(one: MostLinked) -> tuple[object, ...]:
    counts = one.linked_by, one.related, one.same_category, one.inline
    return (
        *counts,
        f"{one.site}/{one.key}",
        to_minute(one.published_local),
        _title(one.title, one.state),
    )


def _print_links(
    app: App, article: str, ways: Sequence[Direction], limit: int, as_json: bool, **only: Any
) -> None:
    from newscrawl.store.read.links import edges

    with app.reader() as reader:
        known = find_article(app, reader, article)
        found = {way: edges(reader.db, known.id, way, limit=limit + 1, **only) for way in ways}
    shown = {way: rows[:limit] for way, rows in found.items()}
    if as_json:
        show_json(
            {"article": asdict(known)}
            | {way: [asdict(edge) for edge in rows] for way, rows in shown.items()}
        )
    else:
        columns = [
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
        ]
        show_table(*_without_the_same(columns, list(_rows(shown))), right=["depth", "position"])
    say(f"{counted(sum(map(len, shown.values())), 'link')} of {known.site}/{known.key}")
    if any(len(rows) > limit for rows in found.values()):
        say(f"only the first {limit:,} each way are shown: there are more (--limit)")


def _without_the_same(
    columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """On a terminal, the table without the end that is the same article in every row."""
    if not on_terminal() or len(rows) < 2:
        return columns, rows
    same = [end for end in ("from", "to") if len({row[columns.index(end)] for row in rows}) == 1]
    kept = [place for place, name in enumerate(columns) if name.partition("_")[0] not in same]
    return [columns[place] for place in kept], [[row[place] for place in kept] for row in rows]


def _rows(found: Mapping[Direction, Sequence[Edge]]) -> Iterator[tuple[object, ...]]:
    for way, edges in found.items():
        for edge in edges:
            yield way, edge.depth, edge.kind, edge.position, *_end(edge.source), *_end(edge.target)


def _end(end: End) -> tuple[str, str, str]:
    return f"{end.site}/{end.key}", to_minute(end.published_local), _title(end.title, end.state)


def _title(title: str | None, state: str) -> str:
    return (title or "(no title)") + (f" ({state})" if state != "stored" else "")
