"""The forms every site may print, read without a site's word: ISO 8601, RFC 2822, Vietnamese and English dates.

Each form must fill the whole text, but for weekdays, labels (`Cập nhật`, `ngày`, `lúc`) and what follows a bar.
"In slashed and dashed dates the day always comes first, except US-style strings with AM/PM" (SITES.md section 5, seen
on 20 Vietnamese sites in 2026); where the site's zone is American nothing is taken for granted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from newscrawl.core.times.resolve import Printed, UnreadableError, full_year
from newscrawl.core.times.words import (
    ENGLISH_MERIDIEMS,
    ENGLISH_MONTH,
    FULL_OFFSET,
    MERIDIEM,
    NAMED_ZONE,
    RFC_ZONE,
    VIETNAMESE_MONTH,
    WEEKDAY,
    ZONE,
    month_number,
    weekday_in,
    zone_offset,
)

_N = "[0-9]{1,2}"
_LABELS = "ngày|lúc|vào|hồi|cập|nhật|đăng|xuất|bản|lần|cuối|thời|gian|published|updated|posted|modified|last|date|on|at|t"
_FILLER = rf"(?:[\s|,;:•·@(\[-]|\b(?:{_LABELS})\b|{WEEKDAY})*+"  # possessive: nothing to try again
_TAIL = r"(?:\s?\([a-z ]+ time\))?[\s|,;:•·)\].-]*(?:[|•·][^0-9]*)?"
_FRACTION = r"(?:[.,](?:[0-9]{1,3}|[0-9]{6,9})(?![0-9]))?"  # `12,0700` is rather an offset that has lost its sign
_TIME = (
    rf"(?<![0-9])(?P<hour>{_N})(?:\s?:\s?(?=[0-9]{{2}})|\s?(?:h|giờ)\s?)(?P<minute>{_N})(?:(?::|\s?'\s?)(?P<second>[0-9]{{2}})"
    rf"{_FRACTION})?(?:\s?(?:'|''|phút))?(?:\s?(?P<meridiem>{MERIDIEM}))?(?!:?[0-9])"
)
# Without seconds `08:00-10:00` is from eight to ten rather than a place in the Pacific; `08:00-10` has lost a colon.
_NO_SPAN = r"(?!(?<![0-9]:[0-9]{2}:[0-9]{2})(?<=[0-9]:[0-9]{2})\s?-[0-9]{1,2}(?::|$))"
_ZONED = rf"(?:{_NO_SPAN}\s?\(?\s?(?P<offset>{ZONE})\s?\)?)?"
_ZONED_AFTER_DATE = rf"(?:\s?\(?\s?(?P<offset>{NAMED_ZONE}|(?<=\s){FULL_OFFSET})\s?\)?)?"
_DATES = (
    rf"(?P<first>{_N})\s?(?P<sep>[/.-])\s?(?P<second_number>{_N})\s?(?P=sep)\s?(?P<year>[0-9]{{4}}|[0-9]{{2}})(?![0-9])",
    rf"(?P<year>[0-9]{{4}})(?P<sep>[/.-])(?P<month>{_N})(?P=sep)(?P<day>{_N})(?![0-9])",
    rf"(?P<day>{_N})[\s,/-]*(?:tháng|thg\.?)\s?(?P<name>{_N}|{VIETNAMESE_MONTH})[\s,/-]*(?:năm\s)?\s?(?P<year>[0-9]{{4}})",
    rf"(?:tháng|thg\.?|th)\s?(?P<name>{_N}|{VIETNAMESE_MONTH})\s(?P<day>{_N})[\s,]+(?P<year>[0-9]{{4}})(?![0-9])",
    rf"(?P<day>{_N})(?:st|nd|rd|th)?[\s./-]*(?P<name>{ENGLISH_MONTH})[\s,./-]*(?P<year>[0-9]{{4}})(?![0-9])",
    rf"(?P<name>{ENGLISH_MONTH})\s?(?P<day>{_N})(?:st|nd|rd|th)?[\s,]+(?P<year>[0-9]{{4}})(?![0-9])",
)
_MONTHS = (
    rf"(?:tháng\s)?(?P<name>{_N})\s?[/-]\s?(?P<year>[0-9]{{4}})",
    rf"tháng\s(?P<name>{_N}|{VIETNAMESE_MONTH})[\s,]*(?:năm\s)?(?P<year>[0-9]{{4}})",
    rf"(?P<name>{ENGLISH_MONTH})[\s,]*(?P<year>[0-9]{{4}})",
)
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:(?:t|\s?)(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})"
    rf"{_FRACTION})?{_NO_SPAN}\s?\(?(?P<offset>{ZONE}|[+-][0-9]{{4}})?\)?)?)?)?"
)
# What nearly all data and metas have; the next one says the same of it, in three times the time.
_ISO_WHOLE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})t([0-9]{2}):([0-9]{2}):([0-9]{2})(z|[+-][0-9]{2}:[0-9]{2})"
)
_ISO_BASIC = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})t(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?"
    rf"(?P<offset>{ZONE}|[+-][0-9]{{4}})?"
)
_RFC_2822 = re.compile(
    rf"(?:{WEEKDAY},?\s?)?(?P<day>{_N})[\s-](?P<name>{ENGLISH_MONTH})[\s-](?P<year>[0-9]{{4}}|[0-9]{{2}})\s"
    rf"(?P<hour>{_N}):(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}}))?(?:\s?\(?(?P<offset>{RFC_ZONE})\)?)?(?:\s\([a-z]+\))?"
)
_SECONDS = re.compile(
    r"[1-9][0-9]{9}(?:[0-9]{3})?"
)  # ten digits: from September 2001 on; thirteen: milliseconds
_NO_DATE = (rf"{_FILLER}{_TIME}{_ZONED}{_TAIL}", rf"{_FILLER}{_N}[/-]{_N}{_FILLER}{_TIME}{_TAIL}",
            rf"{_FILLER}{_TIME}{_FILLER}{_N}[/-]{_N}{_TAIL}")  # fmt: skip
_AMERICAN_ZONES = frozenset(
    {"Pacific/Honolulu", "Pacific/Guam", "Asia/Manila", "EST5EDT", "CST6CDT", "PST8PDT"}
)
_LAST_SECONDS = 2_000_000_000  # May 2033: ten digits that begin with 2 are rather an id


def read_form(text: str, zone: ZoneInfo | None, *, month_first: bool = False) -> Printed | None:
    """What plain text says in a common form, None for no such form.

    With `month_first` (the site prints American dates somewhere) no order of day and month is taken for granted.
    Raises UnreadableError where the form is known, but says nothing certain.
    """
    if whole := _ISO_WHOLE.fullmatch(text):
        year, month, day, hour, minute, second = map(int, whole.groups()[:6])
        return Printed(
            year=year,
            month=month,
            day=day,
            hour=hour,
            minute=minute,
            second=second,
            offset=_shift(whole[7]),
        )
    month_first = month_first or _american_zone(zone)
    for pattern in (_ISO, _ISO_BASIC, _RFC_2822):
        if found := pattern.fullmatch(text):
            return _reading(found.groupdict(), text, month_first)
    if _SECONDS.fullmatch(text):
        return _seconds(text)
    for pattern in _compiled_forms():
        if found := pattern.fullmatch(text):
            return _reading(found.groupdict(), text, month_first)
    if any(pattern.fullmatch(text) for pattern in _compiled_without_date()):
        raise UnreadableError("ambiguous")
    return None


@lru_cache(maxsize=1)
def _compiled_forms() -> tuple[re.Pattern[str], ...]:
    date_first = [rf"{_FILLER}{date_}(?:{_FILLER}{_TIME}{_ZONED})?{_TAIL}" for date_ in _DATES]
    time_first = [
        rf"{_FILLER}{_TIME}{_FILLER}{date_}{_ZONED_AFTER_DATE}{_TAIL}" for date_ in _DATES
    ]
    zoned_time = rf"{_FILLER}{_TIME}\s?\(?\s?(?P<offset>{NAMED_ZONE})\s?\)?{_FILLER}"
    zone_inside = [rf"{zoned_time}{date_}{_TAIL}" for date_ in _DATES]
    months = [rf"{_FILLER}{month}{_TAIL}" for month in _MONTHS]
    return tuple(re.compile(form) for form in (*date_first, *time_first, *zone_inside, *months))


@lru_cache(maxsize=1)
def _compiled_without_date() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form) for form in _NO_DATE)


def _seconds(text: str) -> Printed | None:
    seconds = int(text[:10])
    return (
        Printed(instant=datetime.fromtimestamp(seconds, UTC)) if seconds <= _LAST_SECONDS else None
    )


def _reading(printed: Mapping[str, str | None], text: str, month_first: bool) -> Printed:
    offset = printed.get("offset")
    shift = _shift(offset) if offset else None
    year, month, day = _date(printed, text, month_first)
    return Printed(
        year=year,
        month=month,
        day=day,
        hour=_number(printed, "hour"),
        minute=_number(printed, "minute"),
        second=_number(printed, "second"),
        meridiem=printed.get("meridiem"),
        offset=shift,
    )


@lru_cache(maxsize=64)
def _shift(offset: str) -> timedelta:
    if (shift := zone_offset(offset)) is None:
        raise UnreadableError("impossible")
    return shift


def _date(
    printed: Mapping[str, str | None], text: str, month_first: bool
) -> tuple[int, int | None, int | None]:
    digits = printed["year"] or ""
    year = int(digits)
    if len(digits) == 2:
        if "first" in printed:  # 24/12/12 may begin with any of the three; RFC 2822 cannot
            raise UnreadableError("ambiguous")
        year = full_year(year)
    if "first" in printed:
        return (year, *_month_and_day(year, printed, text, month_first))
    name = printed.get("name")
    month = month_number(name) if name else _number(printed, "month")
    if name and not month:
        raise UnreadableError("impossible")
    return year, month, _number(printed, "day")


def _month_and_day(
    year: int, printed: Mapping[str, str | None], text: str, month_first: bool
) -> tuple[int, int]:
    """(month, day) of `05/09/2026`: the day is first unless something speaks for the American order."""
    first, second = _number(printed, "first") or 0, _number(printed, "second_number") or 0
    american = _american_clock(printed) or (printed["sep"] != "." and month_first)
    if not american or first == second:
        return second, first
    weekday = weekday_in(text)
    orders = [order for order in ((second, first), (first, second)) if _exists(year, *order)]
    if weekday and weekday[1]:  # a Vietnamese page
        return second, first
    if weekday:
        orders = [order for order in orders if date(year, *order).weekday() == weekday[0]]
    if len(orders) == 1:
        return orders[0]
    raise UnreadableError("ambiguous" if orders else "impossible")


def _american_clock(printed: Mapping[str, str | None]) -> bool:
    twelve = 1 <= (_number(printed, "hour") or 0) <= 12
    return printed["sep"] == "/" and twelve and printed.get("meridiem") in ENGLISH_MERIDIEMS


def _american_zone(zone: ZoneInfo | None) -> bool:
    return zone is not None and (
        zone.key.startswith(("America/", "US/", "Canada/")) or zone.key in _AMERICAN_ZONES
    )


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _number(printed: Mapping[str, str | None], name: str) -> int | None:
    digits = printed.get(name)
    return int(digits) if digits is not None else None
