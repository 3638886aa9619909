"""Turns the numbers of a printed time into a Timestamp, by the rules of clocks and zones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from newscrawl.core.records import Precision, Timestamp

# Other years are a program's zero or infinity (0001-01-01, 9999-12-31), not times of publication.
FIRST_YEAR, LAST_YEAR = 1900, 2199
ZERO = datetime(1970, 1, 1, tzinfo=UTC)  # likewise
# A site in another zone, or one with a wrong clock, does not print times in the future.
_FUTURE = timedelta(hours=24)
# Between the site's clock and ours, for a printed clock time without a date.
_SKEW = timedelta(minutes=15)

_MORNING = frozenset({"am", "sa", "sáng"})
_AFTERNOON = frozenset({"pm", "ch", "chiều"})


class UnreadableError(Exception):
    """A time of a known form that gives no instant. `code` becomes the Timestamp's problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The parts of a printed time. None: not printed.

    `hour` is as printed. `meridiem` is a word such as `pm` or `tối`.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    meridiem: str | None = None
    offset: timedelta | None = None
    instant: datetime | None = None  # if seconds since 1970 were printed, instead of all the others


def resolve(raw: str, printed: Printed, zone: ZoneInfo | None, now: datetime | None) -> Timestamp:
    """The Timestamp of a printed time. It has a problem if it names no instant, or several."""
    try:
        stamp = _resolved(raw, printed, zone, now)
    except UnreadableError as error:
        return Timestamp(raw, problem=error.code)
    return with_future_marked(stamp, zone, now)


def with_future_marked(stamp: Timestamp, zone: ZoneInfo | None, now: datetime | None) -> Timestamp:
    """The Timestamp, with the problem `future` if it is later than `now` by more than a day."""
    if _is_future(stamp, zone, now):
        return replace(stamp, problem="future")
    return stamp


def clock_hour(hour: int, meridiem: str | None) -> int:
    """The hour 0-23 of a printed clock. A needless PM or AM is ignored (`17:09 PM`, `00:01 AM`).

    Raises UnreadableError: `impossible` for `17:09 AM`, `ambiguous` for twelve at night, which may
    belong to either day.
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


def _night_hour(hour: int, word: str) -> int:
    if hour == 12:
        raise UnreadableError("ambiguous")
    if word == "đêm" and hour < 6:
        return hour
    return hour + 12 if 5 <= hour < 12 else hour


def full_year(two_digits: int) -> int:
    """As in POSIX: 00-68 are 20xx, 69-99 are 19xx."""
    return two_digits + (2000 if two_digits < 69 else 1900)


def _resolved(raw: str, printed: Printed, zone: ZoneInfo | None, now: datetime | None) -> Timestamp:
    if printed.instant is not None:
        return _instant(raw, printed.instant, zone, "second")
    if printed.year is None:
        printed = _with_date(printed, zone, now)
    elif printed.month is None or printed.day is None:
        return _without_day(raw, printed.year, printed.month)
    day = _day(printed.year or 0, printed.month or 0, printed.day or 0)
    if printed.hour is None:
        return Timestamp(raw, local=day.isoformat(), precision="day")
    wall = _wall(day, printed)
    precision: Precision = "minute" if printed.second is None else "second"
    if printed.offset is not None:
        moment = wall.replace(tzinfo=timezone(printed.offset))
        return _instant(raw, moment, zone, precision)
    problem = "no_zone" if zone is None else wall_problem(wall, zone)
    if problem:
        return Timestamp(raw, local=wall.isoformat(), precision=precision, problem=problem)
    return _instant(raw, wall.replace(tzinfo=zone), zone, precision)


def _instant(raw: str, moment: datetime, zone: ZoneInfo | None, precision: Precision) -> Timestamp:
    """The Timestamp of an aware datetime; `local` is in the site's zone if that is known."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise UnreadableError("impossible")
    moment = moment.replace(microsecond=0)
    utc = moment.astimezone(UTC)
    if utc == ZERO:
        raise UnreadableError("impossible")
    local = moment.astimezone(zone) if zone else moment
    return Timestamp(raw, utc, local.isoformat(), precision)


def wall_problem(wall: datetime, zone: ZoneInfo) -> str | None:
    """`nonexistent` or `ambiguous` if the zone changes its clocks in this hour, else None."""
    early = wall.replace(tzinfo=zone, fold=0)
    late = wall.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return None
    round_trip = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return "ambiguous" if round_trip == wall else "nonexistent"


def _without_day(raw: str, year: int, month: int | None) -> Timestamp:
    _day(year, month or 1, 1)  # raises if there is no such month
    if month is None:
        return Timestamp(raw, local=f"{year:04}", precision="year")
    return Timestamp(raw, local=f"{year:04}-{month:02}", precision="month")


def _day(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableError("impossible")
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableError("impossible") from None


def _wall(day: date, printed: Printed) -> datetime:
    """The date and clock time, without a zone."""
    hour = clock_hour(printed.hour or 0, printed.meridiem)
    minute = printed.minute or 0
    second = printed.second or 0
    if minute > 59 or second > 59:
        raise UnreadableError("impossible")
    return datetime.combine(day, time(hour, minute, second))


def _with_date(printed: Printed, zone: ZoneInfo | None, now: datetime | None) -> Printed:
    """A time without a year, or without a date, as the latest such time before `now`.

    Only formats of a site file can print such times.
    """
    if now is None or zone is None:
        raise UnreadableError("relative")
    here = now.astimezone(zone)
    if printed.month is None or printed.day is None:
        today = _on(printed, here.date())
        if _wall(here.date(), today) > here.replace(tzinfo=None) + _SKEW:
            return _on(printed, here.date() - timedelta(days=1))
        return today
    latest = (here + _FUTURE).date()
    for year in range(latest.year, latest.year - 9, -1):  # 29 February may be eight years ago
        try:
            day = _day(year, printed.month, printed.day)
        except UnreadableError:
            continue
        if day <= latest:
            return _on(printed, day)
    raise UnreadableError("impossible")


def _on(printed: Printed, day: date) -> Printed:
    return replace(printed, year=day.year, month=day.month, day=day.day)


def _is_future(stamp: Timestamp, zone: ZoneInfo | None, now: datetime | None) -> bool:
    if now is None or stamp.local is None or stamp.problem:
        return False
    if stamp.utc is not None:
        return stamp.utc > now + _FUTURE
    latest = (now.astimezone(zone or UTC) + _FUTURE).date().isoformat()
    return stamp.local > latest[: len(stamp.local)]
