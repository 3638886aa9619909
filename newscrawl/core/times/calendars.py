"""Days of other calendars than the Gregorian."""

from __future__ import annotations

from datetime import date, timedelta

BUDDHIST_YEARS = range(2500, 2700)  # 1957 to 2156
JALALI_YEARS = range(1300, 1500)  # 1921 to 2120
_BUDDHIST_SHIFT = 543
# The Iranian calendar in these years: the first day of 1300, and the leap years by the cycle of 33
# years, which agrees with the astronomical rule from 1244 to 1501.
_FIRST_DAY = date(1921, 3, 21)
_LEAP_YEARS_IN_CYCLE = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_LONG_MONTHS = 6  # months of 31 days; the others have 30, the last one 29 except in leap years


def gregorian_of_buddhist(year: int) -> int:
    """The year of our era of a Thai year: 2563 is 2020."""
    return year - _BUDDHIST_SHIFT


def gregorian_of_jalali(year: int, month: int, day: int) -> date | None:
    """The day of an Iranian date; None if there is no such day, or if the year is out of range."""
    if year not in JALALI_YEARS or not 1 <= month <= 12:
        return None
    if not 1 <= day <= _days_of_month(year, month):
        return None
    days = sum(366 if _is_leap(earlier) else 365 for earlier in range(JALALI_YEARS.start, year))
    days += sum(_days_of_month(year, earlier) for earlier in range(1, month))
    return _FIRST_DAY + timedelta(days=days + day - 1)


def _days_of_month(year: int, month: int) -> int:
    if month <= _LONG_MONTHS:
        return 31
    if month < 12 or _is_leap(year):
        return 30
    return 29


def _is_leap(year: int) -> bool:
    return year % 33 in _LEAP_YEARS_IN_CYCLE
