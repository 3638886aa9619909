"""The numbers of a printed time, checked and made a Timestamp. All rules about clocks and zones are here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from newscrawl.core.records import Precision, Timestamp

# Outside these years it is a program's zero or its infinity (0001-01-01, 9999-12-31), not a time of publication.
FIRST_YEAR, LAST_YEAR = 1900, 2199
ZERO = datetime(1970, 1, 1, tzinfo=UTC)  # likewise
_FUTURE = timedelta(
    hours=24
)  # a site in another zone, or a clock that is wrong, is not yet the future
_SKEW = timedelta(
    minutes=15
)  # between the site's clock and ours, where only a clock time is printed

_MORNING = frozenset({"am", "sa", "sáng"})
_AFTERNOON = frozenset({"pm", "ch", "chiều"})


class UnreadableError(Exception):
    """A time of a known form that gives no instant; `code` becomes the Timestamp's problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What was printed. None means not printed. `hour` is as printed, `meridiem` a plain word such as `pm`, `tối`."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    meridiem: str | None = None
    offset: timedelta | None = None
    instant: datetime | None = (
        None  # instead of all the others, where seconds since 1970 were printed
    )


def resolve(raw: str, reading: Printed, zone: ZoneInfo | None, now: datetime | None) -> Timestamp:
    """The Timestamp of a reading; a problem instead of a value where it names no instant or several."""
    try:
        stamp = _resolved(raw, reading, zone, now)
    except UnreadableError as reason:
        return Timestamp(raw, problem=reason.code)
    return replace(stamp, problem="future") if _is_future(stamp, zone, now) else stamp


def _instant(raw: str, moment: datetime, zone: ZoneInfo | None, precision: Precision) -> Timestamp:
    """The Timestamp of an aware datetime, written in the site's zone, else in the datetime's own."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR or (utc := moment.astimezone(UTC)) == ZERO:
        raise UnreadableError("impossible")
    if utc.microsecond:
        moment, utc = moment.replace(microsecond=0), utc.replace(microsecond=0)
    local = moment.astimezone(zone) if zone else moment
    return Timestamp(raw, utc, local.isoformat(), precision)


def clock_hour(hour: int, meridiem: str | None) -> int:
    """The hour 0-23 of a clock; a 24-hour clock with a needless PM is understood (`17:09 PM`, `00:01 AM`).

    Raises UnreadableError: `impossible` for `17:09 AM`, `ambiguous` for twelve at night, which may be either day's.
    """
    word = meridiem.replace(".", "") if meridiem else None
    if hour > 23:
        raise UnreadableError("impossible")
    if word is None:
        return hour
    if word in _MORNING:
        if hour > 12:
            raise UnreadableError("impossible")
        return hour % 12
    if word in _AFTERNOON:
        if hour == 0:
            raise UnreadableError("impossible")
        return hour if hour >= 12 else hour + 12
    if word == "trưa":
        return hour + 12 if hour < 3 else hour
    return _night_hour(hour, word)


def full_year(two_digits: int) -> int:
    """POSIX: 00-68 are 20xx, 69-99 are 19xx."""
    return two_digits + (2000 if two_digits < 69 else 1900)


def _night_hour(hour: int, word: str) -> int:
    if hour == 12:
        raise UnreadableError("ambiguous")
    if word == "đêm" and hour < 6:
        return hour
    return hour + 12 if 5 <= hour < 12 else hour


def _resolved(raw: str, reading: Printed, zone: ZoneInfo | None, now: datetime | None) -> Timestamp:
    if reading.instant is not None:
        return _instant(raw, reading.instant, zone, "second")
    if reading.year is None or reading.month is None or reading.day is None:
        if reading.year is not None:
            return _without_day(raw, reading.year, reading.month)
        reading = _dated(reading, zone, now)
    day = _day(reading.year or 0, reading.month or 0, reading.day or 0)
    if reading.hour is None:
        return Timestamp(raw, None, day.isoformat(), "day")
    wall = _wall(day, reading)
    precision: Precision = "minute" if reading.second is None else "second"
    if reading.offset is not None:
        own = datetime.combine(wall.date(), wall.time(), timezone(reading.offset))
        return _instant(raw, own, zone, precision)
    if zone is None:
        return Timestamp(raw, None, wall.isoformat(), precision, "no_zone")
    problem = wall_problem(wall, zone)
    if problem:
        return Timestamp(raw, None, wall.isoformat(), precision, problem)
    return _instant(raw, wall.replace(tzinfo=zone), zone, precision)


def wall_problem(wall: datetime, zone: ZoneInfo) -> str | None:
    """`nonexistent` or `ambiguous` where summer time starts or ends in this hour of this zone, else None."""
    early, late = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return None
    back = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return "ambiguous" if back == wall else "nonexistent"


def _without_day(raw: str, year: int, month: int | None) -> Timestamp:
    _day(year, month or 1, 1)
    if month is None:
        return Timestamp(raw, None, f"{year:04}", "year")
    return Timestamp(raw, None, f"{year:04}-{month:02}", "month")


def _day(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableError("impossible")
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableError("impossible") from None


def _wall(day: date, reading: Printed) -> datetime:
    hour = clock_hour(reading.hour or 0, reading.meridiem)
    minute, second = reading.minute or 0, reading.second or 0
    if minute > 59 or second > 59:
        raise UnreadableError("impossible")
    return datetime(day.year, day.month, day.day, hour, minute, second)


def _dated(reading: Printed, zone: ZoneInfo | None, now: datetime | None) -> Printed:
    """A reading without year or without date, as the newest such moment up to now: a site's format asked for it."""
    if now is None or zone is None:
        raise UnreadableError("relative")
    here = now.astimezone(zone)
    if reading.month is None or reading.day is None:
        today = replace(reading, year=here.year, month=here.month, day=here.day)
        late = _wall(here.date(), today) > here.replace(tzinfo=None) + _SKEW
        return _on(reading, here.date() - timedelta(days=1)) if late else today
    limit = (here + _FUTURE).date()
    for year in range(limit.year, limit.year - 9, -1):  # 29 February may be eight years back
        try:
            day = _day(year, reading.month, reading.day)
        except UnreadableError:
            continue
        if day <= limit:
            return _on(reading, day)
    raise UnreadableError("impossible")


def _on(reading: Printed, day: date) -> Printed:
    return replace(reading, year=day.year, month=day.month, day=day.day)


def _is_future(stamp: Timestamp, zone: ZoneInfo | None, now: datetime | None) -> bool:
    if now is None or stamp.local is None or stamp.problem:
        return False
    if stamp.utc is not None:
        return stamp.utc > now + _FUTURE
    limit = (now.astimezone(zone or UTC) + _FUTURE).date().isoformat()
    return stamp.local > limit[: len(stamp.local)]
