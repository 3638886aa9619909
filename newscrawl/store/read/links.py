"""The links around an article: what it points to, what points to it, and further."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from newscrawl.store.days import spans

Direction = Literal["out", "in"]
_SOURCE, _TARGET = 0, 1  # places in a link's row; by name they took a fifth of the time of a hub


@dataclass(frozen=True, slots=True)
class End:
    """An article at one end of a link. A stub has what links and listings said of it."""

    id: int
    site: str
    key: str
    url: str
    state: str
    title: str | None
    published_at: str | None
    published_local: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A link, `depth` steps from the article asked for (1: its own)."""

    depth: int
    kind: str
    position: int
    anchor: str | None
    first_seen_at: str
    last_seen_at: str
    source: End
    target: End


def edges(
    db: sqlite3.Connection,
    article_id: int,
    direction: Direction,
    *,
    kind: str | None = None,
    depth: int = 1,
    since: str | None = None,
    until: str | None = None,
    limit: int,
) -> list[Edge]:
    """The links within `depth` steps, near ones first, at most `limit`; each once, also where they make a circle.

    `since` and `until` are days of the linking site: only links last seen then are given, and walked along.
    """
    with_spans, bounds = spans(db, since, until)
    clauses, values = "", list[object]()
    if kind is not None:
        clauses, values = " AND l.kind = ?", [kind]
    if since or until:
        clauses += (
            " AND EXISTS (SELECT 1 FROM articles w JOIN span ON span.site = w.site WHERE w.id = l.source_id"
            " AND l.last_seen_at >= span.first AND l.last_seen_at < span.after)"
        )
    # The order of links to an article is that of their index: a hub is not read whole for its first few.
    end, order = (
        ("source_id", "kind, position, target_id")
        if direction == "out"
        else ("target_id", "source_id, kind")
    )
    statement = (
        f"WITH {with_spans} SELECT source_id, target_id, kind, position, anchor, first_seen_at, last_seen_at"
        f" FROM links l WHERE l.{end} = ?{clauses} ORDER BY {order} LIMIT ?"
    )
    other = _TARGET if direction == "out" else _SOURCE
    found: list[tuple[int, sqlite3.Row]] = []
    seen, level = {article_id}, [article_id]
    for step in range(1, depth + 1):
        further = set[int]()
        for walked in level:
            links = db.execute(statement, (*bounds, walked, *values, limit - len(found))).fetchall()
            found += ((step, link) for link in links)
            further.update(link[other] for link in links)
            if len(found) >= limit:
                return _with_ends(db, found)
        level = sorted(further - seen)
        seen |= further
    return _with_ends(db, found)


def _with_ends(db: sqlite3.Connection, found: Sequence[tuple[int, sqlite3.Row]]) -> list[Edge]:
    ids = {link[end] for _, link in found for end in (_SOURCE, _TARGET)}
    ends = {
        row[0]: End(*row)
        for row in db.execute(
            "SELECT id, site, key, url, state, title, published_at, published_local FROM articles"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(ids)),),
        )
    }
    return [
        Edge(step, kind, position, anchor, first, last, ends[source], ends[target])
        for step, (source, target, kind, position, anchor, first, last) in found
    ]
