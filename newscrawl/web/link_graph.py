"""The link graph as shapes with coordinates; templates turn them into SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newscrawl.store.read.links import Edge, End

WIDTH, HEIGHT = 224, 50  # of a box
GAP, LANE = 12, 76  # between boxes of a column, between columns
NARROW_WIDTH, GUTTER = (
    300,
    44,
)  # for phones: boxes below each other, links in the margin at their left
CHARACTERS = 29  # that fit into a line of a box
NARROW_CHARACTERS = 41
TIP, BACK = 5, 11  # an arrow's tip before its box; how much lower links back run
HEAD = 26  # room for a column's heading


@dataclass(frozen=True, slots=True)
class Box:
    """An article in the drawing."""

    id: int
    x: int
    y: int
    width: int
    lines: tuple[str, ...]
    title: str
    stub: bool
    centre: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A link: an SVG path, and what kind it is."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything to draw. `hidden` counts the articles that had no room."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    headings: tuple[tuple[int, int, str], ...] = ()
    hidden: int = 0


@dataclass(slots=True)
class Neighbours:
    """The articles around one, in columns by distance: -2, -1 point to it, 1, 2 are pointed to."""

    centre: End
    columns: dict[int, list[End]]
    links: list[tuple[int, int, str]]
    hidden: int = 0
    placed: dict[int, int] = field(default_factory=dict)


def neighbours(centre: End, into: Sequence[Edge], out: Sequence[Edge], most: int) -> Neighbours:
    """Each article once, in the nearest column, at most `most` in a column; links between those that have a place."""
    found = Neighbours(centre, {0: [centre]}, [])
    found.placed[centre.id] = 0
    crowded: set[int] = set()
    for edges, sign in ((out, 1), (into, -1)):
        for edge in edges:
            end = edge.target if sign > 0 else edge.source
            if end.id in found.placed:
                continue
            column = found.columns.setdefault(sign * edge.depth, [])
            if len(column) < most:
                column.append(end)
                found.placed[end.id] = sign * edge.depth
            else:
                crowded.add(end.id)
    found.hidden = len(crowded - set(found.placed))
    links = {
        (edge.source.id, edge.target.id): edge.kind
        for edge in (*into, *out)
        if edge.source.id in found.placed
        and edge.target.id in found.placed
        and edge.source.id != edge.target.id
    }
    found.links = [(source, target, kind) for (source, target), kind in links.items()]
    return found


def draw_wide(around: Neighbours, headings: Mapping[int, str]) -> Drawing:
    """Columns from left to right, in the direction of the links."""
    places = sorted(around.columns)
    tallest = max(len(column) for column in around.columns.values())
    height = HEAD + tallest * (HEIGHT + GAP)
    boxes: dict[int, Box] = {}
    for number, place in enumerate(places):
        column = around.columns[place]
        top = HEAD + (height - HEAD - len(column) * (HEIGHT + GAP)) // 2 + GAP // 2
        x = 2 + number * (WIDTH + LANE)
        for row, end in enumerate(column):
            boxes[end.id] = _box(
                end, x, top + row * (HEIGHT + GAP), WIDTH, CHARACTERS, end.id == around.centre.id
            )
    lines = tuple(
        Line(_curve(boxes[source], boxes[target]), kind) for source, target, kind in around.links
    )
    heads = tuple(
        (2 + n * (WIDTH + LANE), 16, headings[place])
        for n, place in enumerate(places)
        if place in headings
    )
    width = len(places) * (WIDTH + LANE) - LANE + 4
    return Drawing(width, height, tuple(boxes.values()), lines, heads, around.hidden)


def draw_narrow(around: Neighbours, headings: Mapping[int, str]) -> Drawing:
    """One column for a phone, with the links of the article itself in the margin."""
    y, boxes, heads = 0, dict[int, Box](), []
    for place in sorted(around.columns):
        if place in headings:
            heads.append((GUTTER, y + 16, headings[place]))
            y += HEAD
        for end in around.columns[place]:
            boxes[end.id] = _box(
                end, GUTTER, y, NARROW_WIDTH, NARROW_CHARACTERS, end.id == around.centre.id
            )
            y += HEIGHT + GAP
    lines = tuple(
        Line(_bow(boxes[source], boxes[target]), kind)
        for source, target, kind in around.links
        if around.centre.id in (source, target)
    )
    return Drawing(
        GUTTER + NARROW_WIDTH + 4, y, tuple(boxes.values()), lines, tuple(heads), around.hidden
    )


def _box(end: End, x: int, y: int, width: int, characters: int, centre: bool) -> Box:
    title = end.title or "(no headline known)"
    return Box(
        end.id,
        x,
        y,
        width,
        tuple(wrapped(title, characters, 2)),
        title,
        end.state == "stub",
        centre,
    )


def wrapped(text: str, characters: int, most: int) -> Iterable[str]:
    """At most `most` lines of whole words; `…` where there was more, and within words that are longer than a line."""
    words, lines = text.split(), list[str]()
    line = ""
    for number, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if len(longer) <= characters:
            line = longer
            continue
        if len(lines) == most - 1 or not line:
            rest = " ".join([line, *words[number:]]).strip()
            return [*lines, rest[: characters - 1].rstrip() + "…"]
        lines.append(line)
        line = word if len(word) <= characters else word[: characters - 1] + "…"
    return [*lines, line] if line else lines


def _curve(source: Box, target: Box) -> str:
    """From box to box through the lane between their columns; within a column around its right side."""
    if source.x == target.x:
        side, reach = source.x + source.width, source.x + source.width + LANE // 2
        top, bottom = source.y + HEIGHT // 2, target.y + HEIGHT // 2
        return f"M{side} {top} C{reach} {top} {reach} {bottom} {side + TIP} {bottom}"
    onwards = source.x < target.x
    # A link back runs below the one it answers, so that both are seen.
    lower = HEIGHT // 2 + (0 if onwards else BACK)
    start = (source.x + (source.width if onwards else 0), source.y + lower)
    end = (target.x + (-TIP if onwards else target.width + TIP), target.y + lower)
    middle = (start[0] + end[0]) // 2
    return f"M{start[0]} {start[1]} C{middle} {start[1]} {middle} {end[1]} {end[0]} {end[1]}"


def _bow(source: Box, target: Box) -> str:
    """Along the left margin; far ones further out."""
    start, end = source.y + HEIGHT // 2, target.y + HEIGHT // 2
    out = source.x - min(GUTTER - 4, 14 + abs(end - start) // 24)
    return f"M{source.x} {start} C{out} {start} {out} {end} {target.x - TIP} {end}"
