"""What a collector asks the archive about an answer that came from elsewhere, perhaps twice."""

from __future__ import annotations

from datetime import datetime

from newscrawl.core.records import Problem, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.write.crawls import add_problems
from newscrawl.store.write.frontier import is_pending, task_for
from newscrawl.store.write.store import Store


def open_task(store: Store, site: str, url: str) -> Task | None:
    """The task of one of the site's addresses, where it is still to fetch."""
    here = store.db.execute(
        "SELECT 1 FROM frontier WHERE url = ? AND site = ?", (url, site)
    ).fetchone()
    return task_for(store.db, url) if here and is_pending(store.db, url) else None


def has_capture(store: Store, asked_url: str, url: str, fetched_at: datetime) -> bool:
    """Whether this very fetch is stored: by its own row, an article's by the row that its task points at."""
    moment = to_utc_text(fetched_at)
    found = store.db.execute(
        "SELECT 1 FROM captures WHERE url = ? AND kind <> 'article' AND fetched_at = ? UNION ALL"
        " SELECT 1 FROM frontier f JOIN captures c ON c.id = f.capture_id WHERE f.url = ? AND c.fetched_at = ?",
        (url, moment, asked_url, moment),
    ).fetchone()
    return found is not None


def save_bad_message(store: Store, message: str, raw: str, now: datetime) -> None:
    """Notes that something came through the queue which no worker sends."""
    problem = Problem("queue", "bad_message", message, raw=raw)
    with store.transaction() as db:
        add_problems(
            db, [problem], crawl_id=None, url=None, article_id=None, seen_at=to_utc_text(now)
        )
