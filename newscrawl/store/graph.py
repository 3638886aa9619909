"""The links around an article: what it points to, what points to it, and further."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from .days import spans

Direction = Literal["out", "in"]

# Articles walked through at most: with ten links a page, four steps reach this many anyway.
MOST_ARTICLES = 20_000


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
    near, far = ("source_id", "target_id") if direction == "out" else ("target_id", "source_id")
    with_spans, bounds = spans(db, since, until)
    when = (
        " AND EXISTS (SELECT 1 FROM articles w JOIN span ON span.site = w.site WHERE w.id = l.source_id"
        " AND l.last_seen_at >= span.first AND l.last_seen_at < span.after)"
    )
    when = when if since or until else ""
    # The queue of a recursive query is first in, first out: what is cut off by its LIMIT is what lies furthest.
    rows = db.execute(
        f"""
        WITH RECURSIVE {with_spans}, walk(id, depth) AS (
            VALUES (?, 0)
            UNION
            SELECT l.{far}, walk.depth + 1 FROM walk JOIN links l ON l.{near} = walk.id
            WHERE walk.depth + 1 < ? AND l.kind = ifnull(?, l.kind){when}
            LIMIT ?
        ),
        reached AS MATERIALIZED (SELECT id, min(depth) AS depth FROM walk GROUP BY id)
        SELECT r.depth + 1, l.kind, l.position, l.anchor, l.first_seen_at, l.last_seen_at,
            s.id, s.site, s.key, s.url, s.state, s.title, s.published_at, s.published_local,
            t.id, t.site, t.key, t.url, t.state, t.title, t.published_at, t.published_local
        FROM reached r CROSS JOIN links l ON l.{near} = r.id
        JOIN articles s ON s.id = l.source_id JOIN articles t ON t.id = l.target_id
        WHERE l.kind = ifnull(?, l.kind){when}
        ORDER BY r.depth, l.{near}, l.kind, l.position, l.{far} LIMIT ?
        """,
        (*bounds, article_id, depth, kind, MOST_ARTICLES, kind, limit),
    )
    return [_edge(tuple(row)) for row in rows]


def _edge(row: tuple[Any, ...]) -> Edge:
    depth, kind, position, anchor, first_seen_at, last_seen_at, *ends = row
    return Edge(depth, kind, position, anchor, first_seen_at, last_seen_at, End(*ends[:8]), End(*ends[8:]))
