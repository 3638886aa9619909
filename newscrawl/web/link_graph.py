"""The link graph as shapes with coordinates; templates turn them into SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from newscrawl.store.read.links import Edge, End

WIDTH, HEIGHT = 224, 50  # of a box
GAP, LANE = 12, 76  # between the boxes of a column; between columns
# On phones the boxes are below each other, and links run in the margin on their left.
NARROW_WIDTH, MARGIN = 300, 44
CHARACTERS, NARROW_CHARACTERS = 29, 41  # that fit into a line of a box
TIP, BACK = 5, 11  # an arrow's tip ends before its box; how much lower links back run
HEAD = 26  # height of a column's heading
EDGE = 12  # around the whole drawing
LARGEST = 11  # radius of a circle
HEADINGS = {
    -2: "two steps before",
    -1: "points here",
    0: "this article",
    1: "it points to",
    2: "two steps on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
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
    links_in: int

    @property
    def radius(self) -> int:
        """Of the circle at its corner: twice as many links make it a little larger."""
        return min(LARGEST, 2 + self.links_in.bit_length()) if self.links_in else 0


@dataclass(frozen=True, slots=True)
class Line:
    """A link: an SVG path, and its kind."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything to draw. `hidden` is the number of articles for which there is no room.

    `links` are (source, target, kind) of the lines.
    """

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    headings: tuple[tuple[int, int, str], ...]
    hidden: int
    links: tuple[tuple[int, int, str], ...]


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """The articles around one, in columns by distance.

    The articles in columns -2 and -1 link to it; it links to those in columns 1 and 2.
    """

    centre: End
    columns: dict[int, list[End]]
    column_of: dict[int, int]
    links: list[tuple[int, int, str]] = field(default_factory=list)
    hidden: int = 0
    links_in: Mapping[int, int] = field(default_factory=dict)


def end_of(article: Mapping[str, Any]) -> End:
    """An article with all its columns, as the end of a link."""
    return End(**{column.name: article[column.name] for column in fields(End)})


def draw(
    centre: End,
    into: Sequence[Edge],
    out: Sequence[Edge],
    most: int,
    count: Callable[[Sequence[int]], Mapping[int, int]],
) -> tuple[Drawing, Drawing] | None:
    """The graph for wide screens and for phones; None without links.

    Each column has at most `most` articles. `count` says how many links lead to each article.
    """
    if not into and not out:
        return None
    around = neighbours(centre, into, out, most)
    around.links_in = count(list(around.column_of))
    return draw_wide(around), draw_narrow(around)


def neighbours(centre: End, into: Sequence[Edge], out: Sequence[Edge], most: int) -> Neighbours:
    """Each article once, in the nearest column, and the links between the articles.

    Each column has at most `most` articles.
    """
    around = Neighbours(centre=centre, columns={0: [centre]}, column_of={centre.id: 0})
    without_room: set[int] = set()
    ends = [(edge.target, edge.depth) for edge in out]
    ends += [(edge.source, -edge.depth) for edge in into]
    for end, number in ends:
        if end.id in around.column_of:
            continue
        column = around.columns.setdefault(number, [])
        if len(column) == most:
            without_room.add(end.id)
            continue
        column.append(end)
        around.column_of[end.id] = number
    around.hidden = len(without_room - set(around.column_of))
    around.links = _links_between(around.column_of, [*into, *out])
    return around


def _links_between(
    articles: Mapping[int, int], edges: Sequence[Edge]
) -> list[tuple[int, int, str]]:
    """(source, target, kind) of each link between two of the articles, once."""
    kinds: dict[tuple[int, int], str] = {}
    for edge in edges:
        source, target = edge.source.id, edge.target.id
        if source != target and source in articles and target in articles:
            kinds[source, target] = edge.kind
    return [(source, target, kind) for (source, target), kind in kinds.items()]


def draw_wide(around: Neighbours) -> Drawing:
    """Columns from left to right, in the direction of the links."""
    longest = max(len(column) for column in around.columns.values())
    height = HEAD + longest * (HEIGHT + GAP)
    boxes: dict[int, Box] = {}
    headings = []
    x = EDGE
    for number, column in sorted(around.columns.items()):
        headings.append((x, HEAD - 10, HEADINGS[number]))
        unused = height - HEAD - len(column) * (HEIGHT + GAP)
        y = HEAD + unused // 2 + GAP // 2
        for end in column:
            boxes[end.id] = _box(end, x, y, width=WIDTH, characters=CHARACTERS, around=around)
            y += HEIGHT + GAP
        x += WIDTH + LANE
    lines = [
        Line(_curve(boxes[source], boxes[target]), kind) for source, target, kind in around.links
    ]
    return Drawing(
        width=x - LANE + EDGE,
        height=height,
        boxes=tuple(boxes.values()),
        lines=tuple(lines),
        headings=tuple(headings),
        hidden=around.hidden,
        links=tuple(around.links),
    )


def draw_narrow(around: Neighbours) -> Drawing:
    """One column for a phone, with the links of the article itself in the margin."""
    boxes: dict[int, Box] = {}
    headings = []
    y = 0
    for number, column in sorted(around.columns.items()):
        headings.append((MARGIN, y + HEAD - 10, HEADINGS[number]))
        y += HEAD
        for end in column:
            boxes[end.id] = _box(
                end,
                MARGIN,
                y,
                width=NARROW_WIDTH,
                characters=NARROW_CHARACTERS,
                around=around,
            )
            y += HEIGHT + GAP
    own_links = [link for link in around.links if around.centre.id in link[:2]]
    lines = [Line(_bow(boxes[source], boxes[target]), kind) for source, target, kind in own_links]
    return Drawing(
        width=MARGIN + NARROW_WIDTH + 2 * EDGE,
        height=y,
        boxes=tuple(boxes.values()),
        lines=tuple(lines),
        headings=tuple(headings),
        hidden=around.hidden,
        links=tuple(around.links),
    )


def _box(end: End, x: int, y: int, *, width: int, characters: int, around: Neighbours) -> Box:
    title = end.title or "(no headline known)"
    return Box(
        id=end.id,
        x=x,
        y=y,
        width=width,
        lines=tuple(wrapped(title, characters, 2)),
        title=title,
        stub=end.state == "stub",
        centre=end is around.centre,
        links_in=around.links_in.get(end.id, 0),
    )


def wrapped(text: str, characters: int, most: int) -> list[str]:
    """At most `most` lines of whole words.

    `…` stands for what did not fit, and for the end of words that are longer than a line.
    """
    words = text.split()
    lines: list[str] = []
    line = ""
    for number, word in enumerate(words):
        longer_line = f"{line} {word}".strip()
        if len(longer_line) <= characters:
            line = longer_line
            continue
        is_last_line = len(lines) == most - 1
        if is_last_line or not line:
            rest = " ".join([line, *words[number:]]).strip()
            return [*lines, _shortened(rest, characters)]
        lines.append(line)
        line = word if len(word) <= characters else _shortened(word, characters)
    return [*lines, line] if line else lines


def _shortened(text: str, characters: int) -> str:
    return text[: characters - 1].rstrip() + "…"


def _curve(source: Box, target: Box) -> str:
    """From box to box, through the lane between their columns."""
    if source.x == target.x:
        return _curve_within_column(source, target)
    middle = HEIGHT // 2
    if source.x < target.x:
        start = (source.x + source.width, source.y + middle)
        end = (target.x - TIP, target.y + middle)
    else:
        # A link back runs lower than the link that it answers, so that both can be seen.
        start = (source.x, source.y + middle + BACK)
        end = (target.x + target.width + TIP, target.y + middle + BACK)
    bend = (start[0] + end[0]) // 2
    return f"M{start[0]} {start[1]} C{bend} {start[1]} {bend} {end[1]} {end[0]} {end[1]}"


def _curve_within_column(source: Box, target: Box) -> str:
    """From box to box around the right side of their column."""
    side = source.x + source.width
    bend = side + LANE // 2
    top, bottom = source.y + HEIGHT // 2, target.y + HEIGHT // 2
    return f"M{side} {top} C{bend} {top} {bend} {bottom} {side + TIP} {bottom}"


def _bow(source: Box, target: Box) -> str:
    """Along the left margin; links between distant boxes run further out."""
    start, end = source.y + HEIGHT // 2, target.y + HEIGHT // 2
    bend = source.x - min(MARGIN - 4, 14 + abs(end - start) // 24)
    return f"M{source.x} {start} C{bend} {start} {bend} {end} {target.x - TIP} {end}"
