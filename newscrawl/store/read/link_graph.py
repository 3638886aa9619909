"""The link graph as a stream: first its articles, then its links, from one snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from newscrawl.store.filters import Filter

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
