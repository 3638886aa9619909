"""Problems: what could not be read or fetched, each with a stable reason code."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from newscrawl.core.records import Problem
from newscrawl.core.times import to_utc_text
from newscrawl.store.write.commits import Part


class Problems(Part):
    """`store.problems`: problems that belong to no page, and those of a whole crawl."""

    def save_bad_message(self, message: str, raw: str, now: datetime) -> None:
        """Records that the queue held a message which no worker sends."""
        problem = Problem("queue", "bad_message", message, raw=raw)
        with self._transaction():
            add_problems(
                self._db,
                [problem],
                crawl_id=None,
                url=None,
                article_id=None,
                seen_at=to_utc_text(now),
            )

    def usual_message(self, crawl_id: int, code: str) -> str | None:
        """The most frequent message of a crawl's problems with this code; None if it has none."""
        row = self._db.execute(
            "SELECT message FROM problems WHERE crawl_id = ? AND code = ?"
            " GROUP BY message ORDER BY count(*) DESC, min(id) LIMIT 1",
            (crawl_id, code),
        ).fetchone()
        return None if row is None else row["message"]


def add_problems(
    db: sqlite3.Connection,
    problems: Iterable[Problem],
    *,
    crawl_id: int | None,
    url: str | None,
    article_id: int | None,
    seen_at: str,
) -> None:
    """Adds the problems of a page. One that the article's page had before is not added again."""
    for problem in problems:
        is_known = article_id is not None and _is_known(db, problem, article_id, url)
        if is_known:
            continue
        db.execute(
            "INSERT INTO problems"
            " (crawl_id, url, article_id, stage, field, code, message, raw, seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                crawl_id,
                url,
                article_id,
                problem.stage,
                problem.field,
                problem.code,
                problem.message,
                problem.raw,
                seen_at,
            ),
        )


def _is_known(db: sqlite3.Connection, problem: Problem, article_id: int, url: str | None) -> bool:
    row = db.execute(
        "SELECT 1 FROM problems"
        " WHERE article_id = ? AND url IS ? AND code = ? AND field IS ? AND raw IS ?",
        (article_id, url, problem.code, problem.field, problem.raw),
    ).fetchone()
    return row is not None
