"""`newscrawl links`: what an article points to, and what points to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .app import App
from .lookup import find_article
from .output import say, show_json, show_table

if TYPE_CHECKING:
    from ..store.graph import Direction, Edge, End

EPILOG = """\b
Examples:
  newscrawl links 267849 --out --kind related
  newscrawl links bnews/267849 --in --depth 2 --json
"""


@click.command(epilog=EPILOG)
@click.argument("article", metavar="ID-OR-URL")
@click.option("--in", "inward", is_flag=True, help="Links to the article.  [default: both]")
@click.option("--out", "outward", is_flag=True, help="Links from the article.  [default: both]")
@click.option("--kind", type=click.Choice(["related", "same_category", "inline"]), help="Only links of this kind.")
@click.option(
    "--depth",
    type=click.IntRange(1, 10),
    default=1,
    show_default=True,
    metavar="N",
    help="Also the links of the articles found, N steps far.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=1000,
    show_default=True,
    metavar="N",
    help="At most N links each way.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def links(
    app: App, article: str, inward: bool, outward: bool, kind: str | None, depth: int, limit: int, as_json: bool
) -> None:
    """Print the links of an article, with both ends. For ID-OR-URL see `newscrawl show`."""
    from ..store.graph import edges

    wanted: list[Direction] = ["out"] if outward or not inward else []
    wanted += ["in"] if inward or not outward else []
    with app.reader() as reader:
        known = find_article(app, reader, article)
        found = {way: edges(reader.db, known.id, way, kind=kind, depth=depth, limit=limit + 1) for way in wanted}
    shown = {way: rows[:limit] for way, rows in found.items()}
    if as_json:
        show_json({"article": asdict(known)} | {way: [asdict(edge) for edge in rows] for way, rows in shown.items()})
    else:
        columns = ["way", "depth", "kind", "position", "from", "from_time", "from_title", "to", "to_time", "to_title"]
        show_table(columns, _rows(shown), right=["depth", "position"])
    count = sum(map(len, shown.values()))
    say(f"{count:,} link{'' if count == 1 else 's'} of {known.site}/{known.key}")
    if any(len(rows) > limit for rows in found.values()):
        say(f"only the first {limit:,} each way are shown: there are more (--limit)")


def _rows(found: Mapping[Direction, Sequence[Edge]]) -> Iterator[tuple[object, ...]]:
    for way, edges in found.items():
        for edge in edges:
            yield way, edge.depth, edge.kind, edge.position, *_end(edge.source), *_end(edge.target)


def _end(end: End) -> tuple[str, str, str]:
    time = (end.published_local or "")[:16].replace("T", " ")
    return (
        f"{end.site}/{end.key}",
        time,
        (end.title or "(no title)") + (f" ({end.state})" if end.state != "stored" else ""),
    )
