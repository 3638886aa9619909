"""The meaning of every table and column: the schema with the texts of data-dictionary.toml.

A column of a view without a text of its own has that of the table column of the same name.
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

TEXTS = Path(__file__).with_name("data-dictionary.toml")
# For each view, the tables that describe its columns, by prefix: `source_title` is
# `articles.title`.
VIEW_TABLES: Mapping[str, Mapping[str, str]] = {
    "export_articles": {"": "articles"},
    "article_links": {"source_": "articles", "target_": "articles", "": "links"},
    "front_pages": {"": "listings"},
}
HEAD = f"""\
# Data dictionary

Generated from the schema and from `{TEXTS.name}` in `newscrawl/store/schema`. Do not edit it.

The archive is one SQLite database, `newscrawl.db`, which any SQLite tool can read. Times are UTC
strings such as `2022-11-22T04:34:00Z`, which sort chronologically. Lists and objects are JSON. NULL
means that the value is not known.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the schema and its description; None if it has none."""

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
    parts = [HEAD]
    for table in described_tables():
        parts.append(f"## {table.name}\n\n{table.about}\n")
        parts.append("\n".join([*_rows(table), ""]))
    return "\n".join(parts)


def _rows(table: Table) -> Iterator[str]:
    """The Markdown table of the columns.

    Views have no types: these differ between releases of SQLite.
    """
    if table.kind == "table":
        yield "| Column | Type | Meaning |"
        yield "|---|---|---|"
        for column in table.columns:
            yield f"| {column.name} | {column.kind} | {column.about} |"
    else:
        yield "| Column | Meaning |"
        yield "|---|---|"
        for column in table.columns:
            yield f"| {column.name} | {column.about} |"


def described_tables() -> list[Table]:
    """Every table and view of the schema in the dictionary's order, undescribed ones last."""
    texts = dictionary()
    order = list(texts)
    tables = [_table(name, kind, columns, texts) for name, kind, columns in schema()]
    described = [table for table in tables if table.name in texts]
    others = [table for table in tables if table.name not in texts]
    return sorted(described, key=lambda table: order.index(table.name)) + others


@lru_cache(maxsize=1)
def dictionary() -> dict[str, Any]:
    """The dictionary as it is written: table -> {about, columns}."""
    return tomllib.loads(TEXTS.read_text("utf-8"))


def schema() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(name, kind, [(column, type)]) of every table and view, without those of SQLite."""
    with closing(sqlite3.connect(":memory:")) as connection:
        migrate(connection)
        rows = connection.execute(
            "SELECT name, iif(type = 'table' AND sql LIKE '%VIRTUAL%', 'index', type)"
            " FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_%' ESCAPE '\\'"
            " AND name NOT LIKE 'articles\\_fts\\_%' ESCAPE '\\' ORDER BY rowid"
        ).fetchall()
        return [(name, kind, _columns(connection, name)) for name, kind in rows]


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """Names and types (`INTEGER → articles.id`) in the order of the schema.

    FTS5's own hidden columns are left out.
    """
    keys = connection.execute(
        'SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', (table,)
    )
    references = {column: f" → {other}.{key}" for column, other, key in keys}
    rows = connection.execute(
        "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid", (table,)
    )
    columns: list[tuple[str, str]] = []
    for name, kind, primary_key in rows:
        key = ", key" if primary_key else ""
        columns.append((name, f"{kind}{key}{references.get(name, '')}"))
    return columns


def _table(name: str, kind: str, columns: list[tuple[str, str]], texts: Mapping[str, Any]) -> Table:
    described = [
        Column(column, type_, column_about(name, column, texts)) for column, type_ in columns
    ]
    return Table(name, kind, texts.get(name, {}).get("about"), tuple(described))


def column_about(table: str, column: str, texts: Mapping[str, Any]) -> str | None:
    """The description of a column: its own, else that of the table column that a view shows."""
    own = _text(table, column, texts)
    if own is not None:
        return own
    for prefix, origin in VIEW_TABLES.get(table, {}).items():
        name = column.removeprefix(prefix)
        about = _text(origin, name, texts)
        if about is None or not column.startswith(prefix):
            continue
        if not prefix:
            return about
        return f"`{origin}.{name}` of the link's {prefix.strip('_')}."
    return None


def _text(table: str, column: str, texts: Mapping[str, Any]) -> str | None:
    about: str | None = texts.get(table, {}).get("columns", {}).get(column)
    return about
