"""What a search finds, in the order of its rank, with the text around the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newscrawl.api.records import State, columns_of, values_of
from newscrawl.api.table import Table
from newscrawl.core.query import Query
from newscrawl.core.query_parser import parse_query
from newscrawl.store.filters import Filter
from newscrawl.store.read.export_rows import Window
from newscrawl.store.read.search import Order, Search, Total

if TYPE_CHECKING:
    from newscrawl.api.archive import Archive
    from newscrawl.api.article import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that a search found. `id` is that of the article.

    `snippet` is the text around the words, which are in [brackets]. `rank` is lower for a better
    match (bm25); None where there is none, as in a search by time.
    """

    id: int
    site: str
    key: str
    url: str = field(repr=False)
    state: State
    title: str | None
    category: str | None
    published_at: datetime | None = field(repr=False)
    published_local: str | None
    snippet: str = field(repr=False)
    rank: float | None = field(repr=False)


class SearchResults(Table[Hit]):
    """Everything that a query finds, the best or the newest first.

    `len()` counts exactly, which takes a second for a word of a million articles; a loop and
    `results[:20]` do not count.
    """

    def __init__(self, archive: Archive, query: str, only: Filter, order: Order) -> None:
        self._archive = archive
        self._only = only
        self._query = query
        self._matches = _SearchSource(archive=archive, query=query, only=only, order=order)
        super().__init__(self._matches)

    def total(self, *, exact: bool) -> Total:
        """How many `articles` there are; unless `exact`, this may be a lower bound.

        A lower bound takes no longer for a common word than for a rare one, and says so: its
        `exact` is False.
        """
        return self._matches.total(exact=exact)

    @property
    def articles(self) -> Table[Article]:
        """The same articles with all columns and their texts, in the order of their ids."""
        return self._archive.all_articles(replace(self._only, search=self._query))


@dataclass(frozen=True, slots=True, kw_only=True)
class _SearchSource:
    """The matches of a query."""

    archive: Archive
    query: str
    only: Filter
    order: Order

    @property
    def noun(self) -> str:
        return "hits"

    @property
    def columns(self) -> tuple[str, ...]:
        return columns_of(Hit)

    @property
    def queries(self) -> tuple[Query, ...]:
        return (parse_query(self.query),)

    def count(self) -> int:
        return self.total(exact=True).articles

    def total(self, *, exact: bool) -> Total:
        with self.archive.reading() as reader:
            return Search(reader.db, self.query, self.only, self.order).total(exact=exact)

    def read(self, columns: Sequence[str], window: Window) -> Iterator[tuple[Any, ...]]:
        with self.archive.reading() as reader:
            search = Search(reader.db, self.query, self.only, self.order)
            for hit in search.hits(window.limit, window.offset):
                values = {name: getattr(hit, name) for name in columns}
                if "snippet" in values:
                    values["snippet"] = hit.snippet.marked()
                yield tuple(values.values())

    def row(self, values: tuple[Any, ...]) -> Hit:
        with self.archive.naming_damage():
            return Hit(**values_of(self.columns, values))
