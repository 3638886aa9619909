"""Days as users write them: `2026-09-01`, `22/11/2022`, `2026-09`, `yesterday`, `7d`.

Every command and every form of the browser pages reads its days here.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from newscrawl.core.errors import UsageError
from newscrawl.core.text import counted

FORMS = "2026-09-01, 22/11/2022, 2026-09, 2026, today, yesterday, 7d (seven days ago) or 2w"
YEAR_FIRST = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
DAY_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
AGO = re.compile(r"([0-9]{1,5})([dw])")
NAMED_DAYS = {"today": 0, "yesterday": 1}  # days ago
DAYS_PER_UNIT = {"d": 1, "w": 7}
MONTHS_PER_YEAR = 12
# In UTC, an instant of a day outside these years may not have a year of four digits.
FIRST_YEAR, LAST_YEAR = 1000, 9998


class Period(NamedTuple):
    """The first and last day of a day, month or year. Both are the same for a day."""

    first: date
    last: date


def day_texts(since: str | None, until: str | None, today: date) -> tuple[str | None, str | None]:
    """Both days as text for the store (`2026-09-01`). UsageError as in `days`."""
    first, last = days(since, until, today)
    return first.isoformat() if first else None, last.isoformat() if last else None


def days(since: str | None, until: str | None, today: date) -> tuple[date | None, date | None]:
    """The first day of `since` and the last day of `until`.

    UsageError if one cannot be read, or if the second is before the first.
    """
    first = read_period(since, "--since", today).first if since is not None else None
    last = read_period(until, "--until", today).last if until is not None else None
    if first and last and last < first:
        raise UsageError(f"--until {last} is before --since {first}", "swap them")
    return first, last


def read_day(text: str | None, option: str, today: date) -> date | None:
    """One day; None for None. UsageError for a month, a year or any other text."""
    if text is None:
        return None
    period = read_period(text, option, today)
    if period.first != period.last:
        raise UsageError(
            f"{option} {text[:40]!r}: expected one day, got {counted(_length(period), 'day')}",
            f"for example {option} {period.first}",
        )
    return period.first


def read_period(text: str, option: str, today: date) -> Period:
    """The days that a text names, in any of FORMS; `option` is named in the message.

    UsageError for any other text, and for a day that the calendar does not have.
    """
    written = text.strip().lower()
    try:
        period = _period(written, today)
    except ValueError as error:
        raise UsageError(
            f"{option} {text[:40]!r}: {error}", "check the day and the month"
        ) from error
    if period is None:
        raise UsageError(
            f"{option} {text[:40]!r}: expected a day, a month or a year", f"write {FORMS}"
        )
    return period


def day_after(day: date | None) -> date | None:
    """The next day; None for None."""
    return day + timedelta(days=1) if day else None


def day_range(
    since: str | None, until: str | None, zone: tzinfo, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Two days of a time zone as instants: the start of the first day and the end of the last.

    The end is exclusive. `now` is an instant; today is its day in the zone.
    """
    first, last = days(since, until, now.astimezone(zone).date())
    return _midnight(first, zone), _midnight(day_after(last), zone)


def _period(written: str, today: date) -> Period | None:
    """None if the text has none of the forms; ValueError if the calendar has no such day."""
    ago = _days_ago(written)
    if ago is not None:
        return _ago(ago, today)
    match = YEAR_FIRST.fullmatch(written)
    if match:
        return _calendar_period(match[1], match[2], match[3])
    match = DAY_FIRST.fullmatch(written)
    if match:
        return _calendar_period(match[3], match[2], match[1])
    return None


def _days_ago(written: str) -> int | None:
    if written in NAMED_DAYS:
        return NAMED_DAYS[written]
    match = AGO.fullmatch(written)
    return int(match[1]) * DAYS_PER_UNIT[match[2]] if match else None


def _ago(days_ago: int, today: date) -> Period:
    try:
        day = today - timedelta(days=days_ago)
    except OverflowError:
        raise ValueError("is too long ago") from None
    _check_year(day.year)
    return Period(day, day)


def _calendar_period(year_text: str, month_text: str | None, day_text: str | None) -> Period:
    year = int(year_text)
    _check_year(year)
    if month_text is None:
        return Period(date(year, 1, 1), date(year, MONTHS_PER_YEAR, 31))
    month = int(month_text)
    if not 1 <= month <= MONTHS_PER_YEAR:
        raise ValueError(f"there is no month {month}")
    last_day = monthrange(year, month)[1]
    if day_text is None:
        return Period(date(year, month, 1), date(year, month, last_day))
    if not 1 <= int(day_text) <= last_day:
        raise ValueError(f"{year}-{month:02} has {last_day} days")
    day = date(year, month, int(day_text))
    return Period(day, day)


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"expected a year from {FIRST_YEAR} to {LAST_YEAR}")


def _length(period: Period) -> int:
    return (period.last - period.first).days + 1


def _midnight(day: date | None, zone: tzinfo) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None
