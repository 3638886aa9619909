"""Charts as shapes with coordinates; templates turn them into SVG and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from newscrawl.store.read.charts import Coverage
from newscrawl.store.read.publication_days import SiteDay
from newscrawl.web.bars import round_up

WIDTH, HEIGHT = 420, 120  # WIDTH of the chart, HEIGHT of the area with the bars
LEFT, BELOW, ABOVE = 34, 22, 10  # space for labels around the bars
GAP, NARROWEST = 1.2, 0.8  # between two bars; width of a bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day."""

    x: float
    y: float
    width: float
    height: float
    day: str
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeChart:
    """A site's articles per day.

    `grid` has the (height, label) of each line, `ticks` the (x, anchor, label) below the days.
    """

    site: str
    total: int
    width: int
    height: int
    floor: int
    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str, str], ...]


def volume_charts(days: Sequence[SiteDay], length: int) -> list[VolumeChart]:
    """One chart per site. All have the same days and scale, so that they can be compared."""
    if not days:
        return []
    last = max(date.fromisoformat(day.day) for day in days)
    first = last - timedelta(days=length - 1)
    top = round_up(max(day.articles for day in days))
    days_by_site: dict[str, list[SiteDay]] = {}
    for day in days:
        if date.fromisoformat(day.day) >= first:
            days_by_site.setdefault(day.site, []).append(day)
    return [
        _volume_chart(site, site_days, first=first, length=length, top=top)
        for site, site_days in sorted(days_by_site.items())
    ]


def _volume_chart(
    site: str, days: Sequence[SiteDay], *, first: date, length: int, top: int
) -> VolumeChart:
    floor = ABOVE + HEIGHT
    step = (WIDTH - LEFT) / length
    return VolumeChart(
        site=site,
        total=sum(day.articles for day in days),
        width=WIDTH,
        height=floor + BELOW,
        floor=floor,
        bars=tuple(_bar(day, first, step, top) for day in days),
        grid=_grid(floor, top),
        ticks=_ticks(first, length),
    )


def _bar(day: SiteDay, first: date, step: float, top: int) -> Bar:
    height = HEIGHT * day.articles / top
    days_from_left = (date.fromisoformat(day.day) - first).days
    return Bar(
        x=round(LEFT + days_from_left * step, 1),
        y=round(ABOVE + HEIGHT - height, 1),
        width=round(max(step - GAP, NARROWEST), 1),
        height=round(height, 1),
        day=day.day,
        articles=day.articles,
    )


def _grid(floor: int, top: int) -> tuple[tuple[float, str], ...]:
    """Lines at nothing and at the top, and halfway if that is a whole number."""
    halves = (0, 2) if top % 2 else (0, 1, 2)
    return tuple((floor - HEIGHT * half / 2, f"{top * half // 2:,}") for half in halves)


def _ticks(first: date, length: int) -> tuple[tuple[float, str, str], ...]:
    middle = first + timedelta(days=length // 2)
    last = first + timedelta(days=length - 1)
    return (
        (LEFT, "start", first.isoformat()),
        (LEFT + (WIDTH - LEFT) / 2, "middle", middle.isoformat()),
        (WIDTH, "end", last.isoformat()),
    )


def coverage_table(rows: Iterable[Coverage]) -> Mapping[str, Mapping[str, Coverage]]:
    """Field -> site -> how many articles have it."""
    table: dict[str, dict[str, Coverage]] = {}
    for row in rows:
        table.setdefault(row.field, {})[row.site] = row
    return table
