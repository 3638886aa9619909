"""Writing the archive's rows to files that other programs read: one snapshot, streamed, complete or not at all.

A new format is a function in FORMATS.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Literal

from .crashpoints import reach
from .errors import StorageError, UsageError
from .store.exports import Rows
from .store.reader import LISTS

Format = Literal["csv", "jsonl"]

# RFC 4180 section 2: a field with a comma, a quote or a line break is quoted, and quotes in it are doubled.
NEEDS_QUOTES = re.compile('[",\r\n]')
# Where Excel, LibreOffice and Google Sheets would begin to calculate (OWASP, CSV injection).
FORMULA = re.compile("[=+\\-@\t\r]")
BOM = "\ufeff".encode()


def write_csv(rows: Rows, out: BinaryIO, *, excel: bool = False) -> int:
    """Writes a header and the rows; their number. Lists are joined by "; ", None is empty, lines end in LF.

    With `excel` there is a byte order mark, lines end in CRLF, and a cell that would be a formula begins with '.
    Without it every cell is exactly what the archive holds.
    """
    end = "\r\n" if excel else "\n"
    if excel:
        out.write(BOM)
    out.write((",".join(rows.columns) + end).encode())
    lists = [name in LISTS for name in rows.columns]
    count = 0
    for cells in rows.rows:
        texts: Iterable[str] = (_text(value, is_list) for value, is_list in zip(cells, lists, strict=True))
        if excel:
            texts = map(_harmless, texts)
        out.write((",".join(map(_quoted, texts)) + end).encode())
        count += 1
    return count


def write_jsonl(rows: Rows, out: BinaryIO) -> int:
    """Writes each row as a JSON object on a line of its own, lists as arrays; the number of rows."""
    lists = [name in LISTS for name in rows.columns]
    count = 0
    for cells in rows.rows:
        values = (json.loads(str(value)) if is_list else value for value, is_list in zip(cells, lists, strict=True))
        line = json.dumps(dict(zip(rows.columns, values, strict=True)), ensure_ascii=False)
        out.write((line + "\n").encode())
        count += 1
    return count


FORMATS: Mapping[Format, Callable[[Rows, BinaryIO], int]] = {"csv": write_csv, "jsonl": write_jsonl}


@contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` once it is whole; what was there stays until then, and on any error.

    UsageError where `path` cannot be a file. What is no regular file (a device, a pipe) is written to directly.
    """
    path = path.resolve()
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else "is in a folder that does not exist"
        raise UsageError(f"cannot write {path}: it {what}", "name a file in a folder that exists")
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            yield out
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as out:
            yield out
            reach("mid_export")
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        _remove(part)
        raise StorageError(
            f"cannot write {path}: {error.strerror or error}", "check the folder and its space"
        ) from error
    except BaseException:
        _remove(part)
        raise


def _remove(part: Path) -> None:
    with suppress(OSError):
        part.unlink()


def _text(value: object, is_list: bool) -> str:
    if value is None:
        return ""
    if is_list:
        items: Iterable[object] = json.loads(str(value))
        return "; ".join(map(str, items))
    return str(value)


def _harmless(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) else text
