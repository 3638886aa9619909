"""`newscrawl export`: rows for other programs."""

from __future__ import annotations

import io
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import filter_options, make_filter
from newscrawl.cli.output import Tick, binary_stdout, counter, on_terminal, say, show
from newscrawl.core.errors import UsageError
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.store.filters import Filter
    from newscrawl.store.read.export_rows import Subject

T = TypeVar("T")

EPILOG = """\b
Examples:
  newscrawl export articles -o articles.csv
  newscrawl export links --format jsonl --site bnews > links.jsonl
  newscrawl export articles --format parquet --partition -o articles
  newscrawl export graph --format gexf -o links.gexf
"""
TABLES = ("articles", "links", "listings", "revisions")
TABLE_FORMATS, GRAPH_FORMATS = ("csv", "jsonl", "parquet"), ("gexf", "graphml")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the options say."""

    what: str
    form: str
    output: Path | None
    stubs: bool
    excel: bool
    partition: bool


@click.command(epilog=EPILOG)
@click.argument("what", type=click.Choice([*TABLES, "graph"]))
@click.option(
    "--format", "form", type=click.Choice([*TABLE_FORMATS, *GRAPH_FORMATS]),
    help="The file's format.  [default: by FILE's ending, else csv, of the graph gexf]",
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of stdout.",
)
@filter_options
@click.option(
    "--stubs", is_flag=True, help="Also articles that are only known from links and listings."
)
@click.option(
    "--excel",
    is_flag=True,
    help="CSV for spreadsheets: byte order mark, CRLF, no cell is a formula.",
)
@click.option(
    "--partition",
    is_flag=True,
    help="Parquet in a folder FILE, with a folder for each site and month.",
)
@click.pass_obj
def export(
    app: App,
    /,
    what: str,
    form: str | None,
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    **options: Any,
) -> None:
    """Write articles, links, listings, revisions or the link graph to a file.

    FILE is replaced only when the new one is whole. Lists are joined by "; " in CSV and arrays elsewhere. The options
    that choose are about the article: of a link its source, of a listing the article it showed. What each column
    means and in which order they come is in docs/exports.md.
    """
    form = form or _by_ending(options["output"]) or ("gexf" if what == "graph" else "csv")
    from newscrawl.store.read.export_rows import count_gone

    asked = _Asked(what, form, **options)
    _check(asked)
    only = make_filter(site, category, since, until)
    unit = "links" if what == "graph" else what
    with app.reader() as reader, _progress(asked, unit) as tick:
        count = (
            _graph(reader.db, only, asked, tick)
            if what == "graph"
            else _table(reader.db, only, asked, tick)
        )
        gone = count_gone(reader.db, only) if what == "articles" else 0
    said = counted(count, unit.removesuffix("s")) + (f" ({gone:,} gone)" if gone else "")
    say(f"{said} written" + (f" to {asked.output}" if asked.output else ""))


@contextmanager
def _progress(asked: _Asked, unit: str) -> Iterator[Tick]:
    """Counts on a terminal, but for one that shows the rows themselves."""
    if asked.output is None and on_terminal():
        yield lambda number=1: None
        return
    with counter(unit) as tick:
        yield tick


def _by_ending(output: Path | None) -> str | None:
    """The format that a file's name ends with."""
    ending = output.suffix.lower().removeprefix(".") if output else None
    return ending if ending in (*TABLE_FORMATS, *GRAPH_FORMATS) else None


def _check(asked: _Asked) -> None:
    """UsageError for what does not go together."""
    what, forms = asked.what, GRAPH_FORMATS if asked.what == "graph" else TABLE_FORMATS
    if asked.form not in forms:
        raise UsageError(
            f"{what} cannot be written as {asked.form}", f"formats of {what}: {', '.join(forms)}"
        )
    if asked.excel and asked.form != "csv":
        raise UsageError("--excel is for CSV", "leave out --format, or --excel")
    if asked.stubs and what != "articles":
        raise UsageError(f"--stubs is for articles; {what} have both ends anyway", "leave it out")
    if asked.partition and (asked.form != "parquet" or asked.output is None):
        raise UsageError(
            "--partition is for Parquet in a folder", "give --format parquet and -o FOLDER"
        )
    if asked.form == "parquet" and asked.output is None and on_terminal():
        raise UsageError("a terminal cannot show Parquet", "give -o FILE")


def _graph(db: sqlite3.Connection, only: Filter, asked: _Asked, tick: Tick) -> int:
    from newscrawl.export.graph import write_gexf, write_graphml
    from newscrawl.store.read.links import LinkGraph, link_graph

    graph = link_graph(db, only)
    watched = LinkGraph(graph.nodes, _watched(graph.edges, tick))
    with _target(asked.output) as out:
        written = (write_gexf if asked.form == "gexf" else write_graphml)(watched, out)
    if written.illegal:
        say(f"{written.illegal:,} characters that XML cannot hold were left out")
    return written.links


def _table(db: sqlite3.Connection, only: Filter, asked: _Asked, tick: Tick) -> int:
    from newscrawl.export.csv_jsonl import write_csv, write_jsonl
    from newscrawl.store.read.export_rows import Rows, export_cells, export_rows

    subject = cast("Subject", asked.what)
    if asked.form == "csv":
        cells = export_cells(db, subject, only, stubs=asked.stubs)
        with _target(asked.output) as out:
            return write_csv(
                replace(cells, batches=_watched_batches(cells.batches, tick)),
                out,
                excel=asked.excel,
            )
    rows = export_rows(db, subject, only, stubs=asked.stubs)
    watched = Rows(rows.columns, _watched(rows.rows, tick))
    if asked.form == "jsonl":
        with _target(asked.output) as out:
            return write_jsonl(watched, out)
    from newscrawl.export.parquet import write_parquet, write_partitioned

    if asked.partition and asked.output is not None:
        return write_partitioned(watched, asked.output)
    with _target(asked.output) as out:
        return write_parquet(watched, out)


def _watched(rows: Iterator[T], tick: Tick) -> Iterator[T]:
    for row in rows:
        yield row
        tick()


def _watched_batches(batches: Iterator[Sequence[T]], tick: Tick) -> Iterator[Sequence[T]]:
    for batch in batches:
        yield batch
        tick(len(batch))


@contextmanager
def _target(output: Path | None) -> Iterator[BinaryIO]:
    from newscrawl.core.files import atomic_file

    if output is not None and str(output) != "-":
        with atomic_file(output) as out:
            yield out
    elif on_terminal():
        yield _Shown()
    else:
        sys.stdout.flush()
        out = binary_stdout()
        if isinstance(
            out, io.FileIO
        ):  # PYTHONUNBUFFERED: without a buffer lxml keeps a failed write to itself
            out = os.fdopen(out.fileno(), "wb", closefd=False)
        yield out
        out.flush()


class _Shown(io.BytesIO):
    """A terminal as a file: what pages say must not drive it."""

    def write(self, data: Any, /) -> int:
        show(bytes(data).decode().rstrip("\r\n"))
        return len(data)
