"""How commands print: results on stdout, messages on stderr, and nothing of a page that could drive a terminal.

On a terminal tables are drawn; elsewhere a table is lines of tab-separated cells under a line of names, without
colour. JSON is the same everywhere, with invisible and bidirectional characters escaped.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol

import click

from ..text import terminal_safe

# What JSON allows unescaped, but a terminal may obey, an editor hide or an encoder refuse; it reads back the same.
_ESCAPED_IN_JSON = re.compile("[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


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


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """A table; `right` names the columns of numbers. None is an empty cell."""
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
        parts += [terminal_safe(text[place:start]), opening, terminal_safe(text[start:end]), closing]
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
            reconfigure(encoding=stream.encoding if stream.isatty() else "utf-8", errors="backslashreplace")


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
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*[Text(_figure(value)) for value in row])
    Console(highlight=False).print(table)


def _figure(value: Any) -> str:
    """A cell on a terminal: numbers with thousands apart."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else _cell(value)
