"""When each site of an archive is due again, for runs that take only what is due."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from newscrawl.core.times import from_utc_text, to_utc_text

# An article that is due waits this long for a list of its site, so that they share a run.
ARTICLES_WAIT = timedelta(hours=1)
# How a crawl ends that has left no page that it could have requested.
_COMPLETE = frozenset({"finished", "blocked", "degraded"})


@dataclass(frozen=True, slots=True)
class DueSite:
    """A site, and when a run has something to request there; None: at once.

    `last_start`: when the last run of what is due began to crawl it (UTC text), if there was one.
    """

    site: str
    at: datetime | None
    last_start: str = ""

    def is_due(self, now: datetime) -> bool:
        """Whether a run that begins `now` has something to request."""
        return self.at is None or self.at <= now

    def order(self) -> tuple[str, str]:
        """The sort key that puts the longest overdue site first.

        One whose last run was stopped is overdue since then, so it does not come before others in
        every run.
        """
        return self.as_text() or self.last_start, self.site

    def as_text(self) -> str:
        """The time as UTC text; empty for a site that is due at once."""
        return "" if self.at is None else to_utc_text(self.at)


def due_sites(db: sqlite3.Connection) -> dict[str, DueSite]:
    """Each site that a run of what is due has crawled before.

    What was due when the site's last such run began, and is still due, is nothing that such a run
    may request: a page of a category that newscrawl.toml leaves out, for example.
    """
    rows = db.execute(
        """
        SELECT site, started_at, reason,
            (SELECT f.not_before FROM frontier f
                WHERE f.site = last.site AND f.not_before > last.started_at AND f.kind <> 'article'
                ORDER BY f.not_before LIMIT 1) AS list_at,
            (SELECT f.not_before FROM frontier f
                WHERE f.site = last.site AND f.not_before > last.started_at AND f.kind = 'article'
                ORDER BY f.not_before LIMIT 1) AS article_at
        FROM (
            SELECT s.site, c.started_at, c.reason FROM sites s JOIN crawls c ON c.id = (
                SELECT id FROM crawls WHERE site = s.site AND json_extract(options, '$.due')
                ORDER BY started_at DESC, id DESC LIMIT 1)
        ) last
        """
    )
    found: dict[str, DueSite] = {}
    for row in rows:
        times: list[datetime] = []
        if row["list_at"] is not None:
            times.append(from_utc_text(row["list_at"]))
        if row["article_at"] is not None:
            times.append(from_utc_text(row["article_at"]) + ARTICLES_WAIT)
        is_complete = row["reason"] in _COMPLETE
        at = min(times, default=None) if is_complete else None
        found[row["site"]] = DueSite(row["site"], at, row["started_at"])
    return found


def list_times(db: sqlite3.Connection, site: str, urls: Collection[str]) -> dict[str, str | None]:
    """Those of the lists that were ever queued, and when each is requested again (UTC text)."""
    rows = db.execute(
        "SELECT url, not_before FROM frontier"
        " WHERE url IN (SELECT value FROM json_each(?)) AND site = ?",
        (json.dumps(list(urls)), site),
    )
    return {row["url"]: row["not_before"] for row in rows}
