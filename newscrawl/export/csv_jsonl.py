"""Writes exported rows as CSV and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO, Literal

from newscrawl.core.records import LIST_FIELDS
from newscrawl.store.read.export_rows import Cells, Rows

Format = Literal["csv", "jsonl"]

# RFC 4180, section 2: a cell with a comma, a quote or a line break is quoted, and quotes in it are
# doubled.
COMMA, QUOTE, CR, LF = b',"\r\n'
BACKSLASH = ord("\\")
# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection).
FORMULA_STARTS = frozenset(b"=+-@\t\r")
# The same at the beginning of a JSON string.
JSON_FORMULA_STARTS = [b'"=', b'"+', b'"-', b'"@']
BOM = "\ufeff".encode()

Column = Sequence[bytes]
Formatter = Callable[[Column], Column]


def write_csv(cells: Cells, out: BinaryIO, *, excel: bool = False) -> int:
    """Writes a header and the rows, and returns the number of rows.

    Lists are joined by "; ", None becomes an empty cell, and lines end in LF. With `excel`, there
    is a byte order mark, lines end in CRLF, and a cell that would be a formula gets an apostrophe
    in front. Without it, every cell is exactly what the archive contains.
    """
    line_end = b"\r\n" if excel else b"\n"
    header = ",".join(cells.columns).encode() + line_end
    out.write(BOM + header if excel else header)
    formatters = _formatters(cells, excel=excel)
    count = 0
    for batch in cells.batches:
        columns = [
            format_column(column)
            for format_column, column in zip(formatters, zip(*batch, strict=True), strict=True)
        ]
        lines = map(b",".join, zip(*columns, strict=True))
        out.write(line_end.join([*lines, b""]))
        count += len(batch)
    return count


def _formatters(cells: Cells, *, excel: bool) -> list[Formatter]:
    """For each cell of a row, the function that turns a column of such cells into CSV."""
    formatters: list[Formatter] = []
    first = 0
    for width in cells.widths or [1] * len(cells.columns):
        if width > 1:
            formatters.append(partial(_format_arrays, width=width, excel=excel))
        elif cells.columns[first] in LIST_FIELDS:
            formatters.append(partial(_format_lists, excel=excel))
        else:
            formatters.append(partial(_format_texts, excel=excel))
        first += width
    return formatters


def write_jsonl(rows: Rows, out: BinaryIO) -> int:
    """Writes each row as a JSON object on one line, with lists as arrays; the number of rows."""
    list_columns = {name for name in LIST_FIELDS if name in rows.columns}
    count = 0
    for cells in rows.rows:
        row = dict(zip(rows.columns, cells, strict=True))
        for name in list_columns:
            row[name] = json.loads(str(row[name]))
        line = json.dumps(row, ensure_ascii=False)
        out.write((line + "\n").encode())
        count += 1
    return count


def _format_lists(column: Column, *, excel: bool) -> Column:
    return _format_texts(_join_lists(column), excel=excel)


def _join_lists(column: Column) -> Column:
    """JSON arrays of strings as text, joined by "; ".

    An array without a backslash that is written as Python writes it needs no parser. A quote that
    remains then means that another program wrote it in another way.
    """
    if BACKSLASH not in b"".join(column):
        texts = [array[2:-2].replace(b'", "', b"; ") for array in column]
        is_plain = all(array[:2] in (b'["', b"[]") for array in column)
        if is_plain and QUOTE not in b"".join(texts):
            return texts
    return [_join_list(array) for array in column]


def _join_list(array: bytes) -> bytes:
    return "; ".join(str(item) for item in json.loads(array or "[]")).encode()


def _format_arrays(column: Column, *, width: int, excel: bool) -> Column:
    """JSON arrays of `width` strings, each of which becomes `width` cells separated by commas.

    If nothing is escaped, no string contains a quote, a tab or a line break, and the arrays need no
    parser. A quote that remains after the separators are replaced belongs to a string that is just
    a comma.
    """
    arrays = b"\n".join(column)
    is_plain = BACKSLASH not in arrays
    if is_plain and excel:
        is_plain = not any(start in arrays for start in JSON_FORMULA_STARTS)
    if is_plain:
        if arrays.count(b",") == len(column) * (width - 1):
            # No string contains a comma. Deleting all quotes is four times as fast as replacing.
            return arrays.translate(None, b'"')[1:-1].split(b"]\n[")
        rows = arrays[2:-2].replace(b'","', b"\t").split(b'"]\n["')
        if QUOTE not in b"".join(rows):
            return [b",".join(_format_texts(row.split(b"\t"))) for row in rows]
    return [b",".join(_format_texts(_strings(array), excel=excel)) for array in column]


def _strings(array: bytes) -> Column:
    """The strings of a JSON array. Bytes that are not UTF-8 are kept."""
    strings = json.loads(array.decode("utf-8", "surrogateescape"))
    return [text.encode("utf-8", "surrogateescape") for text in strings]


def _format_texts(column: Column, *, excel: bool = False) -> Column:
    """The cells, quoted where necessary."""
    if excel:
        column = [_without_formula(text) for text in column]
    # One test of the whole column is faster, and most columns have no cell to quote.
    if not _needs_quotes(b"".join(column)):
        return column
    return [_quoted(text) if _needs_quotes(text) else text for text in column]


def _needs_quotes(text: bytes) -> bool:
    return COMMA in text or LF in text or QUOTE in text or CR in text


def _quoted(text: bytes) -> bytes:
    return b'"%b"' % text.replace(b'"', b'""')


def _without_formula(text: bytes) -> bytes:
    return b"'" + text if text and text[0] in FORMULA_STARTS else text
