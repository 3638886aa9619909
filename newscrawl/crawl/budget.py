"""What a crawl may spend, and when it may ask: nothing is begun once either has come to its end."""

from __future__ import annotations

from datetime import datetime, tzinfo
from time import monotonic
from typing import Literal

from newscrawl.crawl.options import CrawlOptions


class Budget:
    """Of one crawl, from now on. Minutes are counted on the monotonic clock, hours on the site's."""

    def __init__(self, options: CrawlOptions, zone: tzinfo) -> None:
        self._options, self._zone = options, zone
        self._began = monotonic()

    def ended_by(self, requests: int, now: datetime) -> Literal["budget", "hours"] | None:
        """What keeps a crawl that has asked for so many pages from asking for one more; None where nothing does."""
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
