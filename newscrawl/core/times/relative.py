"""Relative times such as `2 giờ trước` and `hôm qua 10:15`, which need the time of fetching.

Sites round durations in unknown ways. A duration therefore gives only a day, and only if every way
of rounding gives the same day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from newscrawl.core.times.resolve import Printed, UnreadableError

_UNIT_LENGTHS: Mapping[str, timedelta] = {
    "giây": timedelta(seconds=1),
    "second": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "phút": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "giờ": timedelta(hours=1),
    "tiếng": timedelta(hours=1),
    "hour": timedelta(hours=1),
}
_DAYS_AGO: Mapping[str, int] = {
    "hôm nay": 0,
    "today": 0,
    "hôm qua": 1,
    "yesterday": 1,
    "hôm kia": 2,
}
_ONE = frozenset({"một", "a", "an"})
_UNITS = "giây|phút|giờ|tiếng|ngày|tuần|tháng|năm|second|sec|minute|min|hour|day|week|month|year"
_LEAD = r"(?:[\s|,;:•·(-]|cập nhật|đăng|khoảng|cách đây|updated|posted|about)*+"
_AGO = re.compile(
    rf"{_LEAD}(?P<count>[0-9]{{1,4}}|một|vài|mấy|an?|few)\s?(?P<unit>{_UNITS})s?"
    r"\s(?:trước|ago)(?:\s?đây)?[\s.,)|-]*"
)
_NOW = re.compile(rf"{_LEAD}(?:vừa xong|vừa mới|mới đây|just now|now|vừa đăng)[\s.,)|-]*")
_NAMED = re.compile(
    rf"{_LEAD}(?:(?P<before>[0-9]{{1,2}}[:h][0-9]{{2}})[\s,|'-]*)?(?P<word>{'|'.join(_DAYS_AGO)})"
    r"(?:[\s,|-]*(?:lúc|at)?\s*(?P<after>[0-9]{1,2}[:h][0-9]{2}))?[\s.,)|'-]*"
)
_LAST = re.compile(
    rf"{_LEAD}(?:(?:tuần|tháng|năm)\s(?:trước|qua|ngoái)|last (?:week|month|year))[\s.,)|-]*"
)


def read_relative(text: str, zone: ZoneInfo | None, now: datetime | None) -> Printed | None:
    """The day of a relative time, and its clock time if printed; None if text is no such time.

    Raises UnreadableError("relative") without `now` or `zone`, and if the day is not certain.
    """
    ago = _AGO.fullmatch(text)
    just_now = _NOW.fullmatch(text)
    named = _NAMED.fullmatch(text)
    if not (ago or just_now or named or _LAST.fullmatch(text)):
        return None
    if now is None or zone is None:
        raise UnreadableError("relative")
    if named:
        return _named_day(named, now.astimezone(zone))
    if just_now:
        return _certain_day(now - timedelta(minutes=10), now, zone)
    count = _count(ago["count"]) if ago else None
    if ago is None or count is None or ago["unit"] not in _UNIT_LENGTHS:
        raise UnreadableError("relative")
    unit = _UNIT_LENGTHS[ago["unit"]]
    return _certain_day(now - (count + 1) * unit, now - max(count - 1, 0) * unit, zone)


def _count(text: str) -> int | None:
    """The number of units; None for `vài`, `few` and the like."""
    if text.isdigit():
        return int(text)
    return 1 if text in _ONE else None


def _certain_day(earliest: datetime, latest: datetime, zone: ZoneInfo) -> Printed:
    day = latest.astimezone(zone).date()
    if earliest.astimezone(zone).date() != day:
        raise UnreadableError("relative")
    return _printed_day(day)


def _named_day(named: re.Match[str], here: datetime) -> Printed:
    day = here.date() - timedelta(days=_DAYS_AGO[named["word"]])
    clock = named["before"] or named["after"]
    if not clock:
        return _printed_day(day)
    hour, minute = re.split("[:h]", clock)
    return Printed(year=day.year, month=day.month, day=day.day, hour=int(hour), minute=int(minute))


def _printed_day(day: date) -> Printed:
    return Printed(year=day.year, month=day.month, day=day.day)
