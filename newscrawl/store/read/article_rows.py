"""The rows that belong to one article: itself, its revisions, its links, its raw pages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from newscrawl.store.read.export_rows import ALL, EXPORTS, Export, Rows, Window, chosen

Part = Literal["article", "revisions", "links_out", "links_in", "captures"]

_OF_ARTICLE = "a.id = :article"
_OF_KIND = "v.kind = ifnull(:kind, v.kind)"
PARTS: Mapping[Part, Export] = {
    "article": Export(select="a.*", source=f"FROM export_articles a WHERE {_OF_ARTICLE}"),
    "revisions": Export(
        select=EXPORTS["revisions"].select,
        source=EXPORTS["revisions"].source.format(where=_OF_ARTICLE),
    ),
    "links_out": Export(
        select="v.*",
        source=f"FROM article_links v WHERE v.source_id = :article AND {_OF_KIND}"
        " ORDER BY v.kind, v.position, v.target_id",
    ),
    "links_in": Export(
        select="v.*",
        source=f"FROM article_links v WHERE v.target_id = :article AND {_OF_KIND}"
        " ORDER BY v.source_id, v.kind",
    ),
    "captures": Export(
        select="p.id, p.url, p.status, p.fetched_at, p.etag, p.last_modified, p.warc_file,"
        " p.warc_offset, p.warc_length, p.payload_digest, r.revision",
        source="FROM captures p"
        " LEFT JOIN revisions r ON r.article_id = :article AND r.capture_id = p.id"
        " WHERE p.article_id = :article ORDER BY p.fetched_at, p.id",
    ),
}


def article_rows(
    db: sqlite3.Connection,
    part: Part,
    article_id: int,
    *,
    kind: str | None = None,
    columns: Sequence[str] = (),
    window: Window = ALL,
) -> Rows:
    """The rows in order: revisions and captures by time, links by kind and position.

    `kind`: only links of this kind. `columns`: these ones; all if none is named.
    """
    select = chosen(PARTS[part].select, columns)
    cursor = db.execute(
        f"SELECT {select} {PARTS[part].source} LIMIT :limit OFFSET :offset",
        _values(article_id, kind, window),
    )
    names = tuple(column[0] for column in cursor.description)
    return Rows(columns=names, rows=map(tuple, cursor))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What an article is cited with. `revision` is the number of the newest one, 0 for none."""

    id: int
    site: str
    key: str
    title: str | None
    url: str
    published_local: str | None
    revision: int
    state: str


def cited(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Cited]:
    """Those of these articles that the archive has, by id."""
    columns = ", ".join(each.name for each in fields(Cited))
    rows = db.execute(
        f"SELECT {columns} FROM articles WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    return {row["id"]: Cited(**dict(row)) for row in rows}


def count_article_rows(
    db: sqlite3.Connection, part: Part, article_id: int, *, kind: str | None = None
) -> int:
    """How many rows article_rows gives."""
    values = _values(article_id, kind, ALL)
    row = db.execute(f"SELECT count(*) {PARTS[part].source}", values).fetchone()
    return int(row[0])


def _values(article_id: int, kind: str | None, window: Window) -> dict[str, object]:
    limit, offset = window.values
    return {"article": article_id, "kind": kind, "limit": limit, "offset": offset}
