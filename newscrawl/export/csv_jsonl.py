"""Writing the archive's rows to files that other programs read: one snapshot, streamed, complete or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO, Literal

from newscrawl.core.records import LIST_FIELDS
from newscrawl.store.read.export_rows import Cells, Rows

Format = Literal["csv", "jsonl"]

# RFC 4180 section 2: a field with a comma, a quote or a line break is quoted, and quotes in it are doubled.
COMMA, QUOTE, CR, LF = b',"\r\n'
BACKSLASH = ord("\\")
# Where Excel, LibreOffice and Google Sheets would begin to calculate (OWASP, CSV injection).
FORMULA = frozenset(b"=+-@\t\r")
FORMULAS = [b'"=', b'"+', b'"-', b'"@']  # the same where a string of JSON begins
BOM = "\ufeff".encode()

Column = Sequence[bytes]


def write_csv(cells: Cells, out: BinaryIO, *, excel: bool = False) -> int:
    """Writes a header and the rows; their number. Lists are joined by "; ", None is empty, lines end in LF.

    With `excel` there is a byte order mark, lines end in CRLF, and a cell that would be a formula begins with '.
    Without it every cell is exactly what the archive holds.
    """
    end = b"\r\n" if excel else b"\n"
    out.write((BOM if excel else b"") + ",".join(cells.columns).encode() + end)
    turns = _turns(cells, excel)
    count = 0
    for batch in cells.batches:
        columns = [
            turn(column) for turn, column in zip(turns, zip(*batch, strict=True), strict=True)
        ]
        out.write(end.join([*map(b",".join, zip(*columns, strict=True)), b""]))
        count += len(batch)
    return count


def _turns(cells: Cells, excel: bool) -> list[Callable[[Column], Column]]:
    """What makes CSV of each cell of a row."""
    turns: list[Callable[[Column], Column]] = []
    names = iter(cells.columns)
    for width in cells.widths or [1] * len(cells.columns):
        name, *others = [next(names) for _ in range(width)]
        if others:
            turns.append(partial(_side_by_side, excel=excel, width=width))
        else:
            turns.append(partial(_list if name in LIST_FIELDS else _text, excel=excel))
    return turns


def write_jsonl(rows: Rows, out: BinaryIO) -> int:
    """Writes each row as a JSON object on a line of its own, lists as arrays; the number of rows."""
    lists = [name in LIST_FIELDS for name in rows.columns]
    count = 0
    for cells in rows.rows:
        values = (
            json.loads(str(value)) if is_list else value
            for value, is_list in zip(cells, lists, strict=True)
        )
        line = json.dumps(dict(zip(rows.columns, values, strict=True)), ensure_ascii=False)
        out.write((line + "\n").encode())
        count += 1
    return count


def _joined(column: Column) -> Column:
    """JSON arrays of strings as text, the strings joined by "; ".

    Without a backslash and in Python's spelling an array is taken apart without a parser; whatever then still has
    a quote in it was spelled otherwise.
    """
    if BACKSLASH not in b"".join(column):
        texts = [text[2:-2].replace(b'", "', b"; ") for text in column]
        if QUOTE not in b"".join(texts) and all(text[:2] in (b'["', b"[]") for text in column):
            return texts
    return ["; ".join(map(str, json.loads(text or "[]"))).encode() for text in column]


def _side_by_side(column: Column, *, excel: bool, width: int) -> Column:
    """JSON arrays of `width` strings as cells with commas between them.

    Where nothing is escaped no string holds a quote, a tab or a line break. Where one holds a comma, a tab stands for
    what is between two strings; a quote that is left then is one of a string that is nothing but a comma.
    """
    text = b"\n".join(column)
    if BACKSLASH not in text and not (excel and any(formula in text for formula in FORMULAS)):
        if text.count(b",") == len(column) * (width - 1):
            return text.translate(None, b'"')[1:-1].split(
                b"]\n["
            )  # replacing them takes four times as long
        rows = text[2:-2].replace(b'","', b"\t").split(b'"]\n["')
        if QUOTE not in b"".join(rows):
            return [b",".join(_text(row.split(b"\t"))) for row in rows]
    return [b",".join(_text(_strings(array), excel=excel)) for array in column]


def _strings(array: bytes) -> Column:
    """A JSON array's strings; a byte that is no UTF-8 stays what it is."""
    return [
        text.encode("utf-8", "surrogateescape")
        for text in json.loads(array.decode("utf-8", "surrogateescape"))
    ]


def _list(column: Column, *, excel: bool) -> Column:
    return _text(_joined(column), excel=excel)


def _text(column: Column, *, excel: bool = False) -> Column:
    """Cells with quotes where they need them: none where nothing in the whole column does."""
    if excel:
        column = [b"'" + text if text and text[0] in FORMULA else text for text in column]
    text = b"".join(column)
    if not (COMMA in text or LF in text or QUOTE in text or CR in text):
        return column
    return [
        b'"%b"' % text.replace(b'"', b'""')
        if COMMA in text or LF in text or QUOTE in text or CR in text
        else text
        for text in column
    ]
