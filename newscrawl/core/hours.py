"""The hours of the day in which a site may be crawled: `01:00-06:00` on the site's clock, also over midnight. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `first` to before `last`."""

    first: time
    last: time

    def __str__(self) -> str:
        return f"{self.first:%H:%M}-{self.last:%H:%M}"

    def are_open(self, now: datetime, zone: tzinfo) -> bool:
        """Whether the moment lies in them."""
        here = now.astimezone(zone).time().replace(tzinfo=None)
        if self.first < self.last:
            return self.first <= here < self.last
        return here >= self.first or here < self.last


def read_hours(text: str) -> Hours:
    """ValueError, with what was expected, for anything else than two times of day that differ."""
    found = _FORM.fullmatch(text.strip())
    if not found or found[1] + found[2] == found[3] + found[4]:
        raise ValueError(f"expected hours such as '01:00-06:00', got {text[:40]!r}")
    return Hours(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))
