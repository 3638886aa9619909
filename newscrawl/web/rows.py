"""Rows as a CSV or JSON file: at once, or while they are read if there are very many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Csv, File, Json, Query

Row = Mapping[str, Any]
RowsOf = Callable[[Reader], Iterable[Row]]

# Rows that are read in half a second; a page may take PAGE_SECONDS.
MOST_AT_ONCE = 5_000
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


def rows_as_data(
    query: Query,
    reader: Reader,
    name: str,
    columns: Sequence[str],
    rows_of: RowsOf,
    *,
    are_many: bool,
) -> Csv | Json | File:
    """The rows in the format of the request; `columns` are those of CSV.

    `are_many`: they may take longer than a page may. The bytes are the same, but they have no ETag.
    """
    kind = query.format or "csv"
    if are_many:
        return _file(kind, name, columns, rows_of)
    rows = list(rows_of(reader))
    return Json(rows) if kind == "json" else Csv(name, columns, rows)


def _file(kind: str, name: str, columns: Sequence[str], rows_of: RowsOf) -> File:
    def write(reader: Reader, out: BinaryIO) -> None:
        rows = rows_of(reader)
        lines = _json(rows) if kind == "json" else Csv(name, columns, rows).lines()
        for line in lines:
            out.write(line.encode())

    return File(f"{name}.{kind}", TYPES[kind], write)


def _json(rows: Iterable[Row]) -> Iterator[str]:
    """The text of Json(list(rows)), row by row."""
    before = "["
    for row in rows:
        lines = Json(row).json().replace("\n", "\n  ")
        yield f"{before}\n  {lines}"
        before = ","
    yield "[]" if before == "[" else "\n]"
