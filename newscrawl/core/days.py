"""Days as users write them: `--since 2026-09-01`, `--until 2026-09`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo

from newscrawl.core.errors import UsageError

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
# With an offset, a day outside these years would have no UTC text with a year of four digits.
FIRST_YEAR, LAST_YEAR = 1000, 9998


def day_texts(since: str | None, until: str | None) -> tuple[str | None, str | None]:
    """Both days as the store takes them (`2026-09-01`); UsageError as `days` has it."""
    first, last = days(since, until)
    return first.isoformat() if first else None, last.isoformat() if last else None


def days(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """Both days read; UsageError where one is no day, or they are the wrong way round."""
    first, last = parse_day(since, "--since"), parse_day(until, "--until", end_of_month=True)
    if first and last and last < first:
        raise UsageError(f"--until {last} is before --since {first}", "exchange the two")
    return first, last


def parse_day(
    text: str | None, option: str, *, end_of_month: bool = False, months: bool = True
) -> date | None:
    """A day written `2026-09-01`, or the first (or last) day of a month written `2026-09`; UsageError for others."""
    if text is None:
        return None
    month = MONTH.fullmatch(text) if months else None
    try:
        day = (
            date.fromisoformat(f"{text}-01" if month else text)
            if month or DAY.fullmatch(text)
            else None
        )
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UsageError(
            f"{option} {text[:40]!r}: expected a day such as 2026-09-01"
            + (", or a month such as 2026-09" if months else ""),
            "year, month, day, in this order",
        )
    return (
        (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if month and end_of_month
        else day
    )


def day_after(day: date | None) -> date | None:
    """The next day; None for none."""
    return day + timedelta(days=1) if day else None


def day_range(
    since: str | None, until: str | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """Two days of a time zone as instants: the first one's beginning, and the last one's end (exclusive)."""
    first, last = days(since, until)
    return _midnight(first, zone), _midnight(day_after(last), zone)


def _midnight(day: date | None, zone: tzinfo) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None
