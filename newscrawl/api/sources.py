"""Where tables come from: the exports, one article, or a list that was read at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from newscrawl.api.records import FrontSlot, columns_of, values_of
from newscrawl.api.table import Table
from newscrawl.core.query import Query
from newscrawl.core.query_parser import parse_query
from newscrawl.store.filters import Filter
from newscrawl.store.read.article_rows import Part, article_rows, count_article_rows
from newscrawl.store.read.export_rows import Subject, Window, count_export, export_rows

if TYPE_CHECKING:
    from newscrawl.api.archive import Archive
    from newscrawl.store.read.front_pages import CategoryFront, Front, FrontEntry
    from newscrawl.store.read.revisions import Edited
    from newscrawl.store.read.volume import Volume

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSource(Generic[T]):
    """The rows of one subject of `newscrawl export`, in its order."""

    archive: Archive
    subject: Subject
    only: Filter
    record: type[T]
    stubs: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)  # what a record has beside its columns

    @property
    def noun(self) -> str:
        return self.subject

    @property
    def columns(self) -> tuple[str, ...]:
        return columns_of(self.record)

    def count(self) -> int:
        with self.archive.reading() as reader:
            return count_export(reader.db, self.subject, self.only, stubs=self.stubs)

    def read(self, columns: Sequence[str], window: Window) -> Iterator[tuple[Any, ...]]:
        with self.archive.reading() as reader:
            rows = export_rows(
                reader.db,
                self.subject,
                self.only,
                stubs=self.stubs,
                columns=columns,
                window=window,
            )
            yield from rows.rows

    def row(self, values: tuple[Any, ...]) -> T:
        with self.archive.naming_damage():
            return self.record(**values_of(self.columns, values), **self.extra)

    @property
    def queries(self) -> tuple[Query, ...]:
        return () if self.only.search is None else (parse_query(self.only.search),)

    def table(self) -> Table[T]:
        """All rows."""
        return Table(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSource(Generic[T]):
    """Rows that belong to one article."""

    archive: Archive
    part: Part
    article_id: int
    kind: str | None
    record: type[T]
    queries: tuple[Query, ...] = ()

    @property
    def noun(self) -> str:
        return self.part.partition("_")[0]

    @property
    def columns(self) -> tuple[str, ...]:
        return columns_of(self.record)

    def count(self) -> int:
        with self.archive.reading() as reader:
            return count_article_rows(reader.db, self.part, self.article_id, kind=self.kind)

    def read(self, columns: Sequence[str], window: Window) -> Iterator[tuple[Any, ...]]:
        with self.archive.reading() as reader:
            rows = article_rows(
                reader.db,
                self.part,
                self.article_id,
                kind=self.kind,
                columns=columns,
                window=window,
            )
            yield from rows.rows

    def row(self, values: tuple[Any, ...]) -> T:
        with self.archive.naming_damage():
            return self.record(**values_of(self.columns, values))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSource(Generic[T]):
    """Rows that were read at once, as tuples of the values that the archive stores."""

    noun: str
    record: type[T]
    rows: Sequence[tuple[Any, ...]]
    queries: tuple[Query, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return columns_of(self.record)

    def count(self) -> int:
        return len(self.rows)

    def read(self, columns: Sequence[str], window: Window) -> Iterator[tuple[Any, ...]]:
        indexes = [self.columns.index(name) for name in columns]
        stop = None if window.limit is None else window.offset + window.limit
        for values in self.rows[window.offset : stop]:
            yield tuple(values[index] for index in indexes)

    def row(self, values: tuple[Any, ...]) -> T:
        return self.record(**values_of(self.columns, values))

    def table(self) -> Table[T]:
        """All rows."""
        return Table(self)


def article_table(
    archive: Archive, part: Part, article_id: int, record: type[T], kind: str | None = None
) -> Table[T]:
    """The rows that belong to one article, as records."""
    source = ArticleSource(
        archive=archive, part=part, article_id=article_id, kind=kind, record=record
    )
    return Table(source)


def front_rows(page: Front) -> list[tuple[Any, ...]]:
    """The values of FrontSlot: each category from the top, then what is no longer there."""
    rows = []
    for category in page.categories:
        for slot in category.slots:
            rows.append(_slot_row(category, slot, slot.rank, slot.move))
        for slot in category.left:
            rows.append(_slot_row(category, slot, None, "left"))
    return rows


def _slot_row(
    category: CategoryFront, slot: FrontEntry, place: int | None, move: str
) -> tuple[Any, ...]:
    own = {
        "category_key": category.key,
        "category": category.name,
        "seen_at": category.seen_at,
        "place": place,
        "move": move,
    }
    return tuple(
        own[name] if name in own else getattr(slot, name) for name in columns_of(FrontSlot)
    )


def change_row(edited: Edited) -> tuple[Any, ...]:
    """The values of Change."""
    numbers = list(map(str, edited.edit.numbers))
    return (
        edited.id,
        edited.site,
        edited.key,
        edited.title,
        edited.published_local,
        edited.seen_at,
        edited.revision,
        json.dumps(edited.edit.kinds),
        json.dumps(numbers),
        edited.edit.notice,
        int(edited.edit.coarse),
    )


def volume_rows(volume: Volume) -> list[tuple[Any, ...]]:
    """The values of VolumeCount: for each name, one row for each query."""
    rows = []
    for count in volume.counts:
        for query, articles, share in zip(
            volume.queries, count.articles, count.shares, strict=True
        ):
            rows.append((count.name, query.typed, articles, share))
    return rows
