"""The short way of a format: what its dates and its clocks say is kept, piece by piece, once the long way has read it.

A paper prints many times a day, and a day has 1,440 minutes: nearly every time is a date and a clock seen before. Only
what needs no thought is kept: clocks of days without a change of summer time, and no date without a year.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from newscrawl.core.records import Precision, Timestamp
from newscrawl.core.times.resolve import ZERO, Reading

Key = TypeVar("Key")
Value = TypeVar("Value")
_DATE, _CLOCK, _SECOND, _TAIL = (frozenset(letters) for letters in ("dmBYy", "HIM", "S", "pz"))
_NAMED = re.compile(r"\(\?P<\w>")
_SPACES = re.compile(r"(?:\\s\*){2,}")
_KEPT = 4096  # of each kind; then it begins anew
_A_DAY, _HALF_A_DAY = timedelta(days=1), timedelta(hours=12)
_SECONDS = {f"{second:02}": (timedelta(seconds=second), f":{second:02}") for second in range(60)}


class _Day(NamedTuple):
    start: datetime
    date: str  # `2026-09-04T`
    zone: str  # `+07:00`
    offset: timedelta


class _Clock(NamedTuple):
    time: timedelta
    text: str  # `16:22:00`, or `16:22` where seconds follow
    offset: timedelta | None  # where one is printed


@dataclass(frozen=True, slots=True, eq=False)
class QuickFormat:
    """`pattern` finds the pieces of a text: date, clock, seconds, and what follows them (AM, an offset).

    The numbers are the pieces' places; -1 where the format has no seconds, or nothing after them.
    """

    pattern: re.Pattern[str]
    date_at: int
    clock_at: int
    second_at: int
    tail_at: int
    _days: dict[tuple[str, ZoneInfo | None], _Day] = field(default_factory=dict)
    _clocks: dict[str, _Clock] = field(default_factory=dict)

    def known(self, raw: str, found: re.Match[str], zone: ZoneInfo | None) -> Timestamp | None:
        """What a text says that `pattern` has found; None if its date or its clock is not known yet."""
        pieces = found.groups()
        printed = (
            pieces[self.clock_at]
            if self.tail_at < 0
            else pieces[self.clock_at] + pieces[self.tail_at]
        )
        day, clock = self._days.get((pieces[self.date_at], zone)), self._clocks.get(printed)
        if day is None or clock is None or (clock[2] is not None and clock[2] != day[3]):
            return None
        if self.second_at < 0:
            return _stamp(raw, day[0] + clock[0], day[1] + clock[1] + day[2], "minute")
        second = _SECONDS.get(pieces[self.second_at])
        if second is None:
            return None
        return _stamp(
            raw, day[0] + clock[0] + second[0], day[1] + clock[1] + second[1] + day[2], "second"
        )

    def learn(
        self, found: re.Match[str], reading: Reading, stamp: Timestamp, zone: ZoneInfo | None
    ) -> None:
        """Keeps what the long way has made of such a text."""
        if zone is None or stamp.utc is None:
            return
        pieces = found.groups()
        date = pieces[self.date_at], zone
        if date not in self._days:
            day = _day(
                datetime(reading.year or 0, reading.month or 0, reading.day or 0, tzinfo=zone)
            )
            if day is not None:
                _keep(self._days, date, day)
        clock = (
            pieces[self.clock_at]
            if self.tail_at < 0
            else pieces[self.clock_at] + pieces[self.tail_at]
        )
        if clock not in self._clocks:
            hour, minute = reading.hour or 0, reading.minute or 0
            time, text = timedelta(hours=hour, minutes=minute), f"{hour:02}:{minute:02}"
            _keep(
                self._clocks,
                clock,
                _Clock(time, text if self.second_at >= 0 else f"{text}:00", reading.offset),
            )


def _keep(kept: dict[Key, Value], key: Key, value: Value) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = value


# A frozen dataclass sets each of its fields by a call that looks the field up: a fifth of the whole short way.
_SET_RAW, _SET_UTC, _SET_LOCAL, _SET_PRECISION, _SET_PROBLEM = (
    Timestamp.__dict__[one.name].__set__ for one in fields(Timestamp)
)


def _stamp(raw: str, utc: datetime, local: str, precision: Precision) -> Timestamp:
    stamp = object.__new__(Timestamp)
    _SET_RAW(stamp, raw)
    _SET_UTC(stamp, utc)
    _SET_LOCAL(stamp, local)
    _SET_PRECISION(stamp, precision)
    _SET_PROBLEM(stamp, None)
    return stamp


def _day(start: datetime) -> _Day | None:
    """A day by its midnight in a zone; None where summer time begins or ends, and in 1970 with its program's zero."""
    if start.year == ZERO.year:
        return None
    offset = start.utcoffset()
    if (
        offset is None
        or not offset == (start + _HALF_A_DAY).utcoffset() == (start + _A_DAY).utcoffset()
    ):
        return None
    local = start.isoformat()
    return _Day(start.astimezone(UTC), local[:11], local[19:], offset)


def quick_format(pieces: Sequence[tuple[str, str]], edge: str) -> QuickFormat | None:
    """The short way of a format, given piece by piece as (directive, or nothing, and pattern); None if it has none."""
    names = {name for name, _ in pieces if name}
    kinds = (
        [_DATE, _CLOCK | _TAIL]
        if "S" not in names
        else [_DATE, _CLOCK, _SECOND, *([_TAIL] * bool(names & _TAIL))]
    )
    if not (names & {"Y", "y"} and names & {"H", "I"}) or names - frozenset("A").union(*kinds):
        return None
    spans = [_span(pieces, letters) for letters in kinds]
    order = sorted(spans)
    if any(end > start for (_, end), (start, _) in pairwise(order)):
        return None  # one piece lies within another
    marks = Counter(start for start, _ in spans), Counter(end for _, end in spans)
    whole = "".join(
        f"{')' * marks[1][at]}{'(' * marks[0][at]}{pattern}"
        for at, (_, pattern) in enumerate([*pieces, ("", "")])
    )
    bare = _SPACES.sub(r"\\s*", _NAMED.sub("(?:", edge + whole + edge))
    date_at, clock_at, second_at, tail_at = ([order.index(span) for span in spans] + [-1, -1])[:4]
    return QuickFormat(re.compile(bare), date_at, clock_at, second_at, tail_at)


def _span(pieces: Sequence[tuple[str, str]], letters: frozenset[str]) -> tuple[int, int]:
    """From the first piece of these directives to behind the last."""
    places = [at for at, (name, _) in enumerate(pieces) if name in letters]
    return places[0], places[-1] + 1
