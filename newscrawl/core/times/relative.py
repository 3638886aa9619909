"""`2 giờ trước`, `hôm qua 10:15`: readable only with the moment at which the page was fetched.

A span is rounded by the site, and nobody knows how: it gives a day, and only if every rounding gives the same day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newscrawl.core.times.resolve import Printed, UnreadableError

_SPANS: Mapping[str, timedelta] = {
    "giây": timedelta(seconds=1), "second": timedelta(seconds=1), "sec": timedelta(seconds=1),
    "phút": timedelta(minutes=1), "minute": timedelta(minutes=1), "min": timedelta(minutes=1),
    "giờ": timedelta(hours=1), "tiếng": timedelta(hours=1), "hour": timedelta(hours=1),
}  # fmt: skip
_DAYS: Mapping[str, int] = {"hôm nay": 0, "today": 0, "hôm qua": 1, "yesterday": 1, "hôm kia": 2}
_UNITS = "giây|phút|giờ|tiếng|ngày|tuần|tháng|năm|second|sec|minute|min|hour|day|week|month|year"
_LEAD = r"(?:[\s|,;:•·(-]|cập nhật|đăng|khoảng|cách đây|updated|posted|about)*+"
_AGO = re.compile(
    rf"{_LEAD}(?P<count>[0-9]{{1,4}}|một|vài|mấy|an?|few)\s?(?P<unit>{_UNITS})s?\s(?:trước|ago)(?:\s?đây)?[\s.,)|-]*"
)
_NOW = re.compile(rf"{_LEAD}(?:vừa xong|vừa mới|mới đây|just now|now|vừa đăng)[\s.,)|-]*")
_NAMED = re.compile(
    rf"{_LEAD}(?:(?P<before>[0-9]{{1,2}}[:h][0-9]{{2}})[\s,|'-]*)?(?P<word>{'|'.join(_DAYS)})"
    r"(?:[\s,|-]*(?:lúc|at)?\s*(?P<after>[0-9]{1,2}[:h][0-9]{2}))?[\s.,)|'-]*"
)
_LAST = re.compile(
    rf"{_LEAD}(?:(?:tuần|tháng|năm)\s(?:trước|qua|ngoái)|last (?:week|month|year))[\s.,)|-]*"
)


def read_relative(text: str, zone: ZoneInfo | None, now: datetime | None) -> Printed | None:
    """The day (and clock, where one is printed) of a relative time; None if plain text is no such time.

    Raises UnreadableError("relative") without `now` or zone, and where the day cannot be known for certain.
    """
    ago, just_now, named = _AGO.fullmatch(text), _NOW.fullmatch(text), _NAMED.fullmatch(text)
    if not (ago or just_now or named or _LAST.fullmatch(text)):
        return None
    if now is None or zone is None:
        raise UnreadableError("relative")
    if named:
        return _named_day(named, now.astimezone(zone))
    if just_now:
        return _sure_day(now - timedelta(minutes=10), now, zone)
    if (
        ago
        and ago["unit"] in _SPANS
        and (ago["count"].isdigit() or ago["count"] in {"một", "a", "an"})
    ):
        count = int(ago["count"]) if ago["count"].isdigit() else 1
        span = _SPANS[ago["unit"]]
        return _sure_day(now - (count + 1) * span, now - max(count - 1, 0) * span, zone)
    raise UnreadableError("relative")


def _sure_day(earliest: datetime, latest: datetime, zone: ZoneInfo) -> Printed:
    day = latest.astimezone(zone).date()
    if earliest.astimezone(zone).date() != day:
        raise UnreadableError("relative")
    return Printed(year=day.year, month=day.month, day=day.day)


def _named_day(named: re.Match[str], here: datetime) -> Printed:
    day = here.date() - timedelta(days=_DAYS[named["word"]])
    clock = named["before"] or named["after"]
    if not clock:
        return Printed(year=day.year, month=day.month, day=day.day)
    hour, minute = re.split("[:h]", clock)
    return Printed(year=day.year, month=day.month, day=day.day, hour=int(hour), minute=int(minute))
