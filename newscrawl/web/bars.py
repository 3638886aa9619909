"""Numbers by day, month or year as bars: one for each of up to four series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from newscrawl.store.read.volume import By

BELOW, ABOVE = 22, 10  # room for labels
HALF_LABEL = 28  # half of the longest label is on each side of its middle
MOST_DAYS, MOST_MONTHS = timedelta(days=70), 130  # beyond them, longer periods are drawn
WIDEST, NARROWEST = 48, 0.8  # the bars of a period
LENGTHS: Mapping[By, int] = {"day": 10, "month": 7, "year": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The size of a drawing: its width, that of the axis, its highest bar; how many labels."""

    width: int
    left: int
    bar_height: int
    labels: int


WIDE = Frame(width=1100, left=44, bar_height=90, labels=8)
SMALL = Frame(width=420, left=34, bar_height=120, labels=3)


@dataclass(frozen=True, slots=True)
class Bar:
    """The number of one series in a period."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A day, month or year: the area that a click narrows to, its numbers, and their bars."""

    name: str
    x: float
    width: float
    numbers: tuple[int, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The drawing. `grid` are (y, label), `labels` are (x, period)."""

    by: By
    periods: tuple[Period, ...]
    grid: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, str], ...]
    width: int
    height: int
    floor: int
    left: int


def bars_of_days(days: Mapping[str, int]) -> Bars | None:
    """Days with their numbers as bars of days, months or years; None for fewer than two periods.

    A month without a day is not in a drawing of days.
    """
    known = sorted(day for day in days if day)
    if not known:
        return None
    by = fitting(known[0], known[-1])
    counts: Counter[str] = Counter()
    for day, number in days.items():
        if len(day) >= LENGTHS[by]:
            counts[day[: LENGTHS[by]]] += number
    if len(counts) < 2:
        return None
    names = periods_between(min(counts), max(counts), by)
    return bars([(name, (counts[name],)) for name in names], by)


def fitting(first: str, last: str) -> By:
    """The shortest periods of which not too many are between two days, months or years."""
    is_exact = len(first) == len(last) == LENGTHS["day"]
    if is_exact and date.fromisoformat(last) - date.fromisoformat(first) <= MOST_DAYS:
        return "day"
    years = int(last[:4]) - int(first[:4])
    return "month" if years * 12 <= MOST_MONTHS else "year"


def periods_between(first: str, last: str, by: By) -> list[str]:
    """Every period from the first to the last one."""
    if by == "year":
        return [f"{year:04}" for year in range(int(first), int(last) + 1)]
    if by == "month":
        names = []
        year, month = int(first[:4]), int(first[5:7])
        while f"{year:04}-{month:02}" <= last:
            names.append(f"{year:04}-{month:02}")
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return names
    begin = date.fromisoformat(first)
    count = (date.fromisoformat(last) - begin).days + 1
    return [(begin + timedelta(days=number)).isoformat() for number in range(count)]


def bars(
    counts: Sequence[tuple[str, tuple[int, ...]]],
    by: By,
    *,
    frame: Frame = WIDE,
    most: int | None = None,
) -> Bars:
    """The periods in order, each with the number of every series.

    `most` is the number that the scale has room for, by default the largest one.
    """
    if most is None:
        most = max(max(numbers) for _, numbers in counts)
    top = round_up(most)
    step = (frame.width - frame.left) / len(counts)
    periods = []
    for place, (name, numbers) in enumerate(counts):
        x = frame.left + place * step
        room = max(min(step * 0.8, WIDEST) / len(numbers), NARROWEST)
        first = x + (step - room * len(numbers)) / 2
        drawn = []
        for series, number in enumerate(numbers):
            height = frame.bar_height * number / top
            left = first + series * room
            y = ABOVE + frame.bar_height - height
            drawn.append(Bar(round(left, 2), round(y, 2), round(room, 2), round(height, 2), series))
        period = Period(
            name=name, x=round(x, 2), width=round(step, 2), numbers=numbers, bars=tuple(drawn)
        )
        periods.append(period)
    floor = ABOVE + frame.bar_height
    middle = (ABOVE + frame.bar_height / 2, f"{top // 2:,}")
    grid = [(float(ABOVE), f"{top:,}"), (float(floor), "0")]
    if top % 2 == 0:
        grid.insert(1, middle)
    return Bars(
        by=by,
        periods=tuple(periods),
        grid=tuple(grid),
        labels=_labels(periods, frame),
        width=frame.width,
        height=floor + BELOW,
        floor=floor,
        left=frame.left,
    )


def round_up(number: int) -> int:
    """The next number that is 1, 2 or 5 followed by zeros; 1 for nothing."""
    unit = 1
    while True:
        for digit in (1, 2, 5):
            if number <= digit * unit:
                return digit * unit
        unit *= 10


def _labels(periods: Sequence[Period], frame: Frame) -> tuple[tuple[float, str], ...]:
    """The names of some periods, at equal distances, below their middles."""
    distance = -(-len(periods) // frame.labels)
    chosen = periods[::distance]
    rightmost = frame.width - HALF_LABEL
    return tuple((round(min(each.x + each.width / 2, rightmost), 1), each.name) for each in chosen)
