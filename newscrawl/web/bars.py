"""Numbers by day, month or year as bars: one for each of up to four series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from newscrawl.store.read.volume import By

WIDTH, HEIGHT = 1100, 90  # of the drawing, and of its highest bar
LEFT, BELOW, ABOVE = 44, 22, 10
MOST_DAYS, MOST_MONTHS = timedelta(days=70), 130  # beyond them, longer periods are drawn
WIDEST = 48  # the bars of a period
LABELS = 8  # at most, below the bars
LENGTHS: Mapping[By, int] = {"day": 10, "month": 7, "year": 4}


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
    width: int = WIDTH
    height: int = ABOVE + HEIGHT + BELOW
    floor: int = ABOVE + HEIGHT
    left: int = LEFT


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


def bars(counts: Sequence[tuple[str, tuple[int, ...]]], by: By) -> Bars:
    """The periods in order, each with the number of every series."""
    top = round_up(max(max(numbers) for _, numbers in counts))
    step = (WIDTH - LEFT) / len(counts)
    periods = []
    for place, (name, numbers) in enumerate(counts):
        x = LEFT + place * step
        room = min(step * 0.8, WIDEST) / len(numbers)
        first = x + (step - room * len(numbers)) / 2
        drawn = []
        for series, number in enumerate(numbers):
            height = HEIGHT * number / top
            left = first + series * room
            y = ABOVE + HEIGHT - height
            drawn.append(Bar(round(left, 2), round(y, 2), round(room, 2), round(height, 2), series))
        period = Period(
            name=name, x=round(x, 2), width=round(step, 2), numbers=numbers, bars=tuple(drawn)
        )
        periods.append(period)
    middle = (ABOVE + HEIGHT / 2, f"{top // 2:,}")
    grid = [(float(ABOVE), f"{top:,}"), (float(ABOVE + HEIGHT), "0")]
    if top % 2 == 0:
        grid.insert(1, middle)
    return Bars(by=by, periods=tuple(periods), grid=tuple(grid), labels=_labels(periods))


def round_up(number: int) -> int:
    """The next number that is 1, 2 or 5 followed by zeros; 1 for nothing."""
    unit = 1
    while True:
        for digit in (1, 2, 5):
            if number <= digit * unit:
                return digit * unit
        unit *= 10


def _labels(periods: Sequence[Period]) -> tuple[tuple[float, str], ...]:
    """The names of some periods, at equal distances, below their middles."""
    distance = -(-len(periods) // LABELS)
    chosen = periods[::distance]
    rightmost = WIDTH - 28  # half of the longest name is left of its place
    return tuple((round(min(each.x + each.width / 2, rightmost), 1), each.name) for each in chosen)
