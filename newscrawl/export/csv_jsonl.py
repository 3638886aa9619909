"""Writes rows as CSV, as tab-separated values and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, Literal

from newscrawl.core.records import LIST_FIELDS
from newscrawl.store.read.export_rows import BATCH, Cells, Rows

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
# What a cell between tabs may not contain, and how it is written: one line is always one row.
TAB_ESCAPES = {b"\\": b"\\\\", b"\t": b"\\t", b"\n": b"\\n", b"\r": b"\\r"}

Column = Sequence[bytes]
Formatter = Callable[[Column], Column]
ArrayFormatter = Callable[..., Column]  # with the number of columns, `width`


def write_csv(cells: Cells, out: BinaryIO, *, excel: bool = False) -> int:
    """Writes a header and the rows, and returns the number of rows.

    Lists are joined by "; ", None becomes an empty cell, and lines end in LF. With `excel`, there
    is a byte order mark, lines end in CRLF, and a cell that would be a formula gets an apostrophe
    in front. Without it, every cell is exactly what the archive contains.
    """
    texts = partial(_format_texts, excel=excel)
    arrays = partial(_format_arrays, excel=excel)
    if excel:
        out.write(BOM)
    line_end = b"\r\n" if excel else b"\n"
    return _write(cells, out, _formatters(cells, texts, arrays), b",", line_end)


def write_tsv(cells: Cells, out: BinaryIO) -> int:
    """Writes a header and the rows, separated by tabs, and returns the number of rows.

    Each row is one line: in a cell, a tab, a line feed, a carriage return and a backslash become
    `\\t`, `\\n`, `\\r` and `\\\\`. Lists are joined by "; ", and None becomes an empty cell.
    """
    formatters = _formatters(cells, _escape_texts, _escape_arrays)
    return _write(cells, out, formatters, b"\t", b"\n")


def as_cells(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Cells:
    """The values of rows as text: True is `true`, and an object is JSON."""
    return Cells(tuple(columns), _as_batches(columns, rows))


def _as_batches(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> Iterator[Sequence[tuple[bytes, ...]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        texts = [_as_texts([row[name] for row in batch], name) for name in columns]
        yield list(zip(*texts, strict=True))


def _as_texts(values: Sequence[Any], column: str) -> Column:
    """A column of values. Texts, which most are, take a fifth less time here."""
    return [_utf8(value) if type(value) is str else _as_text(value, column) for value in values]


def _as_text(value: Any, column: str) -> bytes:
    if value is None:
        return b""
    if isinstance(value, list | tuple):
        array = _utf8(json.dumps(value, ensure_ascii=False))
        return array if column in LIST_FIELDS else _join_list(array)
    if isinstance(value, bool | dict):
        return _utf8(json.dumps(value, ensure_ascii=False))
    return str(value).encode()


def _utf8(text: str) -> bytes:
    """The text in UTF-8. Bytes of a file name that are not become `\\udc..`."""
    return text.encode("utf-8", "backslashreplace")


def _write(
    cells: Cells,
    out: BinaryIO,
    formatters: Sequence[Formatter],
    separator: bytes,
    line_end: bytes,
) -> int:
    out.write(separator.join(name.encode() for name in cells.columns) + line_end)
    count = 0
    for batch in cells.batches:
        columns = [
            format_column(column)
            for format_column, column in zip(formatters, zip(*batch, strict=True), strict=True)
        ]
        lines = map(separator.join, zip(*columns, strict=True))
        out.write(line_end.join([*lines, b""]))
        count += len(batch)
    return count


def _formatters(cells: Cells, texts: Formatter, arrays: ArrayFormatter) -> list[Formatter]:
    """For each cell of a row, the function that formats a column of such cells.

    `texts` formats cells that stand for one column, `arrays` those that stand for several.
    """
    formatters: list[Formatter] = []
    first = 0
    for width in cells.widths or [1] * len(cells.columns):
        if width > 1:
            formatters.append(partial(arrays, width=width))
        elif cells.columns[first] in LIST_FIELDS:
            formatters.append(partial(_format_lists, texts=texts))
        else:
            formatters.append(texts)
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


def _format_lists(column: Column, *, texts: Formatter) -> Column:
    return texts(_join_lists(column))


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


def _escape_arrays(column: Column, *, width: int) -> Column:
    """JSON arrays of `width` strings, each of which becomes `width` cells separated by tabs.

    Strings without a backslash contain no quote, tab or line break, and need no parser.
    """
    arrays = b"\n".join(column)
    if BACKSLASH not in arrays:
        return [row.replace(b'","', b"\t") for row in arrays[2:-2].split(b'"]\n["')]
    return [b"\t".join(_escape_texts(_strings(array))) for array in column]


def _escape_texts(column: Column) -> Column:
    # One test of the whole column is faster, and most columns have no cell to escape.
    together = b"".join(column)
    for special, escaped in TAB_ESCAPES.items():
        if special in together:
            column = [text.replace(special, escaped) for text in column]
    return column
