"""The rows of each export, streamed in a fixed order from the reader's snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from newscrawl.core.records import LIST_FIELDS
from newscrawl.store.filters import Filter

Subject = Literal["articles", "links", "listings", "revisions"]
SUBJECTS: tuple[Subject, ...] = ("articles", "links", "listings", "revisions")

# Larger batches make the memory allocator return pages to the system and fetch them again for each
# batch.
BATCH = 32

# Columns of free text end in one of these. Each is a cell of its own, since it often needs quotes.
# Neighbours among the other columns (ids, addresses, times) are read as one cell, so that Python
# and SQLite handle them once.
FREE_TEXT = ("title", "summary", "body", "anchor", "category", "raw")


@dataclass(frozen=True, slots=True)
class Export:
    """The SQL of one export: what is selected, from where, and the category that a filter means."""

    select: str
    source: str
    category: str = "a.category_id"


# The cross joins fix the order of the loops: articles by id, so that nothing has to be sorted or
# kept in memory.
EXPORTS: dict[Subject, Export] = {
    "articles": Export(
        select="a.*",
        source="FROM export_articles a WHERE {where} ORDER BY a.id",
        category="(SELECT x.category_id FROM articles x WHERE x.id = a.id)",
    ),
    "links": Export(
        select="v.*",
        source="FROM articles a CROSS JOIN article_links v ON v.source_id = a.id WHERE {where}"
        " ORDER BY a.id, v.kind, v.position, v.target_id",
    ),
    "listings": Export(
        select="v.*",
        source="FROM crawls w CROSS JOIN front_pages v ON v.crawl_id = w.id"
        " JOIN articles a ON a.id = v.article_id"
        " JOIN categories c ON c.site = v.site AND c.key = v.category_key WHERE {where}"
        " ORDER BY w.id, v.site, v.category_key, v.page, v.position",
        category="c.id",
    ),
    "revisions": Export(
        select="r.article_id, a.site, a.key, a.url, r.revision, r.fetched_at, r.title, r.summary,"
        " r.body, r.body_hash, r.modified_at, r.template, r.extractor,"
        " p.warc_file, p.warc_offset, p.warc_length",
        source="FROM articles a CROSS JOIN revisions r ON r.article_id = a.id"
        " LEFT JOIN captures p ON p.id = r.capture_id WHERE {where} ORDER BY a.id, r.revision",
    ),
}


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of rows: the first `offset` ones are skipped, then at most `limit` are read."""

    offset: int = 0
    limit: int | None = None

    @property
    def values(self) -> tuple[int, int]:
        """The values of `LIMIT ? OFFSET ?`. SQLite reads -1 as no limit."""
        return (-1 if self.limit is None else self.limit), self.offset


ALL = Window()


@dataclass(frozen=True, slots=True)
class Rows:
    """`columns` in order; `rows` can be walked once, while the database is open."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Cells:
    """Like Rows, but each value is its text in UTF-8, NULL is empty text, and rows come in batches.

    `widths` says how many columns each cell of a row stands for; empty means one each. A cell that
    stands for several columns is a JSON array of their texts.
    """

    columns: tuple[str, ...]
    batches: Iterator[Sequence[tuple[bytes, ...]]]
    widths: tuple[int, ...] = ()


def count_gone(db: sqlite3.Connection, only: Filter) -> int:
    """How many of the articles in an export were read and are no longer on their site."""
    conditions = only.conditions(db)
    # By site, so that the index on site and state is used and the archive is not read a second
    # time.
    row = db.execute(
        "SELECT count(*) FROM sites s CROSS JOIN articles a ON a.site = s.site AND a.state = 'gone'"
        f" WHERE {conditions.sql} AND a.revision > 0",
        conditions.values,
    ).fetchone()
    return int(row[0])


def export_rows(
    db: sqlite3.Connection,
    subject: Subject,
    only: Filter,
    *,
    stubs: bool = False,
    columns: Sequence[str] = (),
    window: Window = ALL,
) -> Rows:
    """The rows of one table of the export, with these of its columns; all if none is named.

    Articles that were never read are left out unless `stubs`.

    For links the filter is about the source. For listings it is about the article shown, and the
    category is that of the category page. UsageError for a site or category that the archive lacks.
    """
    source, values = _source(db, subject, only, stubs)
    select = chosen(EXPORTS[subject].select, columns)
    cursor = db.execute(f"SELECT {select} {source} LIMIT ? OFFSET ?", [*values, *window.values])
    return Rows(columns=_columns(cursor), rows=map(tuple, cursor))


def chosen(select: str, columns: Sequence[str]) -> str:
    """Those expressions of a select list that give these columns, in their order."""
    if not columns:
        return select
    if select.endswith(".*"):
        return ", ".join(select.removesuffix("*") + column for column in columns)
    by_column = {expression.rpartition(".")[2]: expression for expression in select.split(", ")}
    return ", ".join(by_column[column] for column in columns)


def count_export(
    db: sqlite3.Connection, subject: Subject, only: Filter, *, stubs: bool = False
) -> int:
    """How many rows export_rows gives."""
    source, values = _source(db, subject, only, stubs)
    return int(db.execute(f"SELECT count(*) {source}", values).fetchone()[0])


def export_cells(
    db: sqlite3.Connection, subject: Subject, only: Filter, *, stubs: bool = False
) -> Cells:
    """The rows of export_rows as text: Python makes no number or string of what is only copied."""
    source, values = _source(db, subject, only, stubs)
    select = EXPORTS[subject].select
    columns = _columns(db.execute(f"SELECT {select} {source} LIMIT 0", values))
    if select.endswith("*"):
        table = select.removesuffix("*")
        expressions = [table + column for column in columns]
    else:
        expressions = select.split(", ")
    return as_cells(db, dict(zip(columns, expressions, strict=True)), source, values)


def as_cells(
    db: sqlite3.Connection, select: Mapping[str, str], source: str, values: Sequence[object]
) -> Cells:
    """The rows of a statement; `select` has the SQL expression of each column."""
    columns = tuple(select)
    expressions = tuple(select.values())
    groups = _groups(columns)
    cells = [_cell([expressions[index] for index in group]) for group in groups]
    cursor = db.cursor()
    cursor.row_factory = None  # plain tuples
    cursor.execute(f"SELECT {', '.join(cells)} {source}", values)
    return Cells(
        columns=columns,
        batches=iter(lambda: cursor.fetchmany(BATCH), []),
        widths=tuple(len(group) for group in groups),
    )


def _groups(columns: Sequence[str]) -> list[list[int]]:
    """The indexes of the columns; those that share a cell are in one group."""
    groups: list[list[int]] = []
    is_free = [_is_free_text(column) for column in columns]
    for free, neighbours in groupby(range(len(columns)), lambda index: is_free[index]):
        indexes = list(neighbours)
        if free:
            groups += [[index] for index in indexes]
        else:
            groups.append(indexes)
    return groups


def _is_free_text(column: str) -> bool:
    return column in LIST_FIELDS or column.endswith(FREE_TEXT)


def _cell(expressions: Sequence[str]) -> str:
    """The SQL expression of the cell that stands for these columns."""
    if len(expressions) == 1:
        return f"CAST(ifnull({expressions[0]}, '') AS BLOB)"
    texts = ", ".join(f"CAST(ifnull({each}, '') AS TEXT)" for each in expressions)
    return f"CAST(json_array({texts}) AS BLOB)"


def _source(
    db: sqlite3.Connection, subject: Subject, only: Filter, stubs: bool
) -> tuple[str, list[object]]:
    """The FROM clause with the conditions of the filter, and their values."""
    export = EXPORTS[subject]
    # A listing records what a category page showed, whatever the state of the article is now.
    conditions = only.conditions(db, category=export.category, with_hidden=subject == "listings")
    if subject == "articles" and not stubs:
        conditions.add("a.revision > 0")
    return export.source.format(where=conditions.sql), conditions.values


def _columns(cursor: sqlite3.Cursor) -> tuple[str, ...]:
    return tuple(column[0] for column in cursor.description)
