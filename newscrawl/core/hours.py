"""The hours of the day in which a site may be crawled: `01:00-06:00` in the site's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `first` to before `last`, past midnight if `last` is earlier than `first`."""

    first: time
    last: time

    def __str__(self) -> str:
        return f"{self.first:%H:%M}-{self.last:%H:%M}"

    def are_open(self, now: datetime, zone: tzinfo) -> bool:
        """Whether the hours include this moment."""
        local = now.astimezone(zone).time().replace(tzinfo=None)
        if self.first < self.last:
            return self.first <= local < self.last
        return local >= self.first or local < self.last


def read_hours(text: str) -> Hours:
    """The hours that a text names. ValueError unless it is two different times of day."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected hours such as '01:00-06:00', got {text[:40]!r}")
    first = time(int(match[1]), int(match[2]))
    last = time(int(match[3]), int(match[4]))
    if first == last:
        raise ValueError(f"expected hours such as '01:00-06:00', got {text[:40]!r}")
    return Hours(first, last)
