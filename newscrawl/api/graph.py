"""The link graph as an object of networkx."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from newscrawl.api.frames import missing
from newscrawl.api.records import values_of
from newscrawl.store.filters import Filter
from newscrawl.store.read.links import link_graph

if TYPE_CHECKING:
    import networkx

_NODE = ("site", "key", "url", "state", "title", "published_at")
_EDGE = ("position", "first_seen_at", "last_seen_at")


def networkx_graph(db: sqlite3.Connection, only: Filter) -> networkx.MultiDiGraph[int]:
    """See Archive.graph."""
    try:
        import networkx
    except ImportError as error:
        raise missing("networkx", "dataframes", error) from error
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph()
    rows = link_graph(db, only)
    nodes: Iterator[tuple[Any, ...]] = rows.nodes
    for article_id, *values in nodes:
        graph.add_node(article_id, **values_of(_NODE, tuple(values)))
    edges: Iterator[tuple[Any, ...]] = rows.edges
    for source, target, kind, *values in edges:
        graph.add_edge(source, target, kind, **values_of(_EDGE, tuple(values)))
    return graph
