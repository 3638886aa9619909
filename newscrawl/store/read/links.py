"""Links between articles: around one article, the most linked articles, the whole graph."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from newscrawl.store.conditions import Conditions
from newscrawl.store.days import spans
from newscrawl.store.filters import Filter
from newscrawl.store.known_names import check_site

Direction = Literal["out", "in"]
UNLIMITED = 2**53  # links: more than any archive has
# Columns of a link's row. Reading them by name took a fifth of the time for an article with many
# links.
_SOURCE, _TARGET = 0, 1
# The link was last seen between two moments, which depend on the time zone of the linking site.
_SEEN_IN_SPAN = """EXISTS (
    SELECT 1 FROM articles s JOIN span ON span.site = s.site
    WHERE s.id = l.source_id AND l.last_seen_at >= span.first AND l.last_seen_at < span.after
)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """An article at one end of a link. A stub has what links and listings say about it."""

    id: int
    site: str
    key: str
    url: str
    state: str
    title: str | None
    published_at: str | None
    published_local: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A link, `depth` steps from the requested article (1: its own links)."""

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
    """The links within `depth` steps, near ones first; each once, even in a circle.

    `since` and `until` are days of the linking site: only links last seen then are returned and
    followed.
    """
    return _with_ends(
        db,
        _walk(
            db,
            article_id,
            direction,
            kind=kind,
            depth=depth,
            since=since,
            until=until,
            limit=limit,
        ),
    )


def count_edges(db: sqlite3.Connection, article_id: int, direction: Direction, **only: Any) -> int:
    """How many links edges() gives without a limit. `only` are its other arguments."""
    return len(_walk(db, article_id, direction, **only, limit=UNLIMITED))


def _walk(
    db: sqlite3.Connection,
    article_id: int,
    direction: Direction,
    *,
    kind: str | None,
    depth: int,
    since: str | None,
    until: str | None,
    limit: int,
) -> list[tuple[int, sqlite3.Row]]:
    """Each link with its distance."""
    with_spans, span_values = spans(db, since, until)
    conditions = Conditions()
    if kind is not None:
        conditions.add("l.kind = ?", kind)
    if since or until:
        conditions.add(_SEEN_IN_SPAN)
    # Links to an article are read in the order of their index: the first few of many need no
    # sorting.
    if direction == "out":
        near_end, far_end, order = "source_id", _TARGET, "kind, position, target_id"
    else:
        near_end, far_end, order = "target_id", _SOURCE, "source_id, kind"
    statement = f"""
        WITH {with_spans}
        SELECT source_id, target_id, kind, position, anchor, first_seen_at, last_seen_at
        FROM links l WHERE l.{near_end} = ? AND {conditions.sql} ORDER BY {order} LIMIT ?
    """
    links: list[tuple[int, sqlite3.Row]] = []
    seen = {article_id}
    level = [article_id]
    for step in range(1, depth + 1):
        next_level = set[int]()
        for near_id in level:
            values = (*span_values, near_id, *conditions.values, limit - len(links))
            rows = db.execute(statement, values).fetchall()
            links += [(step, row) for row in rows]
            next_level.update(row[far_end] for row in rows)
            if len(links) >= limit:
                return links
        level = sorted(next_level - seen)
        seen |= next_level
    return links


def _with_ends(db: sqlite3.Connection, links: Sequence[tuple[int, sqlite3.Row]]) -> list[Edge]:
    ids = set[int]()
    for _, row in links:
        ids.update((row[_SOURCE], row[_TARGET]))
    articles = db.execute(
        "SELECT id, site, key, url, state, title, published_at, published_local FROM articles"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(ids)),),
    )
    ends = {article["id"]: End(**dict(article)) for article in articles}
    return [
        Edge(
            depth=step,
            kind=kind,
            position=position,
            anchor=anchor,
            first_seen_at=first_seen_at,
            last_seen_at=last_seen_at,
            source=ends[source],
            target=ends[target],
        )
        for step, (source, target, kind, position, anchor, first_seen_at, last_seen_at) in links
    ]


def links_in(db: sqlite3.Connection, article_ids: Sequence[int]) -> dict[int, int]:
    """How many links lead to each of the articles; those without one are missing."""
    rows = db.execute(
        "SELECT target_id, count(*) FROM links"
        " WHERE target_id IN (SELECT value FROM json_each(?)) GROUP BY target_id",
        (json.dumps(article_ids),),
    )
    return dict(map(tuple, rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class MostLinked:
    """An article with the number of articles that link to it, and how many by each kind of link."""

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
    """A choice of links.

    `site` is that of the target. `since` and `until` are days of the linking site, when the link
    was last seen.
    """

    kind: str | None = None
    site: str | None = None
    since: str | None = None
    until: str | None = None


def count_linked(db: sqlite3.Connection, only: LinkFilter) -> int:
    """How many articles most_linked() gives without a limit."""
    with_spans, span_values = spans(db, only.since, only.until)
    conditions = Conditions()
    if only.kind is not None:
        conditions.add("l.kind = ?", only.kind)
    if only.since or only.until:
        conditions.add(_SEEN_IN_SPAN)
    if only.site is not None:
        conditions.add("(SELECT site FROM articles t WHERE t.id = l.target_id) = ?", only.site)
    row = db.execute(
        f"WITH {with_spans} SELECT count(DISTINCT target_id) FROM links l WHERE {conditions.sql}",
        (*span_values, *conditions.values),
    ).fetchone()
    return int(row[0])


def most_linked(db: sqlite3.Connection, only: LinkFilter, limit: int) -> list[MostLinked]:
    """The most linked articles first; UsageError for an unknown site."""
    if only.site is not None:
        check_site(db, only.site)
    with_spans, span_values = spans(db, only.since, only.until)
    # Without days, the count needs no row of articles: it reads the links alone.
    has_days = only.since is not None or only.until is not None
    seen = f"AND {_SEEN_IN_SPAN}" if has_days else ""
    rows = db.execute(
        f"""
        WITH {with_spans}, counted AS (
            SELECT target_id, count(DISTINCT source_id) AS linked_by,
                sum(kind = 'related') AS related, sum(kind = 'same_category') AS same_category,
                sum(kind = 'inline') AS inline,
                min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
            FROM links l WHERE kind = ifnull(?, kind) {seen} GROUP BY target_id
        )
        SELECT t.id, t.site, t.key, t.url, t.state, t.title, t.published_local, c.linked_by,
            c.related, c.same_category, c.inline, c.first_seen_at, c.last_seen_at
        FROM counted c JOIN articles t ON t.id = c.target_id WHERE t.site = ifnull(?, t.site)
        ORDER BY c.linked_by DESC, t.id LIMIT ?
        """,
        (*span_values, only.kind, only.site, limit),
    )
    return [MostLinked(**dict(row)) for row in rows]


# Both walk the articles by id, so that nothing is sorted or kept in memory, however many links
# there are.
_NODES = """
    SELECT n.id, n.site, n.key, n.url, n.state, n.title, n.published_at FROM articles n
    WHERE {node} AND EXISTS (SELECT 1 FROM links l WHERE l.source_id = n.id) OR EXISTS (
        SELECT 1 FROM links l CROSS JOIN articles a ON a.id = l.source_id
        WHERE l.target_id = n.id AND {source}
    )
    ORDER BY n.id
"""
_LINKS_OF = "FROM articles a CROSS JOIN links l ON l.source_id = a.id WHERE {source}"
_EDGES = f"""
    SELECT l.source_id, l.target_id, l.kind, l.position, l.first_seen_at, l.last_seen_at
    {_LINKS_OF}
    ORDER BY a.id, l.kind, l.position, l.target_id
"""


@dataclass(frozen=True, slots=True)
class LinkGraph:
    """Rows to walk once, the nodes first.

    Nodes are (id, site, key, url, state, title, published_at), edges (source, target, kind,
    position, first_seen_at, last_seen_at).
    """

    nodes: Iterator[tuple[object, ...]]
    edges: Iterator[tuple[object, ...]]


def link_graph(db: sqlite3.Connection, only: Filter) -> LinkGraph:
    """The links whose source matches the filter, and every article at an end of one."""
    source = only.conditions(db)
    node = only.conditions(db, article="n", category="n.category_id")
    nodes = db.execute(
        _NODES.format(node=node.sql, source=source.sql), [*node.values, *source.values]
    )
    edges = db.execute(_EDGES.format(source=source.sql), source.values)
    return LinkGraph(nodes=map(tuple, nodes), edges=map(tuple, edges))


def count_links(db: sqlite3.Connection, only: Filter) -> int:
    """How many edges link_graph has."""
    source = only.conditions(db)
    count = f"SELECT count(*) {_LINKS_OF.format(source=source.sql)}"
    return int(db.execute(count, source.values).fetchone()[0])
