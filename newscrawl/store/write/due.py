"""When the lists of a site are due again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from datetime import datetime

from newscrawl.core.times import to_utc_text
from newscrawl.store.request_history import RequestHistory
from newscrawl.store.write.commits import Part


class Due(Part):
    """`store.due`: the next requests of category pages, feeds and sitemaps."""

    @property
    def history(self) -> RequestHistory:
        """What earlier requests found."""
        return RequestHistory(self._db)

    def waiting(self, site: str, urls: Collection[str], now: str) -> set[str]:
        """Those of the lists that are not to be queued at `now` (UTC text).

        They are queued already, or their next request is later.
        """
        return waiting_lists(self._db, site, urls, now)

    def ended(self, site: str, urls: Collection[str], crawl_id: int) -> dict[str, str]:
        """The lists that a crawl has requested and that it will not request again: url -> state.

        The state is `done` or `failed`.
        """
        rows = self._db.execute(
            "SELECT url, state FROM frontier WHERE url IN (SELECT value FROM json_each(?))"
            " AND site = ? AND crawl_id = ? AND state IN ('done', 'failed')",
            (json.dumps(list(urls)), site, crawl_id),
        )
        return {row["url"]: row["state"] for row in rows}

    def put(self, site: str, times: Mapping[str, datetime]) -> None:
        """Writes when lists are due again."""
        with self._transaction():
            self._db.executemany(
                "UPDATE frontier SET not_before = ? WHERE url = ? AND site = ?",
                [(to_utc_text(at), url, site) for url, at in times.items()],
            )


def waiting_lists(db: sqlite3.Connection, site: str, urls: Collection[str], now: str) -> set[str]:
    """As `Due.waiting`."""
    rows = db.execute(
        "SELECT url FROM frontier WHERE url IN (SELECT value FROM json_each(?)) AND site = ?"
        " AND (state = 'pending' OR not_before > ?)",
        (json.dumps(list(urls)), site, now),
    )
    return {row["url"] for row in rows}
