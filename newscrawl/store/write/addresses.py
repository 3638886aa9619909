"""The addresses of an article: the one under which it is requested, and the others that are known.

Of the rows of the frontier for one article on one host, at most one is `done`: that of the address
that was the last to answer with the article, whether or not the page names it as its own. It is
requested again. Other addresses are `spare`: they are requested if that one fails.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from newscrawl.core.records import Capture, Problem, Task
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.store.rows import LONGEST_WAIT
from newscrawl.store.write.frontier import is_available, pause
from newscrawl.store.write.problems import add_problems

# An article with more addresses than these would cost as many requests when it is removed.
MOST_SPARES = 5
# A redirect to another article may end at any time. Its source is requested daily at first, then
# weekly, then monthly: some sites have redirects that never end.
REDIRECT_PAUSES = ((15, timedelta(days=1)), (20, timedelta(days=7)))
# The reasons of an address that leads to another article.
REDIRECTED, MOVED = "redirected", "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that held an article: which address was requested, and which one answered.

    `article_id` is the article of the answer.
    """

    site: str
    asked_url: str
    answered_url: str
    article_id: int
    capture_id: int | None


def origin_of(url: str) -> str:
    """Scheme and host of an address with a slash, as all addresses of the same host begin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def settle(db: sqlite3.Connection, answer: Answer, again: str | None) -> None:
    """From now on the article is requested under the address that answered.

    `again` is when (UTC text; None: only if a user requests it). Its other addresses on this host
    become spare. Those of a mirror are left alone: they are for crawls of that mirror.
    """
    _put_done(db, answer, again)
    if answer.asked_url != answer.answered_url:
        db.execute(
            "UPDATE frontier SET article_id = ?, state = 'spare', attempts = 0, not_before = NULL,"
            " reason = NULL, capture_id = NULL WHERE url = ? AND site = ?",
            (answer.article_id, answer.asked_url, answer.site),
        )
    origin = origin_of(answer.answered_url)
    db.execute(
        """
        UPDATE frontier SET state = iif(state = 'failed', state, 'spare'), not_before = NULL,
            capture_id = NULL, attempts = 0, reason = iif(state = 'failed', reason, NULL)
        WHERE article_id = ? AND url <> ? AND (state IN ('pending', 'done') OR not_before > '')
            AND substr(url, 1, ?) = ?
        """,
        (answer.article_id, answer.answered_url, len(origin), origin),
    )


def _put_done(db: sqlite3.Connection, answer: Answer, again: str | None) -> None:
    is_known = answer.asked_url == answer.answered_url
    db.execute(
        """
        INSERT INTO frontier
            (url, site, kind, article_id, state, not_before, capture_id, category_id)
        VALUES (?, ?, 'article', ?, 'done', ?, ?, ?) ON CONFLICT (url, site) DO UPDATE SET
            state = 'done', attempts = 0, reason = NULL, not_before = excluded.not_before,
            article_id = excluded.article_id, capture_id = excluded.capture_id,
            category_id = ifnull(category_id, excluded.category_id)
        """,
        (
            answer.answered_url,
            answer.site,
            answer.article_id,
            again,
            answer.capture_id,
            None if is_known else _category_of(db, answer.article_id),
        ),
    )


def _category_of(db: sqlite3.Connection, article_id: int) -> int | None:
    """The category that listed an article under any of its addresses."""
    row = db.execute(
        "SELECT max(category_id) AS id FROM frontier WHERE article_id = ?", (article_id,)
    ).fetchone()
    category_id: int | None = row["id"]
    return category_id


def next_visit(
    db: sqlite3.Connection, article_id: int, now: datetime, revisits: Sequence[timedelta]
) -> str | None:
    """When to fetch a stored article again (UTC text); None after its last revisit.

    Never later than the longest of the revisits from now, also if the article was first fetched
    while the clock was ahead.
    """
    row = db.execute(
        "SELECT fetched_at FROM revisions WHERE article_id = ? AND revision = 1", (article_id,)
    ).fetchone()
    if row is None:
        return None
    first = from_utc_text(row["fetched_at"])
    for age in revisits:
        if first + age > now:
            return to_utc_text(min(first + age, now + revisits[-1]))
    return None


def note_addresses(db: sqlite3.Connection, site: str, shown: Mapping[str, sqlite3.Row]) -> None:
    """Notes addresses under which pages show articles that are stored or gone.

    `shown` maps addresses to the rows of their articles. An address becomes spare if it was not
    known, or failed before the site showed it again. It is queued if the article is not available
    under any other one; but if an article is gone, only an address that was not known is queued.
    """
    rows = db.execute(
        "SELECT url, state, not_before, article_id FROM frontier"
        " WHERE url IN (SELECT value FROM json_each(?)) AND site = ?",
        (json.dumps(list(shown)), site),
    ).fetchall()
    known = {row["url"]: row for row in rows}
    for url, article in shown.items():
        if url in known and not _has_failed(known[url], article):
            continue
        db.execute(
            "INSERT INTO frontier (url, site, kind, article_id, state, category_id)"
            " VALUES (?, ?, 'article', ?, ?, ?) ON CONFLICT (url, site) DO UPDATE"
            " SET state = excluded.state, attempts = 0, reason = NULL",
            (
                url,
                site,
                article["id"],
                "spare" if is_available(db, article["id"]) else "pending",
                _category_of(db, article["id"]),
            ),
        )


def _has_failed(row: sqlite3.Row, article: sqlite3.Row) -> bool:
    """Whether this is an address of an article that is not gone, and was given up."""
    is_given_up = row["state"] == "failed" and row["not_before"] is None
    return is_given_up and row["article_id"] == article["id"] and article["state"] != "gone"


def open_spares(db: sqlite3.Connection, task: Task) -> None:
    """Queues the other addresses of an article whose address has failed for good.

    That which its page names as its own is one of them, even if nothing has linked to it.
    """
    if task.article_id is None:
        return
    origin = origin_of(task.url)
    db.execute(
        """
        INSERT OR IGNORE INTO frontier (url, site, kind, article_id, state, category_id)
        SELECT url, site, 'article', id, 'spare', ? FROM articles
        WHERE id = ? AND revision > 0 AND substr(url, 1, ?) = ?
        """,
        (task.category_id, task.article_id, len(origin), origin),
    )
    db.execute(
        """
        UPDATE frontier SET state = 'pending', attempts = 0, reason = NULL, not_before = NULL
        WHERE rowid IN (
            SELECT rowid FROM frontier
            WHERE article_id = ? AND url <> ? AND state = 'spare' AND substr(url, 1, ?) = ?
            ORDER BY rowid DESC LIMIT ?
        )
        """,
        (task.article_id, task.url, len(origin), origin, MOST_SPARES),
    )


def has_other_address(db: sqlite3.Connection, task: Task) -> bool:
    """Whether the article of a task will be requested under another address of the same host."""
    origin = origin_of(task.url)
    row = db.execute(
        "SELECT 1 FROM frontier WHERE article_id = ? AND url <> ? AND substr(url, 1, ?) = ?"
        " AND (state = 'pending' OR not_before IS NOT NULL)",
        (task.article_id, task.url, len(origin), origin),
    ).fetchone()
    return row is not None


def keep_source(
    db: sqlite3.Connection, answer: Answer, capture: Capture, crawl_id: int, pause_factor: float
) -> None:
    """Keeps an address open that is another article's, but led to this one.

    If the redirect is permanent and was seen twice, the address becomes an alias, and is requested
    once a month to see whether that is still true. Any other redirect may end: the address is
    requested again.
    """
    source = db.execute(
        "SELECT attempts, reason, article_id, category_id FROM frontier WHERE url = ? AND site = ?",
        (answer.asked_url, answer.site),
    ).fetchone()
    if source is None:
        return
    target = f"{MOVED} to {_key(db, answer.article_id)}"
    if capture.moved_permanently and (source["reason"] == target or _is_alias(db, answer)):
        _make_alias(db, answer, capture.fetched_at)
        return
    attempts = source["attempts"] + 1
    code = MOVED if capture.moved_permanently else REDIRECTED
    wait = _redirect_pause(attempts) * pause_factor
    db.execute(
        "UPDATE frontier SET state = 'pending', attempts = ?, reason = ?, not_before = ?,"
        " capture_id = NULL WHERE url = ? AND site = ?",
        (
            attempts,
            target if capture.moved_permanently else REDIRECTED,
            to_utc_text(capture.fetched_at + wait),
            answer.asked_url,
            answer.site,
        ),
    )
    problem = Problem("fetch", code, "its address leads to another article", raw=capture.url)
    add_problems(
        db,
        [problem],
        crawl_id=crawl_id,
        url=answer.asked_url,
        article_id=source["article_id"],
        seen_at=to_utc_text(capture.fetched_at),
    )


def _key(db: sqlite3.Connection, article_id: int) -> str:
    row = db.execute("SELECT key FROM articles WHERE id = ?", (article_id,)).fetchone()
    return str(row["key"])


def _redirect_pause(attempts: int) -> timedelta:
    """15 minutes, 1 hour, 4 hours, 16 hours, then a day, later a week, at last a month."""
    for most, longest in REDIRECT_PAUSES:
        if attempts < most:
            return min(pause(attempts), longest)
    return LONGEST_WAIT


def _is_alias(db: sqlite3.Connection, answer: Answer) -> bool:
    row = db.execute(
        "SELECT 1 FROM aliases WHERE url = ? AND article_id = ?",
        (answer.asked_url, answer.article_id),
    ).fetchone()
    return row is not None


def _make_alias(db: sqlite3.Connection, answer: Answer, now: datetime) -> None:
    retire_aliases(db, answer.site, answer.article_id, [answer.asked_url])
    db.execute(
        "INSERT OR IGNORE INTO aliases VALUES (?, ?, 'redirect')",
        (answer.asked_url, answer.article_id),
    )
    db.execute(
        "UPDATE frontier SET state = 'done', attempts = 0, reason = NULL, not_before = ?,"
        " capture_id = NULL WHERE url = ? AND site = ?",
        (to_utc_text(now + LONGEST_WAIT), answer.asked_url, answer.site),
    )


def retire_aliases(db: sqlite3.Connection, site: str, article_id: int, urls: Iterable[str]) -> None:
    """Deletes what says that these addresses lead to other articles of the site."""
    for url in urls:
        db.execute(
            "DELETE FROM aliases WHERE url = ? AND article_id <> ?"
            " AND article_id IN (SELECT id FROM articles WHERE site = ?)",
            (url, article_id, site),
        )
