"""The pages about one article: what it says, what changed in it, what it points to and what points to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from newscrawl.core.diffs import word_changes
from newscrawl.core.edits import classify
from newscrawl.core.errors import UsageError
from newscrawl.store.read.front_pages import shown_on
from newscrawl.store.read.links import Edge, End, edges
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import edits_of, version_of
from newscrawl.web.article_names import of_article
from newscrawl.web.formatting import KINDS, paragraphs
from newscrawl.web.link_graph import Drawing, draw_narrow, draw_wide, neighbours
from newscrawl.web.responses import Answer, Csv, Json, Page, Query

NEAR = 400  # links read on an article's page, each way
FAR = 2000  # links read for a graph
ALL = 10**9  # and for a file
LISTED = 200  # links of each way that a page names
IN_COLUMN, IN_GRAPH_COLUMN = 7, 12
HEADINGS = {
    -2: "two steps before",
    -1: "points here",
    0: "this article",
    1: "it points to",
    2: "two steps on",
}
# The fields that a page gives, with the name under which their origin is noted.
FIELDS: Mapping[str, tuple[str, str]] = {
    "Headline": ("title", "title"),
    "Standfirst": ("summary", "summary"),
    "Text": ("word_count", "body"),
    "Published": ("published_local", "published"),
    "As printed": ("published_raw", "published"),
    "Changed by the publisher": ("modified_at", "modified"),
    "Authors": ("authors", "authors"),
    "Category": ("category", "category"),
    "Tags": ("tags", "tags"),
    "Picture": ("image_url", "image"),
    "Language": ("language", "language"),
}


@of_article
def article(query: Query, reader: Reader, found: Mapping[str, Any]) -> Answer:
    """Everything the archive says of an article."""
    if query.format == "json":
        return Json(found)
    out = edges(reader.db, found["id"], "out", limit=NEAR)
    into = edges(reader.db, found["id"], "in", limit=NEAR)
    return Page(
        "article.html",
        {
            "article": found,
            "fields": [_field(label, found) for label in FIELDS],
            "shown": shown_on(reader.db, found["id"]),
            "out": out,
            "into": into,
            "edits": edits_of(reader.db, found["id"]),
            "drawings": _drawings(found, into, out, IN_COLUMN),
        },
    )


def _field(label: str, found: Mapping[str, Any]) -> dict[str, Any]:
    name, origin = FIELDS[label]
    value = found[name]
    if name == "word_count" and value is not None:
        value = f"{value:,} words"
    return {
        "label": label,
        "value": ", ".join(value) if isinstance(value, list) else value,
        "from": found["provenance"].get(
            origin, found["published_source"] if origin == "published" else None
        ),
    }


@of_article
def changes(query: Query, reader: Reader, found: Mapping[str, Any]) -> Answer:
    """What changed between two revisions, word by word; by default between the last two."""
    revisions = {row["revision"]: row for row in reader.revision_texts(found["id"])}
    newest = max(revisions, default=0)
    new = query.number("new", newest, 10**9)
    old = query.number("old", max(new - 1, 1), 10**9)
    missing = [number for number in (old, new) if number not in revisions]
    if missing:
        raise UsageError(f"this article has no revision {missing[0]}", f"it has {newest}")
    whole = query.text("whole") is not None
    pieces = {
        label: word_changes(revisions[old][name], revisions[new][name])
        for label, name in (("Headline", "title"), ("Standfirst", "summary"), ("Text", "body"))
    }
    changed = {
        label: parts
        for label, parts in pieces.items()
        if any(part.change != "same" for part in parts)
    }
    edit = classify(version_of(revisions[old]), version_of(revisions[new]))
    if query.format == "json":
        value = {label.lower(): [asdict(part) for part in parts] for label, parts in pieces.items()}
        return Json(
            {
                "site": found["site"],
                "key": found["key"],
                "old": old,
                "new": new,
                **asdict(edit),
                "changes": value,
            }
        )
    values = {
        "article": found, "revisions": revisions, "old": old, "new": new, "whole": whole,
        "changes": {label: paragraphs(parts, whole=whole) for label, parts in (pieces if whole else changed).items()},
        "same": not changed and not edit.kinds, "edit": edit, "facts": _facts(revisions[old], revisions[new]),
    }  # fmt: skip
    return Page("changes.html", values)


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What else differs between two revisions and can be said in a line: (label, before, after)."""
    lists = [", ".join(json.loads(row["authors"] or "[]")) for row in (old, new)]
    found = [("Authors", *lists)]
    found += [(label, old[name], new[name]) for label, name in TIMES.items()]
    return [
        (label, before, after)
        for label, before, after in found
        if before and after and before != after
    ]


TIMES = {"Published": "published_local", "Changed by the publisher": "modified_at"}


@of_article
def links(query: Query, reader: Reader, found: Mapping[str, Any]) -> Answer:
    """The link graph around an article, one or two steps far; as CSV and JSON its links."""
    depth = query.number("depth", 1, 2)
    kind = query.text("kind")
    if kind is not None and kind not in KINDS:
        raise UsageError(
            f"there is no kind of link {kind[:40]!r}", f"the kinds are: {', '.join(KINDS)}"
        )
    most = ALL if query.format else FAR
    into = edges(reader.db, found["id"], "in", kind=kind, depth=depth, limit=most)
    out = edges(reader.db, found["id"], "out", kind=kind, depth=depth, limit=most)
    if query.format == "json":
        return Json(
            {"article": found["id"], "in": list(map(asdict, into)), "out": list(map(asdict, out))}
        )
    if query.format == "csv":
        rows = [_row("in", edge) for edge in into] + [_row("out", edge) for edge in out]
        return Csv(f"links-{found['site']}-{found['id']}", LINK_COLUMNS, rows)
    values = {
        "article": found, "depth": depth, "kind": kind, "kinds": KINDS, "into": into, "out": out, "listed": LISTED,
        "drawings": _drawings(found, into, out, IN_GRAPH_COLUMN),
    }  # fmt: skip
    return Page("links.html", values)


ENDS = ("id", "site", "key", "url", "state", "title", "published_at")
LINK_COLUMNS = (
    "way", "depth", "kind", "position", "anchor", "first_seen_at", "last_seen_at",
    *(f"source_{name}" for name in ENDS), *(f"target_{name}" for name in ENDS),
)  # fmt: skip


def _row(way: str, edge: Edge) -> dict[str, Any]:
    row = asdict(edge) | {"way": way}
    for side in ("source", "target"):
        row |= {f"{side}_{name}": row[side][name] for name in ENDS}
    return row


def _drawings(
    found: Mapping[str, Any], into: list[Edge], out: list[Edge], most: int
) -> tuple[Drawing, Drawing] | None:
    """The graph for wide screens and for phones; None where there is no link."""
    if not into and not out:
        return None
    centre = End(**{name: found[name] for name in (*ENDS, "published_local")})
    around = neighbours(centre, into, out, most)
    return draw_wide(around, HEADINGS), draw_narrow(around, HEADINGS)
