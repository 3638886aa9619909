"""A year of days as a calendar, and weeks as a sparkline: numbers with the places to draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 53
CELL, STEP = 11, 13  # a day's square; from one square to the next
LEFT, ABOVE = 30, 18  # room for the names of days and months
LEVELS = 4
WEEKDAYS = ((0, "Mon"), (2, "Wed"), (4, "Fri"))
SPARK_WEEKS = 26
SPARK_WIDTH, SPARK_HEIGHT = 130, 28


@dataclass(frozen=True, slots=True)
class Cell:
    """A day: its place, its number of articles, and how many that is from 0 to LEVELS."""

    x: int
    y: int
    day: str
    articles: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days from Monday to Sunday in columns of weeks.

    `months` are (x, name) above the columns, and for a table (month, number of articles).
    """

    first: str
    last: str
    total: int
    cells: tuple[Cell, ...]
    labels: tuple[tuple[int, str], ...]
    months: tuple[tuple[str, int], ...]
    width: int = LEFT + WEEKS * STEP
    height: int = ABOVE + 7 * STEP
    cell: int = CELL
    weekdays: tuple[tuple[int, str], ...] = tuple(
        (ABOVE + number * STEP + CELL - 2, name) for number, name in WEEKDAYS
    )


def last_day(days: Iterable[str | None], today: date) -> date:
    """The newest of some days, but no later than tomorrow: some pages name a wrong year."""
    tomorrow = (today + timedelta(days=1)).isoformat()
    known = [min(day, tomorrow) for day in days if day]
    return date.fromisoformat(max(known, default=today.isoformat()))


def calendar(articles_by_day: Mapping[str, int], last: date) -> Calendar:
    """The 53 weeks up to the one of the last day."""
    monday = last - timedelta(days=last.weekday(), weeks=WEEKS - 1)
    days = [monday + timedelta(days=number) for number in range((last - monday).days + 1)]
    numbers = [articles_by_day.get(day.isoformat(), 0) for day in days]
    limits = _limits(numbers)
    cells = []
    months: dict[str, int] = {}
    for place, (day, articles) in enumerate(zip(days, numbers, strict=True)):
        week, weekday = divmod(place, 7)
        level = sum(articles >= limit for limit in limits)
        x, y = LEFT + week * STEP, ABOVE + weekday * STEP
        cells.append(Cell(x, y, day.isoformat(), articles, level))
        month = day.isoformat()[:7]
        months[month] = months.get(month, 0) + articles
    return Calendar(
        first=days[0].isoformat(),
        last=last.isoformat(),
        total=sum(numbers),
        cells=tuple(cells),
        labels=_labels(days),
        months=tuple(months.items()),
    )


def _limits(numbers: Sequence[int]) -> list[int]:
    """What a day needs for each level: the quarters of the days that have articles.

    A day with as few as the quietest one is of the lowest level, even if most days are like it. No
    more than LEVELS different numbers have a level each, and the highest is the darkest.
    """
    busy = sorted(number for number in numbers if number)
    if not busy:
        return []
    different = sorted(set(busy))
    if len(different) <= LEVELS:
        last = len(different) - 1
        return [
            different[-(-last * level // (LEVELS - 1))] for level in range(LEVELS if last else 1)
        ]
    limits = [1]
    for quarter in range(1, LEVELS):
        limits.append(max(limits[-1] + 1, busy[len(busy) * quarter // LEVELS]))
    return limits


def _labels(days: Sequence[date]) -> tuple[tuple[int, str], ...]:
    """The name of a month above the first column that begins in it, if there is room for it."""
    labels: list[tuple[int, str]] = []
    month = None
    for week, monday in enumerate(days[::7]):
        if monday.month != month and week < WEEKS - 1:
            x = LEFT + week * STEP
            if labels and x - labels[-1][0] < 2 * STEP:
                labels.pop()
            labels.append((x, f"{monday:%b}"))
        month = monday.month
    return tuple(labels)


def spark(articles_by_day: Mapping[str, int], last: date) -> str:
    """The weeks up to the last day as bars: an SVG path in a box of SPARK_WIDTH x SPARK_HEIGHT."""
    first = last - timedelta(days=7 * SPARK_WEEKS - 1)
    weeks = [0] * SPARK_WEEKS
    for day, articles in articles_by_day.items():
        number = (date.fromisoformat(day) - first).days // 7
        if 0 <= number < SPARK_WEEKS:
            weeks[number] += articles
    step = SPARK_WIDTH // SPARK_WEEKS
    top = max(weeks) or 1
    bars = []
    for number, articles in enumerate(weeks):
        height = round(SPARK_HEIGHT * articles / top, 1)
        # A week without articles is a thin line, so that the row of weeks can be seen.
        bars.append(
            f"M{number * step} {SPARK_HEIGHT}v{-max(height, 0.6)}h{step - 1}V{SPARK_HEIGHT}"
        )
    return "".join(bars)
