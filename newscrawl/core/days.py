"""Days as users write them: `--since 2026-09-01`, `--until 2026-09`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo

from newscrawl.core.errors import UsageError

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
# In UTC, an instant of a day outside these years may not have a year of four digits.
FIRST_YEAR, LAST_YEAR = 1000, 9998


def day_texts(since: str | None, until: str | None) -> tuple[str | None, str | None]:
    """Both days as text for the store (`2026-09-01`). UsageError as in `days`."""
    first, last = days(since, until)
    return first.isoformat() if first else None, last.isoformat() if last else None


def days(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """Both days. UsageError if one is not a day, or if the second is before the first."""
    first = parse_day(since, "--since")
    last = parse_day(until, "--until", end_of_month=True)
    if first and last and last < first:
        raise UsageError(f"--until {last} is before --since {first}", "exchange the two")
    return first, last


def parse_day(
    text: str | None, option: str, *, end_of_month: bool = False, months: bool = True
) -> date | None:
    """The day of `2026-09-01`, or the first (or last) day of `2026-09`.

    UsageError for any other text.
    """
    if text is None:
        return None
    is_month = months and MONTH.fullmatch(text) is not None
    day = _day(f"{text}-01" if is_month else text)
    if day is None:
        expected = "a day such as 2026-09-01"
        if months:
            expected += ", or a month such as 2026-09"
        message = f"{option} {text[:40]!r}: expected {expected}"
        raise UsageError(message, "year, month, day, in this order")
    if is_month and end_of_month:
        next_month = (day + timedelta(days=31)).replace(day=1)
        return next_month - timedelta(days=1)
    return day


def _day(text: str) -> date | None:
    if not DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def day_after(day: date | None) -> date | None:
    """The next day; None for None."""
    return day + timedelta(days=1) if day else None


def day_range(
    since: str | None, until: str | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """Two days of a time zone as instants: the start of the first day and the end of the last.

    The end is exclusive.
    """
    first, last = days(since, until)
    return _midnight(first, zone), _midnight(day_after(last), zone)


def _midnight(day: date | None, zone: tzinfo) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None
