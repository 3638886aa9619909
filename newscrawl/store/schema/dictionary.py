"""What every table and column of an archive means: the schema, with the words of data-dictionary.toml beside this.

A column of a view that has no words of its own has those of the table column of its name.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from newscrawl.store.schema.migrations import migrate

WORDS = Path(__file__).with_name("data-dictionary.toml")
# A view's column -> the table columns that describe it, by view; `source_title` is `articles.title`.
VIEW_TABLES: Mapping[str, Mapping[str, str]] = {
    "export_articles": {"": "articles"},
    "article_links": {"source_": "articles", "target_": "articles", "": "links"},
    "front_pages": {"": "listings"},
}
DICTIONARY_HEAD = f"""\
# Data dictionary

Generated from the schema and from `{WORDS.name}` in `newscrawl/store/schema`: do not edit this page.

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


def dictionary_page() -> str:
    """The data dictionary as a page: tables first, then views."""
    parts = [DICTIONARY_HEAD]
    for table in described_tables():
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
        yield from (
            f"| {column.name} | {column.kind} | {column.about} |" for column in table.columns
        )


def described_tables() -> list[Table]:
    """Every table and view of the schema in the dictionary's order, undescribed ones last."""
    words = dictionary()
    found = {name: _table(name, kind, columns, words) for name, kind, columns in schema()}
    order = list(words)
    return sorted(
        found.values(),
        key=lambda table: order.index(table.name) if table.name in order else len(order),
    )


@lru_cache(maxsize=1)
def dictionary() -> dict[str, Any]:
    """The dictionary as it is written: table -> {about, columns}."""
    return tomllib.loads(WORDS.read_text("utf-8"))


def schema() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(name, kind, [(column, type)]) of every table and view that a new archive has, SQLite's own left out."""
    with closing(sqlite3.connect(":memory:")) as connection:
        migrate(connection)
        rows = connection.execute(
            "SELECT name, iif(type = 'table' AND sql LIKE '%VIRTUAL%', 'index', type) FROM sqlite_master"
            " WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'articles\\_fts\\_%' ESCAPE '\\' ORDER BY rowid"
        ).fetchall()
        return [(name, kind, _columns(connection, name)) for name, kind in rows]


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """Name and type (`INTEGER → articles.id`) in the schema's order; FTS5's own hidden columns are left out."""
    keys = connection.execute(
        'SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', (table,)
    )
    points_to = {column: f" → {other}.{key}" for column, other, key in keys}
    rows = connection.execute(
        "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid", (table,)
    )
    return [
        (name, kind + (", key" if pk else "") + points_to.get(name, "")) for name, kind, pk in rows
    ]


def _table(name: str, kind: str, columns: list[tuple[str, str]], words: Mapping[str, Any]) -> Table:
    described = tuple(
        Column(column, kind_, column_about(name, column, words)) for column, kind_ in columns
    )
    return Table(name, kind, words.get(name, {}).get("about"), described)


def column_about(table: str, column: str, words: Mapping[str, Any]) -> str | None:
    """The description of one column: its own, else that of the table column that a view shows."""
    own: str | None = words.get(table, {}).get("columns", {}).get(column)
    if own is not None:
        return own
    for prefix, origin in VIEW_TABLES.get(table, {}).items():
        about: str | None = (
            words.get(origin, {}).get("columns", {}).get(column.removeprefix(prefix))
        )
        if about is not None and column.startswith(prefix):
            return (
                f"`{origin}.{column.removeprefix(prefix)}` of the link's {prefix.strip('_')}."
                if prefix
                else about
            )
    return None
