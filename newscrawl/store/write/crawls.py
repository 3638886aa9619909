"""Crawls: one row for each, written at its start and at its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newscrawl.core.times import to_utc_text
from newscrawl.store.write.commits import Part


class Crawls(Part):
    """`store.crawls`: the rows of crawls."""

    def begin(
        self,
        site: str,
        options: Mapping[str, object],
        *,
        version: str,
        now: datetime,
        crawl_id: int | None = None,
    ) -> int:
        """The id of a new crawl; its row has no end until `end`, so that a crash is visible.

        `crawl_id`: the number that a WARC file names, for a rebuild; another is used where it is
        taken.
        """
        with self._transaction():
            if crawl_id is not None and self._exists(crawl_id):
                crawl_id = None
            row = self._db.execute(
                "INSERT INTO crawls (id, site, started_at, options, version) VALUES (?, ?, ?, ?, ?)"
                " RETURNING id",
                (
                    crawl_id,
                    site,
                    to_utc_text(now),
                    json.dumps(options, ensure_ascii=False, sort_keys=True),
                    version,
                ),
            ).fetchone()
            return int(row["id"])

    def close_unfinished(self) -> list[tuple[int, str, str]]:
        """(id, site, start) of the crawls that never ended, because they were killed.

        Each is returned once.
        """
        with self._transaction():
            rows = self._db.execute(
                "UPDATE crawls SET reason = 'killed' WHERE finished_at IS NULL AND reason IS NULL"
                " RETURNING id, site, started_at"
            ).fetchall()
        return sorted((row["id"], row["site"], row["started_at"]) for row in rows)

    def end(
        self,
        crawl_id: int,
        *,
        reason: str,
        exit_code: int,
        stats: Mapping[str, object],
        now: datetime,
    ) -> None:
        """Writes how the crawl ended; the last write of a run, committed with all before it."""
        with self._transaction():
            self._db.execute(
                "UPDATE crawls SET finished_at = ?, reason = ?, exit_code = ?, stats = ?"
                " WHERE id = ?",
                (to_utc_text(now), reason, exit_code, json.dumps(stats, sort_keys=True), crawl_id),
            )
        self._commits.commit()

    def ending(self, crawl_id: int) -> tuple[str, int, dict[str, object]]:
        """Reason, exit code and stats of a crawl that has ended."""
        row = self._db.execute(
            "SELECT reason, exit_code, stats FROM crawls WHERE id = ?", (crawl_id,)
        ).fetchone()
        return row["reason"], row["exit_code"], json.loads(row["stats"])

    def last_starts(self) -> dict[str, str]:
        """When the last crawl of each site began, in UTC."""
        rows = self._db.execute("SELECT site, max(started_at) FROM crawls GROUP BY site")
        return {row[0]: row[1] for row in rows}

    def count_listed(self, crawl_id: int) -> int:
        """How many entries the category pages of a crawl had."""
        row = self._db.execute(
            "SELECT count(*) FROM listings WHERE crawl_id = ?", (crawl_id,)
        ).fetchone()
        return int(row[0])

    def good_stats(self, crawl_id: int, limit: int = 30) -> list[dict[str, Any]]:
        """The stats of earlier good crawls of the same site and mirror, oldest first."""
        rows = self._db.execute(
            "SELECT p.stats FROM crawls c JOIN crawls p ON p.site = c.site AND p.id < c.id"
            " WHERE c.id = ? AND p.finished_at IS NOT NULL"
            " AND p.reason NOT IN ('rebuilt', 'imported')"
            " AND (p.exit_code = 0 OR p.reason IN ('budget', 'hours'))"
            " AND json_extract(p.options, '$.base_url') IS json_extract(c.options, '$.base_url')"
            " ORDER BY p.id DESC LIMIT ?",
            (crawl_id, limit),
        ).fetchall()
        return [json.loads(row["stats"]) for row in reversed(rows)]

    def _exists(self, crawl_id: int) -> bool:
        row = self._db.execute("SELECT 1 FROM crawls WHERE id = ?", (crawl_id,)).fetchone()
        return row is not None
