"""Results as lazy sequences, which become data frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

from newscrawl.api.frames import arrow_frame, pandas_frame, polars_frame
from newscrawl.api.html import table_html
from newscrawl.core.errors import UsageError
from newscrawl.core.query import Query
from newscrawl.core.text import counted
from newscrawl.store.read.export_rows import ALL, Rows, Window

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Row_co = TypeVar("Row_co", covariant=True)
SHOWN_ROWS = 10  # in a notebook
LONGEST_REPR = 3  # rows
LARGEST = 2**53  # more rows than any archive has; SQLite knows no number above 2**63


class Source(Protocol[Row_co]):
    """Where the rows of a table come from."""

    @property
    def noun(self) -> str:
        """The plural word for the rows."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the attributes of a row."""

    @property
    def queries(self) -> tuple[Query, ...]:
        """What was searched for; empty without a search."""

    def count(self) -> int:
        """The number of all rows."""

    def read(self, columns: Sequence[str], window: Window) -> Iterator[tuple[Any, ...]]:
        """Values as the archive stores them: times and lists as text."""

    def row(self, values: tuple[Any, ...]) -> Row_co:
        """The row with the values of all columns."""


class Table(Sequence[Row_co], Generic[Row_co]):
    """A sequence of rows that are read when they are needed.

    `len()` counts, `table[3]` reads one row, a loop streams them, and a slice is another table.
    Nothing is kept, so each of these asks the archive anew: while a crawl runs, a later one may see
    more rows. A loop sees one state of the archive.
    """

    def __init__(self, source: Source[Row_co], window: Window = ALL) -> None:
        self._source = source
        self._window = window

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the attributes of a row, and the columns of a data frame."""
        return self._source.columns

    @property
    def queries(self) -> tuple[Query, ...]:
        """What was searched for, each as it was understood; empty without a search."""
        return self._source.queries

    @property
    def understood(self) -> str:
        """The query with all its operators and parentheses; empty without one.

        Of several queries, one in each line.
        """
        return "\n".join(query.understood for query in self.queries)

    @property
    def note(self) -> str | None:
        """What of the query was not understood, and what was searched instead.

        None if all was understood. Of several queries, one line for each with a note.
        """
        notes = [query for query in self.queries if query.note]
        if len(self.queries) == 1:
            return self.queries[0].note
        return "\n".join(f"{query.typed!r}: {query.note}" for query in notes) or None

    def __len__(self) -> int:
        count = max(self._source.count() - self._window.offset, 0)
        return count if self._window.limit is None else min(count, self._window.limit)

    def __iter__(self) -> Iterator[Row_co]:
        for values in self._source.read(self.columns, self._window):
            yield self._source.row(values)

    @overload
    def __getitem__(self, index: int) -> Row_co: ...

    @overload
    def __getitem__(self, index: slice) -> Table[Row_co]: ...

    def __getitem__(self, index: int | slice) -> Row_co | Table[Row_co]:
        """A row, counted from 0 or with a negative index from the end; IndexError if there is none.

        A slice is lazy too. ValueError for one with a step.
        """
        if isinstance(index, slice):
            return self._slice(index)
        if index < 0:
            index += len(self)
        if index < 0:
            raise IndexError("index out of range")
        for row in Table(self._source, self._part(index, index + 1)):
            return row
        raise IndexError("index out of range")

    def _slice(self, index: slice) -> Table[Row_co]:
        if index.step not in (None, 1):
            raise ValueError(f"slices cannot have a step: use list(table)[::{index.step}]")
        start = index.start or 0
        stop = index.stop
        if start < 0 or (stop is not None and stop < 0):
            start, stop, _ = index.indices(len(self))
        return Table(self._source, self._part(start, stop))

    def _part(self, start: int, stop: int | None) -> Window:
        """The window on the rows from `start` to before `stop` of this one."""
        stops = [each for each in (stop, self._window.limit) if each is not None]
        limit = max(min(*stops, LARGEST) - start, 0) if stops else None
        return Window(min(self._window.offset + start, LARGEST), limit)

    def to_pandas(self, columns: Sequence[str] | None = None) -> pandas.DataFrame:
        """A pandas.DataFrame of all rows, or of these columns only, which needs less memory.

        Times are UTC (`datetime64`), whole numbers `Int64`, lists are lists, and a missing value is
        NA. UsageError for an unknown column, or if pandas is not installed.
        """
        return pandas_frame(self._rows(columns))

    def to_polars(self, columns: Sequence[str] | None = None) -> polars.DataFrame:
        """A polars.DataFrame, with times in UTC and lists of strings.

        UsageError for an unknown column, or if polars is not installed.
        """
        return polars_frame(self._rows(columns))

    def to_arrow(self, columns: Sequence[str] | None = None) -> pyarrow.Table:
        """A pyarrow.Table with the types of `newscrawl export --format parquet`.

        UsageError for an unknown column, or if pyarrow is not installed.
        """
        return arrow_frame(self._rows(columns))

    def _rows(self, columns: Sequence[str] | None) -> Rows:
        if isinstance(columns, str):
            columns = [columns]
        names = self.columns if columns is None else tuple(columns)
        unknown = [name for name in names if name not in self.columns]
        if unknown:
            raise UsageError(
                f"there is no column {unknown[0]!r}", f"the columns are: {', '.join(self.columns)}"
            )
        return Rows(columns=names, rows=self._source.read(names, self._window))

    def __repr__(self) -> str:
        first = [repr(row) for row in self[:LONGEST_REPR]]
        count = len(self)
        more = ", …" if count > len(first) else ""
        return (
            f"<{counted(count, self._source.noun.removesuffix('s'))}: [{', '.join(first)}{more}]>"
        )

    def _repr_html_(self) -> str:
        """The first rows, for a notebook."""
        rows = list(self._source.read(self.columns, self._part(0, SHOWN_ROWS)))
        return table_html(self.columns, rows, len(self))
