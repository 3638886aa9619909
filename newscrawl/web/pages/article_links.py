"""The links around an article, as a graph and as lists."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.store.read.links import Edge, edges
from newscrawl.store.read.reader import Reader
from newscrawl.web.formatting import LINK_KINDS
from newscrawl.web.link_graph import draw, end_of
from newscrawl.web.pages.article import ArticleValues, of_article
from newscrawl.web.responses import Answer, Csv, Json, Page, Query

# Links of each direction: in a list, read for the page, and in a file.
LISTED, READ, IN_FILE = 200, 2000, 10**9
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


@of_article
def article_links(query: Query, reader: Reader, article: ArticleValues) -> Answer:
    """The links to and from an article, one or two steps away."""
    depth = query.number("depth", 1, 2)
    kind = query.text("kind")
    if kind is not None and kind not in LINK_KINDS:
        raise UsageError(
            f"{kind[:40]!r} is not a kind of link", f"the kinds are: {', '.join(LINK_KINDS)}"
        )
    limit = IN_FILE if query.format else READ
    into = edges(reader.db, article["id"], "in", kind=kind, depth=depth, limit=limit)
    out = edges(reader.db, article["id"], "out", kind=kind, depth=depth, limit=limit)
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
    values = {
        "article": article,
        "depth": depth,
        "kind": kind,
        "kinds": LINK_KINDS,
        "into": into,
        "out": out,
        "listed": LISTED,
        "drawings": draw(end_of(article), into, out, IN_COLUMN),
    }
    return Page("links.html", values)


def _row(way: str, edge: Edge) -> dict[str, Any]:
    row = asdict(edge) | {"way": way}
    for side in ("source", "target"):
        for name in END_COLUMNS:
            row[f"{side}_{name}"] = row[side][name]
    return row
