"""`newscrawl export`: rows for other programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ..errors import UsageError
from .app import App
from .filters import filter_options, make_filter
from .output import binary_stdout, on_terminal, say, show

if TYPE_CHECKING:
    from ..export import Format
    from ..store.exports import Subject

EPILOG = """\b
Examples:
  newscrawl export articles -o articles.csv
  newscrawl export links --format jsonl --site bnews > links.jsonl
"""


@click.command(epilog=EPILOG)
@click.argument("what", type=click.Choice(["articles", "links", "listings"]))
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True, help="The file's format."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead of stdout."
)
@filter_options
@click.option("--stubs", is_flag=True, help="Also articles that are only known from links and listings.")
@click.option("--excel", is_flag=True, help="CSV for spreadsheets: byte order mark, CRLF, no cell is a formula.")
@click.pass_obj
def export(
    app: App,
    what: Subject,
    form: Format,
    output: Path | None,
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    stubs: bool,
    excel: bool,
) -> None:
    """Write articles, links or listings as CSV or JSON lines.

    FILE is replaced only when the new one is whole. Lists are joined by "; " in CSV and arrays in JSON lines.
    The options that choose are about the article: of a link its source, of a listing the article it showed.
    """
    from ..export import FORMATS, write_csv
    from ..store.exports import export_rows

    if excel and form != "csv":
        raise UsageError("--excel is for CSV", "leave out --format, or --excel")
    if stubs and what != "articles":
        raise UsageError(f"--stubs is for articles; {what} have both ends anyway", "leave it out")
    write = partial(write_csv, excel=True) if excel else FORMATS[form]
    only = make_filter(site, category, since, until)
    with app.reader() as reader:
        rows = export_rows(reader.db, what, only, stubs=stubs)
        with _target(output) as out:
            count = write(rows, out)
    say(f"{count:,} {what} written" + (f" to {output}" if output else ""))


@contextmanager
def _target(output: Path | None) -> Iterator[BinaryIO]:
    from ..export import replaced

    if output is not None and str(output) != "-":
        with replaced(output) as out:
            yield out
    elif on_terminal():
        yield _Shown()  # type: ignore[misc]
    else:
        sys.stdout.flush()
        out = binary_stdout()
        yield out
        out.flush()


class _Shown:
    """A terminal as a file: what pages say must not drive it."""

    def write(self, data: bytes) -> int:
        show(data.decode().rstrip("\r\n"))
        return len(data)
