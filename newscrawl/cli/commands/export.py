"""`newscrawl export`: rows and links for other programs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from newscrawl.cli.app import App
from newscrawl.cli.commands.raw_export import RAW_FORMATS, export_raw_pages
from newscrawl.cli.options import fact_options, filter_options, make_filter
from newscrawl.cli.output import Tick, on_terminal, say
from newscrawl.cli.rows import counted_cells, counted_rows, row_counter, stdout_for_bytes
from newscrawl.core.boundaries import check_output
from newscrawl.core.errors import UsageError
from newscrawl.core.text import counted
from newscrawl.export.compression import compression_of

if TYPE_CHECKING:
    from newscrawl.store.filters import Filter
    from newscrawl.store.read.export_rows import Subject

EPILOG = """\b
Examples:
  newscrawl export articles -o articles.csv
  newscrawl export articles --search 'lúa OR gạo' -o rice.csv
  newscrawl export links --format jsonl --site bnews > links.jsonl
  newscrawl export articles --format parquet --partition -o articles
  newscrawl export graph --format gexf -o links.gexf
  newscrawl export wacz --site bnews --since 2026-09-01 -o bnews.wacz
"""
TABLES = ("articles", "links", "listings", "revisions")
SPREADSHEETS = ("xlsx", "xls", "ods")
TABLE_FORMATS, GRAPH_FORMATS = ("csv", "tsv", "jsonl", "parquet"), ("gexf", "graphml")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What to write, and how: `what` is one of TABLES or "graph"."""

    what: str
    form: str
    output: Path | None
    stubs: bool
    excel: bool
    partition: bool

    @property
    def is_on_stdout(self) -> bool:
        return self.output is None or str(self.output) == "-"

    @property
    def formats(self) -> Sequence[str]:
        return _formats_of(self.what)


@click.command(epilog=EPILOG)
@click.argument("what", type=click.Choice([*TABLES, "graph", *RAW_FORMATS]))
@click.option(
    "--format",
    "form",
    type=click.Choice([*TABLE_FORMATS, *GRAPH_FORMATS]),
    help="File format.  [default: from the extension of FILE, else csv, or gexf for the graph]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of standard output.",
)
@click.option(
    "--search",
    metavar="QUERY",
    help="Only articles that match QUERY, which is written as for `newscrawl search`.",
)
@filter_options
@fact_options
@click.option(
    "--stubs", is_flag=True, help="Include articles that are known only from links and listings."
)
@click.option(
    "--excel",
    is_flag=True,
    help="Write CSV for spreadsheets: adds a byte order mark, uses CRLF, and escapes formulas.",
)
@click.option(
    "--partition",
    is_flag=True,
    help="Write Parquet into a folder named FILE, with a subfolder per site and month.",
)
@click.pass_obj
def export(
    app: App,
    /,
    *,
    what: str,
    form: str | None,
    output: Path | None,
    stubs: bool,
    excel: bool,
    partition: bool,
    search: str | None,
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    **facts: Any,
) -> None:
    """Export articles, links, listings, revisions, the link graph or raw pages.

    FILE is replaced only once the new file is complete. A name that ends in .gz or .zst, such as
    articles.csv.gz, is compressed. Lists are joined by "; " in CSV and TSV and are
    arrays in the other formats. For links, the filters apply to the linking article; for listings,
    to the listed article. docs/exports.md describes the columns.

    wacz writes raw pages into one file for ReplayWeb.page, and cdxj an index of the WARC files
    for pywb. --site, --since and --until choose captures, by the day of the capture.
    """
    from newscrawl.store.filters import searched
    from newscrawl.store.read.export_rows import count_gone

    if what in RAW_FORMATS:
        _check_raw(what, form, output, is_for_rows=stubs or excel or partition)
        if output is not None and str(output) != "-":
            check_output(output, app.archive)
        only = make_filter(app, site, category, since, until, search=search, **facts)
        export_raw_pages(app, what, output, only)
        return
    request = _Request(
        what=what,
        form=form or _format_by_extension(output, what),
        output=output,
        stubs=stubs,
        excel=excel,
        partition=partition,
    )
    _check(request)
    if stubs and search is not None:
        raise UsageError("--stubs: a stub has no text to search", "remove --stubs or --search")
    if request.output is not None and not request.is_on_stdout:
        check_output(request.output, app.archive)
    only = make_filter(app, site, category, since, until, search=search, **facts)
    if only.search is not None:
        searched(only.search)
    if only.note:
        say(only.note)
    unit = "links" if what == "graph" else what
    gone = 0
    with (
        app.reader() as reader,
        row_counter(
            unit,
            lambda: _count_rows(reader.db, only, request),
            are_on_stdout=request.is_on_stdout,
        ) as tick,
    ):
        write = _write_graph if what == "graph" else _write_table
        count = write(reader.db, only, request, tick)
        if what == "articles":
            gone = count_gone(reader.db, only)
    message = counted(count, unit.removesuffix("s"))
    if gone:
        message += f" ({gone:,} gone)"
    target = f" to {request.output}" if request.output else ""
    say(f"{message} written{target}")


def _check_raw(what: str, form: str | None, output: Path | None, *, is_for_rows: bool) -> None:
    """UsageError for options that do not apply to raw pages."""
    if form is not None:
        raise UsageError(f"{what} has no other format", "remove --format")
    if is_for_rows:
        raise UsageError(
            f"--stubs, --excel and --partition do not apply to {what}", "remove the option"
        )
    extension = "" if output is None else output.suffix.lower().removeprefix(".")
    if extension in (*TABLE_FORMATS, *GRAPH_FORMATS, *RAW_FORMATS, "gz", "zst") and (
        extension != what
    ):
        raise UsageError(
            f"-o {output}: the extension .{extension} does not fit {what}",
            f"name a file that ends in .{what}",
        )


def _count_rows(db: sqlite3.Connection, only: Filter, request: _Request) -> int:
    """How many rows, or links of the graph, will be written."""
    from newscrawl.store.read.export_rows import count_export
    from newscrawl.store.read.links import count_links

    if request.what == "graph":
        return count_links(db, only)
    return count_export(db, cast("Subject", request.what), only, stubs=request.stubs)


def _format_by_extension(output: Path | None, what: str) -> str:
    """The format that the name of FILE stands for; the usual one for a name without an extension.

    UsageError for an extension that is not known: a file would not be what its name says.
    """
    extension = _extension(output)
    if not extension:
        return "gexf" if what == "graph" else "csv"
    if extension in (*TABLE_FORMATS, *GRAPH_FORMATS):
        return extension
    known = ", ".join(f".{form}" for form in _formats_of(what))
    hint = f"use {known} (with .gz or .zst after it to compress), or add --format"
    if extension in SPREADSHEETS and what != "graph":
        hint = (
            f"use --excel and .csv, which spreadsheets open; the extensions of {what} are {known}"
        )
    raise UsageError(f"-o {output}: the extension .{extension} is not known", hint)


def _extension(output: Path | None) -> str:
    """The extension of FILE without those of compression; empty if there is none."""
    if output is None:
        return ""
    name = output.with_suffix("") if compression_of(output) else output
    return name.suffix.lower().removeprefix(".")


def _formats_of(what: str) -> Sequence[str]:
    return GRAPH_FORMATS if what == "graph" else TABLE_FORMATS


def _check(request: _Request) -> None:
    """UsageError for options that do not go together."""
    what, form = request.what, request.form
    if form not in request.formats:
        raise UsageError(
            f"{what} cannot be written as {form}",
            f"formats of {what}: {', '.join(request.formats)}",
        )
    extension = _extension(request.output)
    if extension != form and extension in (*TABLE_FORMATS, *GRAPH_FORMATS):
        raise UsageError(
            f"-o {request.output}: the extension .{extension} does not fit --format {form}",
            f"remove --format, or name a file that ends in .{form}",
        )
    if request.excel and form != "csv":
        raise UsageError("--excel applies only to CSV", "remove --excel, or write CSV")
    if request.stubs and what != "articles":
        raise UsageError("--stubs applies only to articles", "remove --stubs")
    if request.partition and (form != "parquet" or request.output is None):
        raise UsageError(
            "--partition applies only to Parquet in a folder", "add --format parquet and -o FOLDER"
        )
    if form == "parquet" and request.output is not None and compression_of(request.output):
        hint = f"write it to {request.output.stem}"
        raise UsageError("Parquet files are compressed inside", hint)
    if form == "parquet" and request.output is None and on_terminal():
        raise UsageError("Parquet cannot be printed on a terminal", "add -o FILE")


def _write_graph(db: sqlite3.Connection, only: Filter, request: _Request, tick: Tick) -> int:
    from newscrawl.export.graph import write_gexf, write_graphml
    from newscrawl.store.read.links import LinkGraph, link_graph

    graph = link_graph(db, only)
    watched = LinkGraph(graph.nodes, counted_rows(graph.edges, tick))
    write = write_gexf if request.form == "gexf" else write_graphml
    with _target(request.output) as out:
        written = write(watched, out)
    if written.illegal:
        say(f"{written.illegal:,} characters that XML cannot contain were removed")
    return written.links


def _write_table(db: sqlite3.Connection, only: Filter, request: _Request, tick: Tick) -> int:
    from newscrawl.export.csv_jsonl import write_csv, write_jsonl, write_tsv
    from newscrawl.export.parquet import write_parquet, write_partitioned
    from newscrawl.store.read.export_rows import Rows, export_cells, export_rows

    subject = cast("Subject", request.what)
    if request.form in ("csv", "tsv"):
        cells = export_cells(db, subject, only, stubs=request.stubs)
        watched_cells = counted_cells(cells, tick)
        with _target(request.output) as out:
            if request.form == "tsv":
                return write_tsv(watched_cells, out)
            return write_csv(watched_cells, out, excel=request.excel)
    rows = export_rows(db, subject, only, stubs=request.stubs)
    watched = Rows(rows.columns, counted_rows(rows.rows, tick))
    if request.partition and request.output is not None:
        return write_partitioned(watched, request.output)
    write = write_jsonl if request.form == "jsonl" else write_parquet
    with _target(request.output) as out:
        return write(watched, out)


@contextmanager
def _target(output: Path | None) -> Iterator[BinaryIO]:
    """The file to write to: FILE, replaced when the block ends, or standard output."""
    from newscrawl.core.files import atomic_file
    from newscrawl.export.compression import compressed

    if output is not None and str(output) != "-":
        with atomic_file(output) as out, compressed(out, compression_of(output)) as target:
            yield target
    else:
        with stdout_for_bytes() as out:
            yield out
