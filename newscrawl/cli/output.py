"""How commands print: results on stdout, messages on stderr, and nothing of a page that could drive a terminal.

On a terminal tables are drawn; elsewhere a table is lines of tab-separated cells under a line of names, without
colour. JSON is the same everywhere, with invisible and bidirectional characters escaped.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol

import click

from newscrawl.core.text import terminal_safe

# What JSON allows unescaped, but a terminal may obey, an editor hide or an encoder refuse; it reads back the same.
_ESCAPED_IN_JSON = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]+\S*$")
_TITLE_WIDTH = 14  # a title is shortened to no less
_TITLES = ("title", "teased", "headline")
_GAP = 2  # between columns


def say(message: str) -> None:
    """A message for the person at the keyboard, on stderr."""
    click.echo(terminal_safe(message, keep_newlines=True), err=True)


def show(text: str = "") -> None:
    """A line (or lines) of a result, on stdout."""
    click.echo(terminal_safe(text, keep_newlines=True))


def show_json(value: object) -> None:
    """A result as one indented JSON document."""
    click.echo(json_text(value, indent=2))


def show_json_line(value: object) -> None:
    """A result as JSON on one line."""
    click.echo(json_text(value))


def json_text(value: object, indent: int | None = None) -> str:
    """JSON with Vietnamese letters as they are; what cannot be seen or encoded as `\\uXXXX`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _ESCAPED_IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def on_terminal() -> bool:
    """Whether results go to a person's eyes."""
    return sys.stdout.isatty()


def to_minute(time: str | None) -> str:
    """`2026-09-01T10:00:00+07:00` as people read it: `2026-09-01 10:00`; "" for None."""
    return (time or "")[:16].replace("T", " ")


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
) -> None:
    """A table; `right` names the columns of numbers. None is an empty cell.

    On a terminal titles are shortened, other texts wrapped at words.
    """
    if on_terminal():
        _draw(columns, rows, right)
        return
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(_cell(value) for value in row))


def highlight(text: str, marks: Sequence[tuple[int, int]]) -> str:
    """Text with its marked ranges (ascending, apart) in bold on a terminal, in [brackets] elsewhere."""
    opening, closing = ("\x1b[1m", "\x1b[22m") if on_terminal() else ("[", "]")
    parts, place = [], 0
    for start, end in marks:
        parts += [
            terminal_safe(text[place:start]),
            opening,
            terminal_safe(text[start:end]),
            closing,
        ]
        place = end
    return "".join([*parts, terminal_safe(text[place:])])


def show_highlighted(prefix: str, text: str, marks: Sequence[tuple[int, int]]) -> None:
    """A line with highlighted ranges."""
    click.echo(prefix + highlight(text, marks), color=on_terminal())


class Tick(Protocol):
    """Told of each thing done, or of several at once."""

    def __call__(self, number: int = 1) -> None: ...


@contextmanager
def counter(what: str) -> Iterator[Tick]:
    """Counts on a terminal while something long runs; nothing at all elsewhere."""
    if not sys.stderr.isatty():
        yield _no_tick
        return
    from rich.console import Console

    count = shown = 0
    with Console(stderr=True).status(f"0 {what}") as status:

        def tick(number: int = 1) -> None:
            nonlocal count, shown
            count += number
            if count >= shown + 10:
                shown = count
                status.update(f"{count:,} {what}")

        yield tick


def _no_tick(number: int = 1) -> None:
    """Where nobody looks."""


def utf8_stdout() -> None:
    """Results are UTF-8 wherever they go; what a terminal cannot show must not end a command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(
                encoding=stream.encoding if stream.isatty() else "utf-8", errors="backslashreplace"
            )


def binary_stdout() -> BinaryIO:
    """stdout for bytes."""
    return sys.stdout.buffer


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return terminal_safe(str(value))


def _draw(columns: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[str]) -> None:
    """A table where it fits without breaking a word, an id or a time; else a block of lines for each row."""
    cells = [[_figure(value) for value in row] for row in rows]
    names = [name.replace("_", " ") for name in columns]
    widths = _widths(columns, cells)
    if widths is not None:
        _print_table(names, cells, widths, [name in right for name in columns])
        return
    for row in cells:
        click.echo()
        for name, value in zip(names, row, strict=True):
            if value:
                click.echo(f"{name:<{max(map(len, names))}}  {value}")
    click.echo()


def _widths(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> list[int] | None:
    """How wide each column is on this terminal; None where they do not fit beside each other."""
    from rich.cells import cell_len

    least, wished = [], []
    for place, name in enumerate(columns):
        values = [row[place] for row in cells]
        widest_part = max(
            [cell_len(part) for value in values for part in _whole_parts(value)], default=0
        )
        head = max(map(len, name.split("_")))
        least.append(
            max(head, min(widest_part, _TITLE_WIDTH) if name.endswith(_TITLES) else widest_part)
        )
        wished.append(max([len(name), least[-1], *map(cell_len, values)]))
    room = shutil.get_terminal_size().columns - _GAP * (len(columns) - 1)
    if sum(least) > room:
        return None
    while sum(wished) > room:
        shrinking = max(
            range(len(columns)), key=lambda place: (wished[place] > least[place], wished[place])
        )
        wished[shrinking] = max(
            least[shrinking], wished[shrinking] - max(1, (sum(wished) - room) // len(columns))
        )
    return wished


def _print_table(
    names: Sequence[str],
    cells: Iterable[Sequence[str]],
    widths: Sequence[int],
    right: Sequence[bool],
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    for name, width, to_the_right in zip(names, widths, right, strict=True):
        table.add_column(
            name,
            width=width,
            justify="right" if to_the_right else "left",
            no_wrap=name.endswith(_TITLES),
        )
    for row in cells:
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)


def _whole_parts(value: str) -> list[str]:
    """What must stay on one line: a time, or each word of a text."""
    return [value] if _TIME.match(value) else value.split()


def _figure(value: Any) -> str:
    """A cell on a terminal: numbers with thousands apart."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else _cell(value)
