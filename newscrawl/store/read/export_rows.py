"""The rows of each export, streamed in a fixed order from the reader's snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from newscrawl.core.records import LIST_FIELDS
from newscrawl.store.filters import Filter

Subject = Literal["articles", "links", "listings", "revisions"]
SUBJECTS: tuple[Subject, ...] = ("articles", "links", "listings", "revisions")

# Larger batches make the memory allocator give pages back to the system and fetch them again for each of them.
BATCH = 32

# How the columns end that hold free text. Each of these is a cell of its own, since it often needs quotes; neighbours
# among the others (ids, addresses, times) are read as one cell, for which Python and SQLite do their work once.
FREE = ("title", "summary", "body", "anchor", "category", "raw")

# What is selected, and from where. The cross join fixes the order of the loops: articles by id, so that nothing has to
# be sorted or kept.
STATEMENTS: dict[Subject, tuple[str, str]] = {
    "articles": ("a.*", "FROM export_articles a WHERE {where} ORDER BY a.id"),
    "links": (
        "v.*",
        "FROM articles a CROSS JOIN article_links v ON v.source_id = a.id WHERE {where}"
        " ORDER BY a.id, v.kind, v.position, v.target_id",
    ),
    "listings": (
        "v.*",
        "FROM crawls w CROSS JOIN front_pages v ON v.crawl_id = w.id JOIN articles a ON a.id = v.article_id"
        " JOIN categories c ON c.site = v.site AND c.key = v.category_key WHERE {where}"
        " ORDER BY w.id, v.site, v.category_key, v.page, v.position",
    ),
    "revisions": (
        "r.article_id, a.site, a.key, a.url, r.revision, r.fetched_at, r.title, r.summary, r.body,"
        " r.body_hash, r.modified_at, r.template, r.extractor, p.warc_file, p.warc_offset, p.warc_length",
        "FROM articles a CROSS JOIN revisions r ON r.article_id = a.id LEFT JOIN captures p ON p.id = r.capture_id"
        " WHERE {where} ORDER BY a.id, r.revision",
    ),
}
# Where the id of the category that is asked for stands, if not in the articles row.
CATEGORIES: dict[Subject, str] = {
    "articles": "(SELECT x.category_id FROM articles x WHERE x.id = a.id)",
    "listings": "c.id",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """`columns` in order; `rows` can be walked once, while the database is open."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Cells:
    """As Rows, with each value as the UTF-8 text of it, NULL as no text, and a few rows at a time.

    `widths` says how many columns each cell of a row stands for, one each unless it is given. A cell that stands
    for several is a JSON array of their texts.
    """

    columns: tuple[str, ...]
    batches: Iterator[Sequence[tuple[bytes, ...]]]
    widths: tuple[int, ...] = ()


def count_gone(db: sqlite3.Connection, only: Filter) -> int:
    """How many of the articles that an export takes were read and are no longer on their site."""
    where, values = only.where(db)
    # By site, so that the index on site and state is used and the archive is not read a second time.
    gone = "sites s CROSS JOIN articles a ON a.site = s.site AND a.state = 'gone'"
    row = db.execute(f"SELECT count(*) FROM {gone} WHERE {where} AND a.revision > 0", values)
    return int(row.fetchone()[0])


def export_rows(
    db: sqlite3.Connection, subject: Subject, only: Filter, *, stubs: bool = False
) -> Rows:
    """The rows of one table of the export. Articles that were never read are left out unless `stubs`.

    For links the filter is about the source, for listings about the article shown; there `--category` is the
    category page that showed it. UsageError for a site or category that the archive lacks.
    """
    select, source, values = _statement(db, subject, only, stubs)
    cursor = db.execute(f"SELECT {select} {source}", values)
    return Rows(_columns(cursor), (tuple(row) for row in cursor))


def export_cells(
    db: sqlite3.Connection, subject: Subject, only: Filter, *, stubs: bool = False
) -> Cells:
    """The same rows as export_rows gives, as text: no number or string of Python's is made of what is only copied."""
    select, source, values = _statement(db, subject, only, stubs)
    columns = _columns(db.execute(f"SELECT {select} {source} LIMIT 0", values))
    table = select.removesuffix("*")
    selected = [table + name for name in columns] if select.endswith("*") else select.split(", ")
    groups = _groups(columns)
    texts = ", ".join(_text([selected[place] for place in group]) for group in groups)
    cursor = db.cursor()
    cursor.row_factory = None  # plain tuples
    cursor.execute(f"SELECT {texts} {source}", values)
    return Cells(columns, iter(lambda: cursor.fetchmany(BATCH), []), tuple(map(len, groups)))


def _groups(columns: Sequence[str]) -> list[list[int]]:
    """The places of the columns, those that share a cell together."""
    groups: list[list[int]] = []
    for free, neighbours in groupby(range(len(columns)), lambda place: _is_free(columns[place])):
        places = list(neighbours)
        groups += [[place] for place in places] if free else [places]
    return groups


def _is_free(column: str) -> bool:
    return column in LIST_FIELDS or column.endswith(FREE)


def _text(columns: Sequence[str]) -> str:
    """The expression of the cell that stands for them."""
    if len(columns) == 1:
        return f"CAST(ifnull({columns[0]}, '') AS BLOB)"
    texts = ", ".join(f"CAST(ifnull({column}, '') AS TEXT)" for column in columns)
    return f"CAST(json_array({texts}) AS BLOB)"


def _statement(
    db: sqlite3.Connection, subject: Subject, only: Filter, stubs: bool
) -> tuple[str, str, list[object]]:
    held = None if subject == "listings" else "a"  # what a category page showed, it showed
    where, values = only.where(db, category=CATEGORIES.get(subject, "a.category_id"), held=held)
    if subject == "articles" and not stubs:
        where += " AND a.revision > 0"
    select, source = STATEMENTS[subject]
    return select, source.format(where=where), values


def _columns(cursor: sqlite3.Cursor) -> tuple[str, ...]:
    return tuple(column[0] for column in cursor.description)
