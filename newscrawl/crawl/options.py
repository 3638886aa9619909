"""The options of one crawl."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newscrawl.core.hours import Hours
from newscrawl.core.times import to_utc_text

WAYS = ("category", "feed", "sitemap")
NAMED_URLS = 100  # at most so many in the row of a crawl; the frontier has all requested URLs


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions:
    """The options of one crawl.

    `since` and `until` are aware datetimes. With `urls` nothing is discovered.
    """

    categories: tuple[str, ...] = ()
    discover: tuple[str, ...] = ("category",)
    since: datetime | None = None
    until: datetime | None = None
    max_pages: int | None = None
    limit: int | None = None
    full: bool = False
    refetch: bool = False
    urls: tuple[str, ...] = ()
    base_url: str | None = None
    warc: bool = True
    retry_pause: float = 1.0
    max_requests: int | None = None  # pages of every kind
    max_minutes: float | None = None
    hours: Hours | None = None
    due: bool = False  # only lists that are due, and articles at the ages that are worth it

    def as_json(self) -> dict[str, object]:
        """The options that differ from their defaults, for the row of the crawl."""
        default = CrawlOptions()
        changed: dict[str, object] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if value == getattr(default, name):
                continue
            if isinstance(value, datetime):
                value = to_utc_text(value)
            changed[name] = str(value) if name == "hours" else value
        if len(self.urls) > NAMED_URLS:
            changed["urls"] = self.urls[:NAMED_URLS]
            changed["more_urls"] = len(self.urls) - NAMED_URLS
        return changed
