"""Writes exported rows as Parquet with typed columns, to one file or to folders by site and month.

pyarrow is installed with `[parquet]`.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from newscrawl.core.crashpoints import reach
from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.extras import install_hint
from newscrawl.core.files import sync
from newscrawl.export.columns import kind_of
from newscrawl.store.read.export_rows import Rows

BATCH = 1000  # rows of a row group, and of a batch in memory
# A partitioned export writes this many rows to a file, and keeps that many of all files in memory.
ROWS_PER_FILE, ROWS_IN_MEMORY = 2000, 8000
SITE_COLUMNS = ("site", "source_site")
# The month of a row is that of the first of these columns that the rows have.
MONTH_COLUMNS = ("published_local", "source_published_at", "seen_at", "fetched_at")
MONTH_LENGTH = len("2026-09")
MONTH, NO_MONTH = "month", "unknown"

Row = tuple[object, ...]


def write_parquet(rows: Rows, out: BinaryIO) -> int:
    """Writes one file, and returns the number of rows. UsageError if pyarrow is not installed."""
    arrow, parquet = _import_arrow()
    schema = _schema(arrow, rows.columns)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in _batches(arrow, rows.rows, schema):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def arrow_table(rows: Rows) -> Any:
    """The rows as a pyarrow.Table, typed as in a file. UsageError if pyarrow is not installed."""
    arrow, _ = _import_arrow("a table of Arrow")
    schema = _schema(arrow, rows.columns)
    return arrow.Table.from_batches(_batches(arrow, rows.rows, schema), schema=schema)


def write_partitioned(rows: Rows, folder: Path) -> int:
    """Writes folders `site=…/month=YYYY-MM/`, which other programs read as one table.

    The files have the columns of the rows and `month`, because some programs do not read the names
    of folders. An earlier export in the folder is replaced once everything is written. Returns the
    number of rows. UsageError if the folder contains anything else.
    """
    folder = folder.absolute()
    new = folder.with_name(f".{folder.name}.part")
    old = folder.with_name(f".{folder.name}.old")
    try:
        _restore(folder, old)
        _check_replaceable(folder)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        count = _write_files(rows, new)
        sync(new)
        reach("mid_export")
        if folder.exists():
            folder.rename(old)
            reach("mid_export")
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(new, ignore_errors=True)
        raise StorageError(
            f"cannot write {folder}: {error.strerror or error}", "check the folder and its space"
        ) from error
    return count


def _restore(folder: Path, old: Path) -> None:
    """Undoes a replacement that a crash interrupted between its two renames."""
    if not old.exists():
        return
    if folder.exists():
        shutil.rmtree(old)
    else:
        old.rename(folder)


def _check_replaceable(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise UsageError(
            f"cannot write {folder}: it is in a folder that does not exist", "name one that exists"
        )
    if folder.exists() and not _is_partitioned_export(folder):
        raise UsageError(f"{folder} exists and is not a partitioned export", "name a new folder")


def _is_partitioned_export(folder: Path) -> bool:
    return folder.is_dir() and all("site=" in path.name for path in folder.iterdir())


def _write_files(rows: Rows, folder: Path) -> int:
    """Writes the rows to files, and returns their number.

    A file is written when a partition has ROWS_PER_FILE rows. When more than ROWS_IN_MEMORY rows
    wait, the largest partition is written. pyarrow.dataset is not used because it reads the rows in
    threads of its own, and those of SQLite belong to one thread.
    """
    site_column = next(name for name in SITE_COLUMNS if name in rows.columns)
    month_column = next(name for name in MONTH_COLUMNS if name in rows.columns)
    site_index = rows.columns.index(site_column)
    month_index = rows.columns.index(month_column)
    writer = _PartitionWriter(folder, rows.columns, site_column)
    waiting: defaultdict[str, list[Row]] = defaultdict(list)
    count = 0
    for count, row in enumerate(rows.rows, 1):
        month = _month(row[month_index])
        site = quote(str(row[site_index]), safe="")
        partition = f"{site_column}={site}/month={quote(month, safe='')}"
        waiting[partition].append((*row, month))
        if len(waiting[partition]) == ROWS_PER_FILE:
            writer.write(partition, waiting.pop(partition))
        elif count % ROWS_PER_FILE == 0 and _row_count(waiting) > ROWS_IN_MEMORY:
            largest = max(waiting, key=lambda name: len(waiting[name]))
            writer.write(largest, waiting.pop(largest))
    for partition, partition_rows in waiting.items():
        writer.write(partition, partition_rows)
    return count


def _row_count(partitions: Mapping[str, Sequence[Row]]) -> int:
    return sum(len(rows) for rows in partitions.values())


def _month(value: object) -> str:
    if value is None or len(str(value)) < MONTH_LENGTH:
        return NO_MONTH
    return str(value)[:MONTH_LENGTH]


class _PartitionWriter:
    """Writes the files of a partitioned export.

    The two columns that are also in the names of the folders are dictionaries of strings. pyarrow,
    and so pandas, reads them as such from the folders, and refuses a file that has another type.
    """

    def __init__(self, folder: Path, columns: tuple[str, ...], site_column: str) -> None:
        self._arrow, self._parquet = _import_arrow()
        self._folder = folder
        self._schema = _schema(self._arrow, [*columns, MONTH])
        dictionary = self._arrow.dictionary(self._arrow.int32(), self._arrow.string())
        for name in (site_column, MONTH):
            field = self._arrow.field(name, dictionary)
            self._schema = self._schema.set(self._schema.get_field_index(name), field)
        self._number = 0

    def write(self, partition: str, rows: list[Row]) -> None:
        """Writes a new file to the partition's folder."""
        self._number += 1
        file = self._folder / partition / f"part-{self._number}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        batches = _batches(self._arrow, iter(rows), self._schema)
        table = self._arrow.Table.from_batches(batches)
        self._parquet.write_table(table, file, compression="zstd")


def _import_arrow(purpose: str = "Parquet") -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet. UsageError if pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(
            f"{purpose} needs pyarrow, which is not installed ({error})",
            install_hint("parquet"),
        ) from error
    return pyarrow, parquet


def _schema(arrow: Any, columns: Iterable[str]) -> Any:
    types = {
        "list": arrow.list_(arrow.string()),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "instant": arrow.timestamp("s", tz="UTC"),
        "text": arrow.string(),
    }
    return arrow.schema([arrow.field(name, types[kind_of(name)]) for name in columns])


def _batches(arrow: Any, rows: Iterator[Row], schema: Any) -> Iterator[Any]:
    while batch := list(islice(rows, BATCH)):
        columns = zip(*batch, strict=True)
        arrays = [
            _array(arrow, field, values) for field, values in zip(schema, columns, strict=True)
        ]
        yield arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _array(arrow: Any, field: Any, values: Sequence[Any]) -> Any:
    kind = kind_of(field.name)
    if kind == "list":
        return arrow.array([json.loads(value) for value in values], type=field.type)
    if kind == "instant":
        return arrow.array(values, type=arrow.string()).cast(field.type)
    return arrow.array(values, type=field.type)
