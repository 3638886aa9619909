"""The limits of a crawl: its budget of requests and minutes, and its crawling hours."""

from __future__ import annotations

from datetime import datetime, tzinfo
from time import monotonic
from typing import Literal

from newscrawl.crawl.options import CrawlOptions


class Budget:
    """The limits of one crawl, starting now.

    Minutes are measured with the monotonic clock, hours in the time zone of the site.
    """

    def __init__(self, options: CrawlOptions, zone: tzinfo) -> None:
        self._options, self._zone = options, zone
        self._began = monotonic()

    def ended_by(self, requests: int, now: datetime) -> Literal["budget", "hours"] | None:
        """The limit that a crawl has reached after `requests` requests; None if it may continue."""
        options = self._options
        spent = options.max_requests is not None and requests >= options.max_requests
        late = (
            options.max_minutes is not None
            and monotonic() - self._began >= 60 * options.max_minutes
        )
        if spent or late:
            return "budget"
        closed = options.hours is not None and not options.hours.are_open(now, self._zone)
        return "hours" if closed else None
