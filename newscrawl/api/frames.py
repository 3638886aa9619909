"""Rows as data frames of pandas, polars and Arrow. Each library is imported when it is used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from newscrawl.core.errors import UsageError
from newscrawl.core.extras import install_hint
from newscrawl.export.columns import kind_of

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from newscrawl.store.read.export_rows import Rows


def missing(library: str, extra: str, error: ImportError) -> UsageError:
    """The error of a library that is not installed, with the command that installs it."""
    return UsageError(
        f"this needs {library}, which is not installed ({error})", install_hint(extra)
    )


def pandas_frame(rows: Rows) -> pandas.DataFrame:
    """See Table.to_pandas."""
    try:
        import pandas
    except ImportError as error:
        raise missing("pandas", "dataframes", error) from error
    series = {
        name: _pandas_series(pandas, name, values) for name, values in _columns_of(rows).items()
    }
    return pandas.DataFrame(series, columns=list(rows.columns))


def _pandas_series(pandas: Any, name: str, values: Sequence[Any]) -> Any:
    kind = kind_of(name)
    if kind == "list":
        return pandas.Series(_lists(values), dtype="object")
    if kind == "instant":
        texts = pandas.Series(values, dtype="object")
        return pandas.to_datetime(texts, utc=True, format="ISO8601").dt.as_unit("s")
    if kind == "integer":
        return pandas.Series(values, dtype="Int64")
    return pandas.Series(values, dtype="float64" if kind == "number" else "str")


def polars_frame(rows: Rows) -> polars.DataFrame:
    """See Table.to_polars."""
    try:
        import polars
    except ImportError as error:
        raise missing("polars", "dataframes", error) from error
    series = [_polars_series(polars, name, values) for name, values in _columns_of(rows).items()]
    return polars.DataFrame(series)


def _polars_series(polars: Any, name: str, values: Sequence[Any]) -> Any:
    kind = kind_of(name)
    if kind == "list":
        return polars.Series(name, _lists(values), dtype=polars.List(polars.String))
    if kind == "instant":
        texts = polars.Series(name, values, dtype=polars.String)
        moments = texts.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms")
        return moments.dt.replace_time_zone("UTC")
    types = {"integer": polars.Int64, "number": polars.Float64, "text": polars.String}
    return polars.Series(name, values, dtype=types[kind])


def arrow_frame(rows: Rows) -> pyarrow.Table:
    """See Table.to_arrow."""
    from newscrawl.export.parquet import arrow_table

    return arrow_table(rows)


def _columns_of(rows: Rows) -> dict[str, list[Any]]:
    """The values by column. Reads all rows."""
    columns: dict[str, list[Any]] = {name: [] for name in rows.columns}
    appends = [values.append for values in columns.values()]
    for row in rows.rows:
        for append, value in zip(appends, row, strict=True):
            append(value)
    return columns


def _lists(values: Sequence[Any]) -> list[list[str] | None]:
    return [None if value is None else json.loads(value) for value in values]
