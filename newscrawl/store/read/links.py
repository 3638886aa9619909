"""Links between articles: around one article, the most linked ones, and the whole graph as a stream."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from newscrawl.store.days import spans
from newscrawl.store.filters import Filter, check_site

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


@dataclass(frozen=True, slots=True)
class MostLinked:
    """An article with the number of articles that point to it, and how many by each kind of link."""

    id: int
    site: str
    key: str
    url: str
    state: str
    title: str | None
    published_local: str | None
    linked_by: int
    related: int
    same_category: int
    inline: int
    first_seen_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True)
class LinkFilter:
    """`since` and `until` are days of the linking site: the link was last seen then. `site` is that of the target."""

    kind: str | None = None
    site: str | None = None
    since: str | None = None
    until: str | None = None


def most_linked(db: sqlite3.Connection, only: LinkFilter, limit: int) -> list[MostLinked]:
    """The most linked articles first; UsageError for an unknown site."""
    if only.site is not None:
        check_site(db, only.site)
    with_spans, values = spans(db, only.since, only.until)
    dated = only.since is not None or only.until is not None
    # Links join their source's row only where days are asked for: the count itself needs the links alone.
    when = (
        " AND EXISTS (SELECT 1 FROM articles s JOIN span ON span.site = s.site WHERE s.id = l.source_id"
        " AND l.last_seen_at >= span.first AND l.last_seen_at < span.after)"
    )
    rows = db.execute(
        f"WITH {with_spans}, counted AS ("
        " SELECT target_id, count(DISTINCT source_id) AS linked_by, sum(kind = 'related') AS related,"
        " sum(kind = 'same_category') AS same_category, sum(kind = 'inline') AS inline,"
        " min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at"
        f" FROM links l WHERE kind = ifnull(?, kind){when if dated else ''} GROUP BY target_id)"
        " SELECT t.id, t.site, t.key, t.url, t.state, t.title, t.published_local, c.linked_by, c.related,"
        " c.same_category, c.inline, c.first_seen_at, c.last_seen_at"
        " FROM counted c JOIN articles t ON t.id = c.target_id WHERE t.site = ifnull(?, t.site)"
        " ORDER BY c.linked_by DESC, t.id LIMIT ?",
        (*values, only.kind, only.site, limit),
    )
    return [MostLinked(*row) for row in rows]


# Both walk the articles by id, so that nothing is sorted or kept, however many links there are.
_NODES = (
    "SELECT n.id, n.site, n.key, n.url, n.state, n.title, n.published_at FROM articles n"
    " WHERE {own} AND EXISTS (SELECT 1 FROM links l WHERE l.source_id = n.id) OR EXISTS"
    " (SELECT 1 FROM links l CROSS JOIN articles a ON a.id = l.source_id WHERE l.target_id = n.id AND {where})"
    " ORDER BY n.id"
)
_EDGES = (
    "SELECT l.source_id, l.target_id, l.kind, l.position, l.first_seen_at, l.last_seen_at"
    " FROM articles a CROSS JOIN links l ON l.source_id = a.id WHERE {where}"
    " ORDER BY a.id, l.kind, l.position, l.target_id"
)


@dataclass(frozen=True, slots=True)
class LinkGraph:
    """Nodes (id, site, key, url, state, title, published_at), edges (source, target, kind, position, first, last)."""

    nodes: Iterator[tuple[object, ...]]
    edges: Iterator[tuple[object, ...]]


def link_graph(db: sqlite3.Connection, only: Filter) -> LinkGraph:
    """The links whose source the filter takes, and every article at an end of one. Walk the nodes first."""
    where, values = only.where(db)
    own, _ = only.where(db, "n", "n.category_id", held="n")
    nodes = db.execute(_NODES.format(own=own, where=where), [*values, *values])
    edges = db.execute(_EDGES.format(where=where), values)
    return LinkGraph((tuple(row) for row in nodes), (tuple(row) for row in edges))
