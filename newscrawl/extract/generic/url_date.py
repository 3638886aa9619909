"""The day or month in an address: `/2024/03/05/`, `-20240305`, `/2024/mar/05/`, `/2024/03/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from newscrawl.core.records import RawTime, TimeLocale
from newscrawl.core.times import parse_time
from newscrawl.core.times.words import ENGLISH_MONTHS

_YEAR, _MONTH, _DAY = r"((?:19|20)\d\d)", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
_WHOLE_DAY = re.compile(
    rf"/{_YEAR}[/-]{_MONTH}[/-]{_DAY}(?=[/_-]|$)"
    r"|[/_-](20[0-3]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/._-]|$)"
)
_NAMED_DAY = re.compile(rf"/{_YEAR}/([a-z]{{3,9}})/{_DAY}(?=[/_-]|$)")  # /2019/nov/18/
_WHOLE_MONTH = re.compile(rf"/{_YEAR}[/-](0[1-9]|1[0-2])(?=/)")
_APART = timedelta(days=1)  # two places of one page may print the days of two time zones


@dataclass(frozen=True, slots=True)
class UrlDate:
    """The first day and the last that an address may mean. They are the same if it has a day."""

    first: date
    last: date

    @property
    def is_day(self) -> bool:
        return self.first == self.last

    def agrees_with(self, raw: RawTime, locale: TimeLocale) -> bool:
        """Whether a time can be read, and is of the day or month of the address."""
        local = parse_time(raw.raw, zone=None, locale=locale).local
        if local is None or len(local) < len("2024-03-05"):
            return False
        day = date.fromisoformat(local[:10])
        return self.first - _APART <= day <= self.last + _APART


def url_date(url: str) -> UrlDate | None:
    """The date in an address; None if it has none."""
    path = urlsplit(url).path
    if match := _WHOLE_DAY.search(path):
        year, month, day = (int(group) for group in match.groups() if group)
        return _between(year, month, day, day)
    if match := _NAMED_DAY.search(path):
        named = ENGLISH_MONTHS.get(match[2])
        return _between(int(match[1]), named, int(match[3]), int(match[3])) if named else None
    if match := _WHOLE_MONTH.search(path):
        return _between(int(match[1]), int(match[2]), 1, 28)
    return None


def _between(year: int, month: int, first: int, last: int) -> UrlDate | None:
    try:
        start, end = date(year, month, first), date(year, month, last)
    except ValueError:
        return None
    if first != last:
        end += timedelta(days=3)  # months have up to 31 days; one day more does no harm
    return UrlDate(start, end)
