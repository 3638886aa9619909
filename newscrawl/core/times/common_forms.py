"""The forms that any site may print: ISO 8601, RFC 2822, Vietnamese and English dates.

Each form must match the whole text, except weekdays, labels (`Cập nhật`, `ngày`, `lúc`) and
anything after a bar. In dates with slashes or dashes the day comes first, except in American times
with AM or PM (as seen on 20 Vietnamese sites in 2026). If the site's zone is American, no order is
assumed.
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
_LABELS = (
    "ngày|lúc|vào|hồi|cập|nhật|đăng|xuất|bản|lần|cuối|thời|gian"
    "|published|updated|posted|modified|last|date|on|at|t"
)
_FILLER = rf"(?:[\s|,;:•·@(\[-]|\b(?:{_LABELS})\b|{WEEKDAY})*+"  # possessive: no backtracking
_TAIL = r"(?:\s?\([a-z ]+ time\))?[\s|,;:•·)\].-]*(?:[|•·][^0-9]*)?"
# `12,0700` is not a fraction, but an offset without its sign.
_FRACTION = r"(?:[.,](?:[0-9]{1,3}|[0-9]{6,9})(?![0-9]))?"
_TIME = (
    rf"(?<![0-9])(?P<hour>{_N})(?:\s?:\s?(?=[0-9]{{2}})|\s?(?:h|giờ)\s?)(?P<minute>{_N})"
    rf"(?:(?::|\s?'\s?)(?P<second>[0-9]{{2}}){_FRACTION})?"
    rf"(?:\s?(?:'|''|phút))?(?:\s?(?P<meridiem>{MERIDIEM}))?(?!:?[0-9])"
)
# Without seconds, `08:00-10:00` is a period from eight to ten, not a time with an offset; so is
# `08:00-10`.
_NO_SPAN = r"(?!(?<![0-9]:[0-9]{2}:[0-9]{2})(?<=[0-9][:h][0-9]{2})\s?-[0-9]{1,2}(?::|$))"
_ZONED = rf"(?:{_NO_SPAN}\s?\(?\s?(?P<offset>{ZONE})\s?\)?)?"
_ZONED_AFTER_DATE = rf"(?:\s?\(?\s?(?P<offset>{NAMED_ZONE}|(?<=\s){FULL_OFFSET})\s?\)?)?"
_DATES = (
    rf"(?P<first>{_N})\s?(?P<sep>[/.-])\s?(?P<second_number>{_N})\s?(?P=sep)\s?"
    r"(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])",
    rf"(?P<year>[0-9]{{4}})(?P<sep>[/.-])(?P<month>{_N})(?P=sep)(?P<day>{_N})(?![0-9])",
    rf"(?P<day>{_N})[\s,/-]*(?:tháng|thg\.?)\s?(?P<name>{_N}|{VIETNAMESE_MONTH})[\s,/-]*"
    r"(?:năm\s)?\s?(?P<year>[0-9]{4})",
    rf"(?:tháng|thg\.?|th)\s?(?P<name>{_N}|{VIETNAMESE_MONTH})\s(?P<day>{_N})[\s,]+"
    r"(?P<year>[0-9]{4})(?![0-9])",
    rf"(?P<day>{_N})(?:st|nd|rd|th)?[\s./-]*(?P<name>{ENGLISH_MONTH})[\s,./-]*"
    r"(?P<year>[0-9]{4})(?![0-9])",
    rf"(?P<name>{ENGLISH_MONTH})\s?(?P<day>{_N})(?:st|nd|rd|th)?[\s,]+"
    r"(?P<year>[0-9]{4})(?![0-9])",
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
# The form of nearly all times in JSON-LD and meta elements. _ISO matches it too, in three times the
# time.
_ISO_WHOLE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})t([0-9]{2}):([0-9]{2}):([0-9]{2})(z|[+-][0-9]{2}:[0-9]{2})"
)
_ISO_BASIC = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})t"
    r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?"
    rf"(?P<offset>{ZONE}|[+-][0-9]{{4}})?"
)
_RFC_2822 = re.compile(
    rf"(?:{WEEKDAY},?\s?)?(?P<day>{_N})[\s-](?P<name>{ENGLISH_MONTH})[\s-]"
    r"(?P<year>[0-9]{4}|[0-9]{2})\s"
    rf"(?P<hour>{_N}):(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}}))?"
    rf"(?:\s?\(?(?P<offset>{RFC_ZONE})\)?)?(?:\s\([a-z]+\))?"
)
# Seconds with ten digits (from September 2001 on), or milliseconds with thirteen.
_SECONDS = re.compile(r"[1-9][0-9]{9}(?:[0-9]{3})?")
_LAST_SECONDS = 2_000_000_000  # May 2033: a greater number is an id
_WITHOUT_DATE = (
    rf"{_FILLER}{_TIME}{_ZONED}{_TAIL}",
    rf"{_FILLER}{_N}[/-]{_N}{_FILLER}{_TIME}{_TAIL}",
    rf"{_FILLER}{_TIME}{_FILLER}{_N}[/-]{_N}{_TAIL}",
)
_AMERICAN_ZONES = frozenset(
    {"Pacific/Honolulu", "Pacific/Guam", "Asia/Manila", "EST5EDT", "CST6CDT", "PST8PDT"}
)


def read_form(text: str, zone: ZoneInfo | None, *, month_first: bool = False) -> Printed | None:
    """The parts of a time in a form for people; None if plain text has no such form.

    With `month_first` (the site prints American dates somewhere) no order of day and month is
    assumed. Raises UnreadableError if the form is known, but its meaning is not certain.
    """
    month_first = month_first or _is_american(zone)
    for pattern in _compiled_forms():
        if match := pattern.fullmatch(text):
            return _printed(match.groupdict(), text, month_first)
    if any(pattern.fullmatch(text) for pattern in _compiled_without_date()):
        raise UnreadableError("ambiguous")
    return None


def read_machine_form(text: str) -> Printed | None:
    """The parts of a time in a form for programs: ISO 8601, RFC 2822, or seconds since 1970.

    Raises UnreadableError if it names no moment.
    """
    if match := _ISO_WHOLE.fullmatch(text):
        return _whole_iso(match)
    for pattern in (_ISO, _ISO_BASIC, _RFC_2822):
        if match := pattern.fullmatch(text):
            return _printed(match.groupdict(), text, month_first=False)
    return _seconds(text) if _SECONDS.fullmatch(text) else None


@lru_cache(maxsize=1)
def _compiled_forms() -> tuple[re.Pattern[str], ...]:
    zoned_time = rf"{_FILLER}{_TIME}\s?\(?\s?(?P<offset>{NAMED_ZONE})\s?\)?{_FILLER}"
    date_first = [rf"{_FILLER}{day}(?:{_FILLER}{_TIME}{_ZONED})?{_TAIL}" for day in _DATES]
    time_first = [rf"{_FILLER}{_TIME}{_FILLER}{day}{_ZONED_AFTER_DATE}{_TAIL}" for day in _DATES]
    zone_inside = [rf"{zoned_time}{day}{_TAIL}" for day in _DATES]
    months = [rf"{_FILLER}{month}{_TAIL}" for month in _MONTHS]
    return tuple(re.compile(form) for form in (*date_first, *time_first, *zone_inside, *months))


@lru_cache(maxsize=1)
def _compiled_without_date() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form) for form in _WITHOUT_DATE)


def _whole_iso(match: re.Match[str]) -> Printed:
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    return Printed(
        year=year,
        month=month,
        day=day,
        hour=hour,
        minute=minute,
        second=second,
        offset=_offset(match[7]),
    )


def _seconds(text: str) -> Printed | None:
    seconds = int(text[:10])
    if seconds > _LAST_SECONDS:
        return None
    return Printed(instant=datetime.fromtimestamp(seconds, UTC))


def _printed(texts: Mapping[str, str | None], text: str, month_first: bool) -> Printed:
    """The parts of a time from the named groups of a pattern."""
    offset = texts.get("offset")
    shift = _offset(offset) if offset else None
    year, month, day = _date(texts, text, month_first)
    return Printed(
        year=year,
        month=month,
        day=day,
        hour=_number(texts, "hour"),
        minute=_number(texts, "minute"),
        second=_number(texts, "second"),
        meridiem=texts.get("meridiem"),
        offset=shift,
    )


@lru_cache(maxsize=64)
def _offset(zone: str) -> timedelta:
    offset = zone_offset(zone)
    if offset is None:
        raise UnreadableError("impossible")
    return offset


def _date(
    texts: Mapping[str, str | None], text: str, month_first: bool
) -> tuple[int, int | None, int | None]:
    """(year, month, day), as far as they are printed."""
    digits = texts["year"] or ""
    year = int(digits)
    if len(digits) == 2:
        if "first" in texts:  # 24/12/12 may begin with the day or the year; RFC 2822 may not
            raise UnreadableError("ambiguous")
        year = full_year(year)
    if "first" in texts:
        month, day = _month_and_day(year, texts, text, month_first)
        return year, month, day
    name = texts.get("name")
    if not name:
        return year, _number(texts, "month"), _number(texts, "day")
    month_of_name = month_number(name)
    if not month_of_name:
        raise UnreadableError("impossible")
    return year, month_of_name, _number(texts, "day")


def _month_and_day(
    year: int, texts: Mapping[str, str | None], text: str, month_first: bool
) -> tuple[int, int]:
    """(month, day) of `05/09/2026`.

    The day is first unless something indicates the American order.
    """
    first = _number(texts, "first") or 0
    second = _number(texts, "second_number") or 0
    may_be_american = _has_american_clock(texts) or (texts["sep"] != "." and month_first)
    if not may_be_american or first == second:
        return second, first
    orders = [order for order in ((second, first), (first, second)) if _exists(year, *order)]
    weekday = weekday_in(text)
    if weekday:
        number, is_vietnamese = weekday
        if is_vietnamese:
            return second, first
        orders = [order for order in orders if date(year, *order).weekday() == number]
    if len(orders) == 1:
        return orders[0]
    raise UnreadableError("ambiguous" if orders else "impossible")


def _has_american_clock(texts: Mapping[str, str | None]) -> bool:
    hour = _number(texts, "hour") or 0
    return texts["sep"] == "/" and 1 <= hour <= 12 and texts.get("meridiem") in ENGLISH_MERIDIEMS


def _is_american(zone: ZoneInfo | None) -> bool:
    if zone is None:
        return False
    return zone.key.startswith(("America/", "US/", "Canada/")) or zone.key in _AMERICAN_ZONES


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _number(texts: Mapping[str, str | None], name: str) -> int | None:
    digits = texts.get(name)
    return int(digits) if digits is not None else None
