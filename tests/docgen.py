"""Writes the generated pages of docs/: `make docs`. tests/test_docs.py compares them with what is there.

cli.md is the help of every command. data-dictionary.md is the schema as the migrations make it, with the words of
data-dictionary.toml. A column of a view that has no words of its own has those of the table column of its name.
"""

from __future__ import annotations

import sqlite3
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlite_utils import Database

from newscrawl.cli import main
from newscrawl.store.migrations import migrations

DICTIONARY = "data-dictionary.toml"
HELP_WIDTH = 100
# A view's column -> the table columns that describe it, by view; `source_title` is `articles.title`.
VIEW_TABLES: Mapping[str, Mapping[str, str]] = {
    "export_articles": {"": "articles"},
    "article_links": {"source_": "articles", "target_": "articles", "": "links"},
    "front_pages": {"": "listings"},
}
CLI_HEAD = """\
# Commands

Generated from the commands' own help by `make docs`: do not edit this page.

Results go to standard output, messages to standard error. `--archive` and `--debug` may stand before or after a
command's name. An error is one line `error: …` and one line `hint: …`.

| Exit code | Meaning |
|---|---|
| 0 | all is well |
| 1 | an error inside newscrawl |
| 2 | something was asked for that cannot be, or a site file is wrong |
| 3 | the crawl ended, but a site gave little or nothing |
| 4 | the disk is full, or reading or writing failed |
| 5 | the archive is damaged |
| 6 | stopped by a signal or a limit; the next run goes on from there |
| 75 | another run holds the archive |
"""
DICTIONARY_HEAD = f"""\
# Data dictionary

Generated from the schema and from `docs/{DICTIONARY}` by `make docs`: do not edit this page.

The archive is one SQLite database, `newscrawl.db`, which any SQLite tool can read. Times are UTC text,
`2022-11-22T04:34:00Z`, so that they sort as text. Lists and objects are JSON. NULL means that nobody has said.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the schema has it, and its description; None where there is none."""

    name: str
    kind: str
    about: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view of the schema; `kind` is 'table', 'view' or 'index'."""

    name: str
    kind: str
    about: str | None
    columns: tuple[Column, ...]


def write_docs(folder: Path) -> None:
    """Writes both pages."""
    (folder / "cli.md").write_text(cli_page(), "utf-8")
    (folder / "data-dictionary.md").write_text(dictionary_page(folder), "utf-8")


def cli_page() -> str:
    """docs/cli.md: a section for each command, subcommands under their own names."""
    parts = [CLI_HEAD]
    for name, text in command_helps():
        parts.append(f"## {name}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def command_helps() -> Iterator[tuple[str, str]]:
    """Every command by its full name, with its help as a terminal of 100 columns shows it."""
    for name, context in command_contexts():
        yield name, context.command.get_help(context).strip()


def command_contexts() -> Iterator[tuple[str, click.Context]]:
    """Every command by its full name (`newscrawl sites list`), groups before what is in them."""
    yield from _contexts(main, "newscrawl", None)


def _contexts(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, click.Context]]:
    context = command.make_context(
        name, [], parent, resilient_parsing=True, terminal_width=HELP_WIDTH, max_content_width=HELP_WIDTH
    )
    yield context.command_path, context
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None, f"{context.command_path} lists {child}, but has no such command"
            yield from _contexts(found, child, context)


def dictionary_page(folder: Path) -> str:
    """docs/data-dictionary.md: tables first, then views."""
    parts = [DICTIONARY_HEAD]
    for table in described_tables(folder):
        parts.append(f"## {table.name}\n\n{table.about}\n")
        parts.append("\n".join([*_rows(table), ""]))
    return "\n".join(parts)


def _rows(table: Table) -> Iterator[str]:
    """The Markdown table of the columns. Types only of tables: those of a view differ between releases of SQLite."""
    if table.kind != "table":
        yield from ("| Column | Meaning |", "|---|---|")
        yield from (f"| {column.name} | {column.about} |" for column in table.columns)
    else:
        yield from ("| Column | Type | Meaning |", "|---|---|---|")
        yield from (f"| {column.name} | {column.kind} | {column.about} |" for column in table.columns)


def described_tables(folder: Path) -> list[Table]:
    """Every table and view of the schema in the dictionary's order, undescribed ones last."""
    words = dictionary(folder)
    found = {name: _table(name, kind, columns, words) for name, kind, columns in schema()}
    order = list(words)
    return sorted(found.values(), key=lambda table: order.index(table.name) if table.name in order else len(order))


def dictionary(folder: Path) -> dict[str, Any]:
    """The dictionary as it is written: table -> {about, columns}."""
    return tomllib.loads((folder / DICTIONARY).read_text("utf-8"))


def schema() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(name, kind, [(column, type)]) of every table and view that a new archive has, SQLite's own left out."""
    connection = sqlite3.connect(":memory:")
    try:
        migrations.apply(Database(connection))
        rows = connection.execute(
            "SELECT name, iif(type = 'table' AND sql LIKE '%VIRTUAL%', 'index', type) FROM sqlite_master"
            " WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'articles\\_fts\\_%' ESCAPE '\\' ORDER BY rowid"
        ).fetchall()
        return [(name, kind, _columns(connection, name)) for name, kind in rows]
    finally:
        connection.close()


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """Name and type (`INTEGER → articles.id`) in the schema's order; FTS5's own hidden columns are left out."""
    keys = connection.execute('SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', (table,))
    points_to = {column: f" → {other}.{key}" for column, other, key in keys}
    rows = connection.execute(
        "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid", (table,)
    )
    return [(name, kind + (", key" if pk else "") + points_to.get(name, "")) for name, kind, pk in rows]


def _table(name: str, kind: str, columns: list[tuple[str, str]], words: Mapping[str, Any]) -> Table:
    described = tuple(Column(column, kind_, column_about(name, column, words)) for column, kind_ in columns)
    return Table(name, kind, words.get(name, {}).get("about"), described)


def column_about(table: str, column: str, words: Mapping[str, Any]) -> str | None:
    """The description of one column: its own, else that of the table column that a view shows."""
    own: str | None = words.get(table, {}).get("columns", {}).get(column)
    if own is not None:
        return own
    for prefix, origin in VIEW_TABLES.get(table, {}).items():
        about: str | None = words.get(origin, {}).get("columns", {}).get(column.removeprefix(prefix))
        if about is not None and column.startswith(prefix):
            return f"`{origin}.{column.removeprefix(prefix)}` of the link's {prefix.strip('_')}." if prefix else about
    return None


if __name__ == "__main__":
    write_docs(Path(sys.argv[1]))
