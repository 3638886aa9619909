"""Rows as Parquet: typed columns, in one file or in folders for sites and months. pyarrow comes with `[parquet]`."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from newscrawl.core.crashpoints import reach
from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.files import sync
from newscrawl.export.columns import kind_of
from newscrawl.store.read.export_rows import Rows

BATCH = 1000  # rows held at once, and in a row group
FILE, HELD = 2000, 8000  # rows of a file of a partitioned export, and in memory for all of them
MONTH_OF = (
    "published_local",
    "source_published_at",
    "seen_at",
    "fetched_at",
)  # the first that the rows have
NO_MONTH = "unknown"


def write_parquet(rows: Rows, out: BinaryIO) -> int:
    """Writes one file; the number of rows. UsageError where pyarrow is not installed."""
    arrow, parquet = _arrow()
    schema = _schema(arrow, rows.columns)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in _batches(arrow, rows, schema):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def write_partitioned(rows: Rows, folder: Path) -> int:
    """Writes `site=…/month=YYYY-MM/` folders of files, which DuckDB, pandas and Spark read as one table.

    The folder is new, or takes the place of an earlier export once everything is written; the number of rows.
    UsageError where the folder holds anything else.
    """
    folder = folder.absolute()
    part, old = (folder.with_name(f".{folder.name}.{end}") for end in ("part", "old"))
    try:
        _check_place(folder, old)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        count = _write_parts(rows, part)
        sync(part)
        reach("mid_export")
        if folder.exists():
            folder.rename(old)
            reach("mid_export")
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise StorageError(
            f"cannot write {folder}: {error.strerror or error}", "check the folder and its space"
        ) from error
    return count


def _check_place(folder: Path, old: Path) -> None:
    """Brings back what a crash in the middle of the exchange left aside; refuses to replace what is no export."""
    if old.exists():
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)
    if not folder.parent.is_dir():
        raise UsageError(
            f"cannot write {folder}: it is in a folder that does not exist", "name one that exists"
        )
    if folder.exists() and not (
        folder.is_dir() and all("site=" in path.name for path in folder.iterdir())
    ):
        raise UsageError(f"{folder} is there and is no partitioned export", "name a new folder")


def _write_parts(rows: Rows, folder: Path) -> int:
    """A file whenever a site's month has FILE rows, and the biggest one when HELD rows wait; the number of rows.

    Not by pyarrow.dataset: that walks the rows in threads of its own, and SQLite's belong to one thread.
    """
    site = next(name for name in ("site", "source_site") if name in rows.columns)
    keys = (
        rows.columns.index(site),
        rows.columns.index(next(name for name in MONTH_OF if name in rows.columns)),
    )
    parts = _Parts(folder, rows.columns, site)
    held: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    count = 0
    for count, row in enumerate(rows.rows, 1):
        key = f"{site}={quote(str(row[keys[0]]), safe='')}/month={_month(row[keys[1]])}"
        held[key].append(row)
        if len(held[key]) == FILE:
            parts.write(key, held.pop(key))
        elif count % FILE == 0 and sum(map(len, held.values())) > HELD:
            biggest = max(held, key=lambda name: len(held[name]))
            parts.write(biggest, held.pop(biggest))
    for key, rest in held.items():
        parts.write(key, rest)
    return count


class _Parts:
    """Files of a partitioned export; what the folders' names say is left out of them."""

    def __init__(self, folder: Path, columns: tuple[str, ...], site: str) -> None:
        self._arrow, self._parquet = _arrow()
        self._folder, self._columns, self._site, self._number = folder, columns, site, 0

    def write(self, key: str, rows: list[tuple[object, ...]]) -> None:
        """A new file in the folder of that name."""
        self._number += 1
        file = self._folder / key / f"part-{self._number}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        table = self._arrow.Table.from_batches(
            _batches(
                self._arrow, Rows(self._columns, iter(rows)), _schema(self._arrow, self._columns)
            )
        )
        self._parquet.write_table(table.drop_columns([self._site]), file, compression="zstd")


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(
            f"Parquet needs pyarrow, which is not installed ({error})",
            "pip install 'newscrawl[parquet]'",
        ) from error
    return pyarrow, parquet


def _schema(arrow: Any, columns: tuple[str, ...]) -> Any:
    return arrow.schema([arrow.field(name, _kind(arrow, name)) for name in columns])


def _kind(arrow: Any, name: str) -> Any:
    kinds = {
        "list": arrow.list_(arrow.string()),
        "integer": arrow.int64(),
        "instant": arrow.timestamp("s", tz="UTC"),
        "text": arrow.string(),
    }
    return kinds[kind_of(name)]


def _batches(arrow: Any, rows: Rows, schema: Any) -> Iterator[Any]:
    while batch := list(islice(rows.rows, BATCH)):
        columns = zip(schema, zip(*batch, strict=True), strict=True)
        yield arrow.RecordBatch.from_arrays(
            [_array(arrow, field, values) for field, values in columns], schema=schema
        )


def _array(arrow: Any, field: Any, values: Sequence[Any]) -> Any:
    kind = kind_of(field.name)
    if kind == "list":
        return arrow.array([json.loads(value) for value in values], type=field.type)
    if kind == "instant":
        return arrow.array(values, type=arrow.string()).cast(field.type)
    return arrow.array(values, type=field.type)


def _month(value: object) -> str:
    return str(value)[:7] if value is not None and len(str(value)) >= 7 else NO_MONTH
