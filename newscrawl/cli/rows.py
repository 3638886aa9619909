"""Rows on standard output: JSON lines, CSV or tab-separated values, from any command that has rows.

A command adds `output_options()`, receives an Output, and gives its rows to `show_rows`.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeVar

import click

from newscrawl.cli.output import (
    Tick,
    binary_stdout,
    counter,
    ignore_tick,
    json_text,
    on_terminal,
    show_table,
)
from newscrawl.core.errors import UsageError
from newscrawl.core.text import terminal_safe

if TYPE_CHECKING:
    from newscrawl.store.read.export_rows import Cells

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
Row = Mapping[str, Any]
Form = Literal["text", "json", "jsonl", "csv", "tsv"]
FORMS: Sequence[Form] = ("json", "jsonl", "csv", "tsv")  # each is an option
ALL = 2**53  # what `--limit all` means: more rows than any archive has
BATCH = 100  # rows that are written at once as JSON lines


@dataclass(frozen=True, slots=True)
class Output:
    """How a command prints its result.

    `form` is "text" if no option says otherwise: what a person reads. `columns` are those that
    --columns names, in that order; None without it.
    """

    form: Form = "text"
    columns: tuple[str, ...] | None = None

    @property
    def as_json(self) -> bool:
        """Whether to print one JSON document."""
        return self.form == "json"

    @property
    def as_rows(self) -> bool:
        """Whether to print with show_rows: with --jsonl, --csv, --tsv or --columns."""
        return self.form in ("jsonl", "csv", "tsv") or self.columns is not None

    def chosen(self, columns: Sequence[str]) -> Sequence[str]:
        """Those of a command's columns that are printed; UsageError for an unknown one."""
        if self.columns is None:
            return columns
        for name in self.columns:
            if name not in columns:
                raise UsageError(
                    f"--columns: unknown column {name!r}", f"columns: {','.join(columns)}"
                )
        return self.columns


def output_options(
    json_help: str = "Print JSON.", *, note: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds --json, --jsonl, --csv, --tsv and --columns; the command receives `output`, an Output.

    `note` is added to the help of --columns. UsageError for options that cannot be combined.
    """
    options = (
        click.option("--json", "as_json", is_flag=True, help=json_help),
        click.option(
            "--jsonl", "as_jsonl", is_flag=True, help="Print rows as JSON, one object per line."
        ),
        click.option("--csv", "as_csv", is_flag=True, help="Print rows as CSV."),
        click.option(
            "--tsv",
            "as_tsv",
            is_flag=True,
            help="Print rows as tab-separated values, one per line.",
        ),
        click.option(
            "--columns",
            metavar="NAMES",
            help=f"Print rows with only these columns, such as site,key.{note}",
        ),
    )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_output(*arguments: Any, columns: str | None, **values: Any) -> Any:
            flags = {form: values.pop(f"as_{form}") for form in FORMS}
            output = _output([form for form in FORMS if flags[form]], columns)
            return command(*arguments, output=output, **values)

        decorated: Callable[..., Any] = with_output
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def _output(forms: Sequence[Form], columns: str | None) -> Output:
    if len(forms) > 1:
        names = [f"--{form}" for form in forms]
        raise UsageError(f"{' and '.join(names)} cannot be combined", f"use only {names[0]}")
    form = forms[0] if forms else "text"
    if columns is None:
        return Output(form)
    if form == "json":
        raise UsageError(
            "--columns does not apply to --json", "use --jsonl for JSON with only these columns"
        )
    names = [name.strip() for name in columns.split(",")]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--columns: {name!r} is named twice", "name each column once")
    return Output(form, tuple(names))


class AnyCount(click.IntRange):
    """A whole number. One that is larger than any archive needs is ALL, which SQLite can read."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return min(super().convert(value, param, ctx), ALL)


class _Limit(AnyCount):
    """A number of rows; `all` is ALL."""

    name = "limit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return ALL if value == "all" else super().convert(value, param, ctx)


def limit_option(text: str, *, least: int = 1) -> Callable[[F], F]:
    """Adds --limit with a number or `all`, which is ALL; None without it. `text` is its help."""
    return click.option("--limit", type=_Limit(least), metavar="N|all", help=text)


def cut_note(shown: int, total: int | None, unit: str, which: str = "first") -> str | None:
    """The line about a list that --limit cuts; None if it is whole.

    `unit` is a plural such as `links`. `total` is None if nobody knows how many there are, only
    that there are more.
    """
    hint = "(--limit N, or --limit all)"
    if total is None:
        return f"only the {which} {shown:,} {unit} are shown, and there are more {hint}"
    if shown >= total:
        return None
    return f"only the {which} {shown:,} of {total:,} {unit} are shown {hint}"


def show_rows(output: Output, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Prints rows as they come, and returns how many there were.

    `columns` are all that the command has, in their fixed order; each row has them all. Lists are
    arrays in JSON and joined by "; " elsewhere; None is `null` in JSON and empty elsewhere.
    UsageError for an unknown name in --columns, before the first row is read.
    """
    from newscrawl.export.csv_jsonl import as_cells

    chosen = output.chosen(columns)
    if output.form == "jsonl":
        return _show_json_lines(chosen, rows)
    if output.form in ("csv", "tsv"):
        return show_cells(output, as_cells(chosen, rows))
    cells = [[_table_cell(row[name]) for name in chosen] for row in rows]
    show_table(chosen, cells)
    return len(cells)


def show_cells(output: Output, cells: Cells) -> int:
    """Prints rows whose values are text already, as CSV or TSV, and returns how many there were.

    The faster way for many rows. `cells` has only the columns of `output.chosen`.
    """
    from newscrawl.export.csv_jsonl import write_csv, write_tsv

    write = write_tsv if output.form == "tsv" else write_csv
    with stdout_for_bytes() as out:
        return write(cells, out)


@contextmanager
def row_counter(
    unit: str, count_all: Callable[[], int | None], *, are_on_stdout: bool = True
) -> Iterator[Tick]:
    """The `counter` of rows that are written, unless they themselves are printed on a terminal."""
    if are_on_stdout and on_terminal():
        yield ignore_tick
        return
    with counter(unit, count_all) as tick:
        yield tick


def counted_rows(rows: Iterable[T], tick: Tick) -> Iterator[T]:
    """The rows, each of which is counted once it is written."""
    for row in rows:
        yield row
        tick()


def counted_cells(cells: Cells, tick: Tick) -> Cells:
    """The same for rows that come in batches."""

    def batches() -> Iterator[Sequence[tuple[bytes, ...]]]:
        for batch in cells.batches:
            yield batch
            tick(len(batch))

    return replace(cells, batches=batches())


def _show_json_lines(columns: Sequence[str], rows: Iterable[Row]) -> int:
    remaining = iter(rows)
    count = 0
    with stdout_for_bytes() as out:
        while batch := list(islice(remaining, BATCH)):
            lines = [json_text({name: row[name] for name in columns}) + "\n" for row in batch]
            out.write("".join(lines).encode())
            count += len(batch)
    return count


def _table_cell(value: object) -> object:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return value


@contextmanager
def stdout_for_bytes() -> Iterator[BinaryIO]:
    """Standard output, which is flushed at the end.

    On a terminal, characters that could drive it are escaped.
    """
    if on_terminal():
        terminal = _Terminal()
        yield terminal
        terminal.end_line()
        return
    sys.stdout.flush()
    out = binary_stdout()
    if isinstance(out, io.FileIO):
        # PYTHONUNBUFFERED is set. Without a buffer lxml would not report a failed write, and others
        # would have to repeat one that is incomplete.
        out = os.fdopen(out.fileno(), "wb", closefd=False)
    yield out
    out.flush()


class _Terminal(io.BytesIO):
    """Standard output for a terminal: characters that could drive it are escaped, but not tabs.

    What is written may end within a line, or within a character.
    """

    def __init__(self) -> None:
        super().__init__()
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_at_start = True

    def write(self, data: Any, /) -> int:
        text = self._decoder.decode(bytes(data)).replace("\r\n", "\n")
        cells = [terminal_safe(cell, keep_newlines=True) for cell in text.split("\t")]
        click.echo("\t".join(cells), nl=False)
        if text:
            self._is_at_start = text.endswith("\n")
        return len(data)

    def end_line(self) -> None:
        """Ends the last line, so that what follows begins a new one."""
        if not self._is_at_start:
            click.echo()
