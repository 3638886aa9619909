"""Pages that gave nothing new: not modified since the last fetch, or failed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from newscrawl.core.records import Capture, Failure, Problem, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import REVISITS
from newscrawl.store.write.addresses import has_other_address, next_visit, open_spares
from newscrawl.store.write.captures import add_capture
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import mark_done, mark_failed
from newscrawl.store.write.listings import repeat_listing, showing_of
from newscrawl.store.write.problems import add_problems


class Pages(Part):
    """`store.pages`: the outcome of a fetch, for any kind of page."""

    def save_not_modified(
        self,
        capture: Capture,
        task: Task,
        crawl_id: int,
        *,
        revisits: Sequence[timedelta] = REVISITS,
    ) -> None:
        """Records that a page was not modified: rows are marked as seen, and nothing is parsed."""
        seen_at = to_utc_text(capture.fetched_at)
        with self._transaction():
            add_capture(self._db, capture, crawl_id, article_id=task.article_id)
            if task.kind == "listing" and task.category_id is not None:
                repeat_listing(self._db, showing_of(task, crawl_id, seen_at))
            again = None
            if task.article_id is not None:
                self._db.execute(
                    "UPDATE articles SET last_seen_at = ?, fetched_at = ? WHERE id = ?",
                    (seen_at, seen_at, task.article_id),
                )
                again = next_visit(self._db, task.article_id, capture.fetched_at, revisits)
            # The row keeps the capture of the last full answer: its validators, and its bytes.
            mark_done(self._db, task.site, task.url, article_id=None, capture_id=None, again=again)

    def save_failure(
        self,
        failure: Failure,
        task: Task,
        crawl_id: int,
        *,
        now: datetime,
        capture: Capture | None = None,
        pause_factor: float = 1.0,
    ) -> bool:
        """Records why a page gave nothing; whether the page is still pending.

        The article's row keeps its content.
        """
        seen_at = to_utc_text(now)
        problem = Problem(failure.stage, failure.code, failure.message, raw=failure.raw)
        with self._transaction():
            if capture is not None:
                add_capture(
                    self._db, capture, crawl_id, refused=failure.code, article_id=task.article_id
                )
            pending = mark_failed(self._db, task, failure, now, pause_factor)
            if task.kind == "article" and not failure.retry:
                open_spares(self._db, task)
            if task.article_id is not None and (failure.blocked or not pending):
                _mark_article(self._db, task, failure, seen_at)
            add_problems(
                self._db,
                [problem],
                crawl_id=crawl_id,
                url=task.url,
                article_id=task.article_id,
                seen_at=seen_at,
            )
        return pending


def _mark_article(db: sqlite3.Connection, task: Task, failure: Failure, now: str) -> None:
    """Sets the article's state.

    It is gone once its page is given up as not there, under every address that is known. An article
    that was never read has failed or is blocked. A stored article stays stored.
    """
    row = db.execute(
        "SELECT not_before FROM frontier WHERE url = ? AND site = ?", (task.url, task.site)
    ).fetchone()
    is_given_up = row is not None and row["not_before"] is None
    if failure.gone and is_given_up and not has_other_address(db, task):
        db.execute(
            "UPDATE articles SET state = 'gone', gone_at = ifnull(gone_at, ?)"
            " WHERE id = ? AND state <> 'gone'",
            (now, task.article_id),
        )
    elif not failure.gone:
        db.execute(
            "UPDATE articles SET state = ? WHERE id = ? AND state IN ('stub', 'failed', 'blocked')",
            ("blocked" if failure.blocked else "failed", task.article_id),
        )
