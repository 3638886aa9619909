"""The links around an article, as a graph and as lists."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, TypedDict

from newscrawl.core.errors import UsageError
from newscrawl.export.graph import write_gexf
from newscrawl.store.read.links import Edge, End, LinkGraph, edges, links_in
from newscrawl.store.read.reader import Reader
from newscrawl.web.formatting import LINK_KINDS
from newscrawl.web.link_graph import Drawing, draw, end_of
from newscrawl.web.pages.article import ArticleValues, of_article
from newscrawl.web.responses import Answer, Csv, Document, Json, Page, Query

# Links of each direction: in a list, read for the page, and in a file.
LISTED, READ, IN_FILE = 100, 1000, 10**9
IN_COLUMN = 12  # articles in a column of the graph
END_COLUMNS = ("id", "site", "key", "url", "state", "title", "published_at")
LINK_COLUMNS = (
    "way",
    "depth",
    "kind",
    "position",
    "anchor",
    "first_seen_at",
    "last_seen_at",
    *(f"source_{name}" for name in END_COLUMNS),
    *(f"target_{name}" for name in END_COLUMNS),
)


class _Wanted(TypedDict):
    """Which links edges() reads."""

    kind: str | None
    depth: int
    since: str | None
    until: str | None
    limit: int


@of_article
def article_links(query: Query, reader: Reader, article: ArticleValues) -> Answer:
    """The links to and from an article, one or two steps away."""
    depth = query.number("depth", 1, 2)
    kind = query.text("kind")
    if kind is not None and kind not in LINK_KINDS:
        raise UsageError(
            f"{kind[:40]!r} is not a kind of link", f"the kinds are: {', '.join(LINK_KINDS)}"
        )
    limit = IN_FILE if query.format in ("csv", "json") else READ
    wanted: _Wanted = {
        "kind": kind,
        "depth": depth,
        "since": query.since(),
        "until": query.until(),
        "limit": limit,
    }
    into = edges(reader.db, article["id"], "in", **wanted)
    out = edges(reader.db, article["id"], "out", **wanted)
    if query.format == "json":
        return Json(
            {
                "article": article["id"],
                "in": list(map(asdict, into)),
                "out": list(map(asdict, out)),
            }
        )
    if query.format == "csv":
        rows = [_row("in", edge) for edge in into] + [_row("out", edge) for edge in out]
        return Csv(f"links-{article['site']}-{article['id']}", LINK_COLUMNS, rows)
    count = partial(links_in, reader.db)
    drawings = draw(end_of(article), into, out, IN_COLUMN, count)
    if query.format == "gexf":
        return _gexf(article, [*into, *out], drawings)
    values = {
        "article": article,
        "wanted": wanted,
        "kinds": LINK_KINDS,
        "into": into,
        "out": out,
        "listed": LISTED,
        # At this length, a list may have been cut; then the numbers are lower bounds.
        "is_cut": READ in (len(into), len(out)),
        "drawings": drawings,
    }
    return Page("links.html", values)


def _gexf(
    article: ArticleValues, around: Sequence[Edge], drawings: tuple[Drawing, Drawing] | None
) -> Document:
    """The articles and links that the page draws, for Gephi."""
    drawn = {box.id for box in drawings[0].boxes} if drawings else {article["id"]}
    ends = {article["id"]: end_of(article)}
    links = {}
    for edge in around:
        ends[edge.source.id], ends[edge.target.id] = edge.source, edge.target
        if edge.source.id in drawn and edge.target.id in drawn:
            links[edge.source.id, edge.target.id, edge.kind] = edge
    nodes = [ends[number] for number in sorted(drawn)]
    out = io.BytesIO()
    write_gexf(LinkGraph(nodes=map(_node, nodes), edges=map(_line, links.values())), out)
    name = f"links-{article['site']}-{article['key']}.gexf"
    return Document(out.getvalue(), "application/xml; charset=utf-8", name)


def _node(end: End) -> tuple[object, ...]:
    return end.id, end.site, end.key, end.url, end.state, end.title, end.published_at


def _line(edge: Edge) -> tuple[object, ...]:
    ends = edge.source.id, edge.target.id
    return *ends, edge.kind, edge.position, edge.first_seen_at, edge.last_seen_at


def _row(way: str, edge: Edge) -> dict[str, Any]:
    row = asdict(edge) | {"way": way}
    for side in ("source", "target"):
        for name in END_COLUMNS:
            row[f"{side}_{name}"] = row[side][name]
    return row
