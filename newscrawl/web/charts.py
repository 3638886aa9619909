"""Charts as shapes with coordinates; templates turn them into SVG and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from newscrawl.store.read.charts import Coverage, Day

WIDTH, HEIGHT = 420, 120  # of the bars' field
LEFT, BELOW, ABOVE = 34, 22, 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One day."""

    x: float
    y: float
    width: float
    height: float
    day: str
    articles: int


@dataclass(frozen=True, slots=True)
class VolumeChart:
    """A site's articles per day. `grid` are (height, label) of the lines; `ticks` (x, anchor, label) below the days."""

    site: str
    total: int
    width: int
    height: int
    floor: int
    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str, str], ...]


def volume_charts(days: Sequence[Day], length: int) -> list[VolumeChart]:
    """One chart for each site, all over the same days and at the same scale, so that they compare."""
    if not days:
        return []
    last = max(date.fromisoformat(day.day) for day in days)
    first = last - timedelta(days=length - 1)
    top = _round_up(max(day.articles for day in days))
    sites: dict[str, list[Day]] = {}
    for day in days:
        if date.fromisoformat(day.day) >= first:
            sites.setdefault(day.site, []).append(day)
    return [_volume(site, found, first, length, top) for site, found in sorted(sites.items())]


def _volume(site: str, days: Sequence[Day], first: date, length: int, top: int) -> VolumeChart:
    step = (WIDTH - LEFT) / length
    floor = ABOVE + HEIGHT
    bars = []
    for day in days:
        tall = HEIGHT * day.articles / top
        x = LEFT + (date.fromisoformat(day.day) - first).days * step
        width = max(step - 1.2, 0.8)
        bars.append(
            Bar(
                round(x, 1),
                round(floor - tall, 1),
                round(width, 1),
                round(tall, 1),
                day.day,
                day.articles,
            )
        )
    grid = tuple(
        (floor - HEIGHT * part / 2, f"{top * part // 2:,}")
        for part in ((0, 2) if top % 2 else (0, 1, 2))
    )
    middle, end = first + timedelta(days=length // 2), first + timedelta(days=length - 1)
    ticks = (
        (LEFT, "start", first.isoformat()),
        (LEFT + (WIDTH - LEFT) / 2, "middle", middle.isoformat()),
        (WIDTH, "end", end.isoformat()),
    )
    total = sum(day.articles for day in days)
    return VolumeChart(site, total, WIDTH, floor + BELOW, floor, tuple(bars), grid, ticks)


def _round_up(value: int) -> int:
    """The next 1, 2 or 5 with zeros behind it."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if value <= factor * step:
                return factor * step
        step *= 10


def coverage_table(rows: Iterable[Coverage]) -> Mapping[str, Mapping[str, Coverage]]:
    """Field -> site -> how many have it."""
    table: dict[str, dict[str, Coverage]] = {}
    for row in rows:
        table.setdefault(row.field, {})[row.site] = row
    return table
