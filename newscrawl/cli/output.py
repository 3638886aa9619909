"""How commands print: results on stdout, messages on stderr, nothing that could drive a terminal.

On a terminal, tables are drawn; elsewhere a table is a line of column names and lines of cells
separated by tabs, without colour. JSON is the same everywhere. Invisible and bidirectional
characters are escaped in it.
"""

from __future__ import annotations

import io
import json
import os
import pathlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol

import click

from newscrawl.cli.app import App
from newscrawl.core.text import terminal_safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

# JSON allows these unescaped, but a terminal may obey them, an editor hide them, an encoder refuse
# them. Escaped, they read back as the same text.
_ESCAPED_IN_JSON = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]+\S*$")
_TITLES = ("title", "teased", "headline")  # how the names of columns with titles end
TITLE_WIDTH = 40  # a shorter piece of a title says too little
RULE = "──"  # how the line below the names of the columns begins
_COUNTED_AT_ONCE = 10  # a counter on the terminal is redrawn after so many


def say(message: str) -> None:
    """Prints a message to the user on stderr."""
    click.echo(terminal_safe(message, keep_newlines=True), err=True)


def show(text: str = "") -> None:
    """Prints lines of a result on stdout."""
    click.echo(terminal_safe(text, keep_newlines=True))


def show_json(value: object) -> None:
    """Prints a result as one indented JSON document."""
    click.echo(json_text(value, indent=2))


def show_json_line(value: object) -> None:
    """Prints a result as JSON on one line."""
    click.echo(json_text(value))


def json_text(value: object, indent: int | None = None) -> str:
    """JSON in which Vietnamese letters are readable and what cannot be seen is `\\uXXXX`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _ESCAPED_IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def on_terminal() -> bool:
    """Whether results go to a terminal."""
    return sys.stdout.isatty()


def is_styled() -> bool:
    """Whether results may be bold or coloured: on a terminal, without NO_COLOR and TERM=dumb."""
    is_dumb = os.environ.get("TERM") == "dumb"
    return on_terminal() and not is_dumb and not os.environ.get("NO_COLOR")


def to_minute(time: str | None) -> str:
    """`2026-09-01T10:00:00+07:00` as `2026-09-01 10:00`; "" for None."""
    return (time or "")[:16].replace("T", " ")


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[str] = (),
    groups: int = 0,
    spare: Sequence[str] = (),
) -> Sequence[str]:
    """Prints a table; `right` names the columns that are aligned to the right. None is empty.

    On a terminal titles are shortened, which `…` shows, and other texts wrapped. Where the columns
    do not fit beside each other, the first `groups` columns become headings above the rows that
    share them, or the `spare` columns are left out. Otherwise each row becomes a block of lines.

    Returns the columns that were left out.
    """
    if on_terminal():
        return _draw(columns, rows, right, groups, spare)
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(map(_cell, row)))
    return ()


def highlight(text: str, marks: Sequence[tuple[int, int]]) -> str:
    """Text with its marked ranges in bold on a terminal, in [brackets] elsewhere.

    `marks` are ascending and do not overlap.
    """
    before, after = ("\x1b[1m", "\x1b[22m") if is_styled() else ("[", "]")
    parts = []
    position = 0
    for start, end in marks:
        parts.append(terminal_safe(text[position:start]))
        parts.append(before + terminal_safe(text[start:end]) + after)
        position = end
    parts.append(terminal_safe(text[position:]))
    return "".join(parts)


def show_highlighted(prefix: str, text: str, marks: Sequence[tuple[int, int]]) -> None:
    """Prints a line with highlighted ranges."""
    click.echo(prefix + highlight(text, marks), color=is_styled())


class Tick(Protocol):
    """Called for each thing that is done, or once for several."""

    def __call__(self, number: int = 1) -> None: ...


@contextmanager
def counter(unit: str, count_all: Callable[[], int | None] = lambda: None) -> Iterator[Tick]:
    """Shows the progress of a long task on the terminal; prints nothing elsewhere.

    `count_all` returns how many things there are, or None if nobody knows. It is called on a
    terminal only. With it, the time that remains is shown.
    """
    if not sys.stderr.isatty():
        yield ignore_tick
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    total = count_all()
    known = [TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn(), TextColumn("left")]
    columns = [SpinnerColumn(), TextColumn("{task.description}"), *(known if total else [])]
    waiting = done = 0
    began = monotonic()
    console = Console(stderr=True)
    # Rows may be written to stdout meanwhile: rich would put an object before it without `buffer`.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(progress_text(0, total, unit, 0), total=total)

        def tick(number: int = 1) -> None:
            nonlocal waiting, done
            waiting += number
            if waiting >= _COUNTED_AT_ONCE:
                done += waiting
                waiting = 0
                text = progress_text(done, total, unit, monotonic() - began)
                progress.update(task, completed=done, description=text)

        yield tick


def progress_text(done: int, total: int | None, unit: str, seconds: float) -> str:
    """`1,200 of 8,000 pages, 310 per second`. `total` is None if it is not known."""
    count = f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}"
    if seconds < 1:
        return count
    rate = done / seconds
    return f"{count}, {rate:,.0f} per second" if rate >= 10 else f"{count}, {rate:.1f} per second"


def ignore_tick(number: int = 1) -> None:
    """A Tick that prints nothing."""


def open_standard_streams() -> None:
    """Gives a closed stdin, stdout or stderr (`>&-`) a stream of the null device.

    Otherwise the next file that is opened, such as the database, would become standard output. A
    command that prints a result on a closed stdout fails to write.
    """
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = pathlib.Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 (it stays open)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def utf8_stdout() -> None:
    """Makes output UTF-8 off a terminal, and escapes what a terminal's encoding does not have."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            encoding = stream.encoding if stream.isatty() else "utf-8"
            reconfigure(encoding=encoding, errors="backslashreplace")


def binary_stdout() -> BinaryIO:
    """stdout for bytes. UnsupportedOperation if stdout is closed: lxml would not report it."""
    if not sys.stdout.writable():
        raise io.UnsupportedOperation("not writable")
    return sys.stdout.buffer


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return terminal_safe(str(value))


def _terminal_cell(value: Any) -> str:
    """A cell on a terminal: thousands of a number are separated by commas."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return _cell(value)


def _draw(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Sequence[str],
    groups: int,
    spare: Sequence[str],
) -> Sequence[str]:
    """Draws a table that breaks no word, id or time and leaves room for titles.

    Where that does not fit beside each other, titles get a line of their own below their row. Where
    even the rest does not fit, groups or spare columns make it narrower, else each row is a block
    of lines. Returns the columns that were left out.
    """
    from rich.console import Console

    cells = [[_terminal_cell(value) for value in row] for row in rows]
    console = Console(highlight=False)
    left_out: Sequence[str] = ()
    text = _drawn(console, columns, cells, right)
    if text is None:
        text = _with_titles_below(console, columns, cells, right)
    if text is None and groups:
        text = _with_titles_below(console, columns, cells, right, groups)
    if text is None and spare:
        kept = [index for index, name in enumerate(columns) if name not in spare]
        kept_cells = [[row[index] for index in kept] for row in cells]
        text = _drawn(console, [columns[index] for index in kept], kept_cells, right)
        left_out = spare if text else ()
    if text is None:
        text = _blocks([_heading(name) for name in columns], cells)
    if text.count("\n") >= console.height and _may_page():
        click.echo_via_pager(text, color=True)
    else:
        click.echo(text, nl=False, color=True)
    return left_out


def _drawn(
    console: Console,
    columns: Sequence[str],
    cells: Sequence[Sequence[str]],
    right: Sequence[str],
) -> str | None:
    """The table as text; None if the terminal is too narrow for it."""
    table = _table(columns, cells, right)
    if _least_width(console, table) > console.width:
        return None
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def _with_titles_below(
    console: Console,
    columns: Sequence[str],
    cells: Sequence[Sequence[str]],
    right: Sequence[str],
    groups: int = 0,
) -> str | None:
    """The table without titles, and below each row its titles.

    The first `groups` columns are headings above the rows that share them. None if the table has no
    titles, or if a row of the rest takes more than one line.
    """
    titles = [index for index, name in enumerate(columns) if name.endswith(_TITLES)]
    others = [index for index in range(groups, len(columns)) if index not in titles]
    if not titles or not others:
        return None
    rest = [[row[index] for index in others] for row in cells]
    text = _drawn(console, [columns[index] for index in others], rest, right)
    lines = text.splitlines() if text else []
    heading = 1 + next((at for at, line in enumerate(lines) if line.startswith(RULE)), len(lines))
    if len(lines) != heading + len(cells):
        return None
    shown = lines[:heading]
    group: Sequence[str] = ()
    for line, row in zip(lines[heading:], cells, strict=True):
        if row[:groups] != group and groups:
            group = row[:groups]
            shown += ["", ", ".join(filter(None, group))]
        shown.append(line.rstrip())
        shown += [f"    {row[index]}" for index in titles if row[index]]
    return "\n".join([*shown, ""])


def _may_page() -> bool:
    """Whether a long table goes through a pager: not with --no-pager."""
    context = click.get_current_context(silent=True)
    app = context.find_object(App) if context else None
    return app is None or app.pager


def _table(columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[str]) -> Table:
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for index, name in enumerate(columns):
        values = [row[index] for row in cells]
        justify: Literal["left", "right"] = "right" if name in right else "left"
        width = _fixed_width(name, values)
        if name.endswith(_TITLES):
            longest = max(map(cell_len, [_heading(name), *values]))
            table.add_column(_heading(name), min_width=min(longest, TITLE_WIDTH))
        else:
            table.add_column(_heading(name), justify=justify, width=width)
    on_one_line = [name.endswith(_TITLES) for name in columns]
    for row in cells:
        texts = zip(row, on_one_line, strict=True)
        table.add_row(*[Text(text, no_wrap=whole, overflow="ellipsis") for text, whole in texts])
    return table


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _fixed_width(name: str, values: Sequence[str]) -> int | None:
    """The width of a column whose values cannot be wrapped; None where rich may choose it."""
    from rich.cells import cell_len

    if any(_can_be_wrapped(value) for value in values):
        return None
    return max([_heading_width(name), *map(cell_len, values)])


def _heading_width(name: str) -> int:
    """How wide a heading is that may take two lines."""
    words = _heading(name).split()
    widths = []
    for number in range(1, len(words) + 1):
        first, second = " ".join(words[:number]), " ".join(words[number:])
        widths.append(max(len(first), len(second)))
    return min(widths)


def _can_be_wrapped(value: str) -> bool:
    return " " in value and not _TIME.match(value)


def _least_width(console: Console, table: Table) -> int:
    """How wide a terminal has to be for the table, with no word broken."""
    unlimited = console.options.update_width(10**6)
    return console.measure(table, options=unlimited).minimum


def _blocks(names: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """Each row as a block of lines, one for each cell that is not empty."""
    width = max(map(len, names))
    lines = []
    for row in cells:
        lines.append("")
        for name, value in zip(names, row, strict=True):
            if value:
                lines.append(f"{name:<{width}}  {value}")
    return "\n".join([*lines, "", ""])
