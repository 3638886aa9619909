"""What is still to fetch: the only memory between crawls, and the only queue within one.

A row is pending until its page was fetched or given up, whatever kills the crawl in between. A done or
failed row with a `not_before` is asked for again when that time has come.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from newscrawl.core.records import Failure, FrontierKind, Task
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.store.write.commits import Part

FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(days=7)
# With pauses growing fourfold from 15 minutes, the eighth attempt is three weeks after the first.
MOST_ATTEMPTS = 8

TASK = (
    "SELECT f.rowid AS place, f.not_before, f.url, f.kind, f.article_id, f.category_id, f.page, f.crawl_id AS chain,"
    " f.attempts, c.etag, c.last_modified FROM frontier f LEFT JOIN captures c ON c.id = f.capture_id"
)

Overdue = tuple[
    str, int
]  # when an article was to be asked for again, and its row: the order in which they are
FIRST_OVERDUE: Overdue = ("", 0)


SourceKind = Literal["feed", "sitemap"]


@dataclass(frozen=True, slots=True)
class Start:
    """A feed or sitemap that a crawl begins with; `category` is a category's key."""

    kind: SourceKind
    url: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the open pages a run takes. `now` and `since`/`until` are UTC text, `categories` ids (None: all)."""

    site: str
    now: str
    ignore_pauses: bool = False
    categories: frozenset[int] | None = None
    since: str | None = None
    until: str | None = None
    deepest_page: int | None = None


class Frontier(Part):
    """`store.frontier`: what is still to fetch, and what is due again."""

    def start_categories(
        self, site: str, keys: Collection[str] | None, crawl_id: int
    ) -> frozenset[int]:
        """Queues the first page of each category (None: of all that have a URL); their ids."""
        with self._transaction():
            rows = self._db.execute(
                "SELECT id, key, url FROM categories WHERE site = ? AND url IS NOT NULL", (site,)
            ).fetchall()
            chosen = [row for row in rows if keys is None or row["key"] in keys]
            for row in chosen:
                start_listing(self._db, site, row["url"], row["id"], crawl_id)
        return frozenset(row["id"] for row in chosen)

    def start_sources(self, site: str, starts: Iterable[Start], crawl_id: int) -> None:
        """Queues the feeds and sitemaps that a crawl begins with, each once, whatever became of it before."""
        with self._transaction():
            start_sources(self._db, site, starts, crawl_id)

    def request(self, site: str, url: str, kind: FrontierKind) -> Task:
        """The task of one address that a user requested; whatever became of it before, it is pending now."""
        with self._transaction():
            add_url(self._db, site, url, kind)
            task = task_for(self._db, url)
        assert task is not None
        return task

    def due_listings(self, wanted: Wanted, *, first_pages: bool, limit: int) -> list[Task]:
        """Open category pages, shallow before deep."""
        where, values = _where(wanted, "f.")
        where += " AND ifnull(f.page, 1) = 1" if first_pages else " AND f.page > 1"
        if wanted.since is not None:
            where += " AND NOT (ifnull(f.reason, '') LIKE 'before %' AND substr(f.reason, 8) < ?)"
            values.append(wanted.since)
        if wanted.deepest_page is not None:
            where += " AND ifnull(f.page, 1) <= ?"
            values.append(wanted.deepest_page)
        rows = self._db.execute(
            f"{TASK} WHERE f.state = 'pending' AND f.kind = 'listing' AND {where} ORDER BY f.page, f.rowid LIMIT ?",
            (*values, limit),
        )
        return [_task(row) for row in rows]

    def due_articles(self, wanted: Wanted, *, after: int, limit: int) -> tuple[list[Task], int]:
        """Open articles in the order of their discovery, from the place where the last call ended; and that place."""
        where, values = _where(wanted, "f.")
        join = ""
        if wanted.since is not None or wanted.until is not None:
            # An article whose time no teaser gave may be in the range: it is fetched, unless its last edit came before.
            join = " LEFT JOIN articles a ON a.id = f.article_id"
            where += (
                " AND iif(a.published_at IS NULL, ifnull(a.modified_at, '9999') >= ?,"
                " a.published_at >= ? AND a.published_at < ?)"
            )
            values += [wanted.since or "", wanted.since or "", wanted.until or "9999"]
        rows = self._db.execute(
            f"{TASK}{join} WHERE f.state = 'pending' AND f.kind = 'article' AND {where} AND f.rowid > ?"
            " ORDER BY f.rowid LIMIT ?",
            (*values, after, limit),
        ).fetchall()
        return [_task(row) for row in rows], max([after, *(row["place"] for row in rows)])

    def due_again(
        self, wanted: Wanted, *, after: Overdue, limit: int
    ) -> tuple[list[Task], Overdue]:
        """Articles whose time to be asked for again has come, the longest overdue first, from the place where the last
        call ended; and that place.
        """
        where, values = _where(wanted, "f.")
        rows = self._db.execute(
            f"{TASK} WHERE f.state <> 'pending' AND f.kind = 'article' AND f.not_before <= ? AND {where}"
            " AND (f.not_before, f.rowid) > (?, ?) ORDER BY f.not_before, f.rowid LIMIT ?",
            (wanted.now, *values, *after, limit),
        ).fetchall()
        return [_task(row) for row in rows], max(
            [after, *((row["not_before"], row["place"]) for row in rows)]
        )

    def stored_articles(self, wanted: Wanted, *, after: int, limit: int) -> tuple[list[Task], int]:
        """Every article of the site that was fetched before, in the order of the frontier: for --refetch."""
        where, values = _where(wanted, "f.")
        rows = self._db.execute(
            f"{TASK} JOIN articles a ON a.id = f.article_id AND a.url = f.url"
            f" WHERE f.kind = 'article' AND f.state = 'done' AND {where} AND f.rowid > ? ORDER BY f.rowid LIMIT ?",
            (*values, after, limit),
        ).fetchall()
        return [_task(row) for row in rows], max([after, *(row["place"] for row in rows)])

    def due_sources(
        self, wanted: Wanted, kind: SourceKind, *, skip: Collection[str], limit: int
    ) -> list[Task]:
        """Open feeds or sitemaps in the order of their discovery."""
        tasks = self._open_tasks(wanted, kind, limit=limit + len(skip))
        return [task for task in tasks if task.url not in skip][:limit]

    def open_task(self, site: str, url: str) -> Task | None:
        """The task of one of the site's addresses, where it is still to fetch."""
        row = self._db.execute(
            f"{TASK} WHERE f.url = ? AND f.site = ? AND f.state = 'pending'", (url, site)
        ).fetchone()
        return _task(row) if row else None

    def count_pending(self, site: str) -> int:
        """How many pages of the site are still to fetch, paused ones included."""
        return count_pending(self._db, site)

    def _open_tasks(self, wanted: Wanted, kind: FrontierKind, *, limit: int) -> list[Task]:
        """Open pages of a kind in the order of their discovery."""
        where, values = _where(wanted, "f.")
        rows = self._db.execute(
            f"{TASK} WHERE f.state = 'pending' AND f.kind = ? AND {where} ORDER BY f.rowid LIMIT ?",
            (kind, *values, limit),
        )
        return [_task(row) for row in rows]


def add_article(
    db: sqlite3.Connection, site: str, url: str, article_id: int, category_id: int | None
) -> bool:
    """Queues an article that has never been queued, under any of its URLs; True where it is new."""
    if db.execute("SELECT 1 FROM frontier WHERE article_id = ? LIMIT 1", (article_id,)).fetchone():
        if (
            category_id is not None
        ):  # a sitemap named it first, and could not say of which category it is
            db.execute(
                "UPDATE frontier SET category_id = ? WHERE article_id = ? AND category_id IS NULL",
                (category_id, article_id),
            )
        return False
    added = db.execute(
        "INSERT INTO frontier (url, site, kind, article_id, state, category_id)"
        " VALUES (?, ?, 'article', ?, 'pending', ?) ON CONFLICT (url) DO UPDATE"
        " SET article_id = ifnull(article_id, excluded.article_id)",
        (url, site, article_id, category_id),
    )
    return added.rowcount > 0


def add_url(db: sqlite3.Connection, site: str, url: str, kind: FrontierKind) -> None:
    """Queues one address because somebody asked for it; whatever became of it before, it is pending now."""
    db.execute(
        "INSERT INTO frontier (url, site, kind, state) VALUES (?, ?, ?, 'pending')"
        " ON CONFLICT (url) DO UPDATE SET state = 'pending', not_before = NULL",
        (url, site, kind),
    )


def add_listing_page(
    db: sqlite3.Connection,
    site: str,
    url: str,
    category_id: int,
    page: int,
    chain: int,
    reason: str | None = None,
) -> None:
    """Queues a category page. One that is still open from an older walk keeps it, so that it is walked to its end."""
    db.execute(
        "INSERT INTO frontier (url, site, kind, state, category_id, page, crawl_id, reason)"
        " VALUES (?, ?, 'listing', 'pending', ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET"
        " crawl_id = iif(state = 'pending', min(crawl_id, excluded.crawl_id), excluded.crawl_id),"
        " attempts = iif(state = 'pending', attempts, 0), not_before = iif(state = 'pending', not_before, NULL),"
        " state = 'pending', category_id = excluded.category_id, page = excluded.page, reason = excluded.reason",
        (url, site, category_id, page, chain, reason),
    )


def start_listing(
    db: sqlite3.Connection, site: str, url: str, category_id: int, crawl_id: int
) -> None:
    """Queues the first page of a category: each crawl asks for it, whatever became of it before."""
    add_listing_page(db, site, url, category_id, 1, crawl_id)
    db.execute("UPDATE frontier SET crawl_id = ?, not_before = NULL WHERE url = ?", (crawl_id, url))


def task_for(db: sqlite3.Connection, url: str) -> Task | None:
    """The open or closed task of one address."""
    row = db.execute(f"{TASK} WHERE f.url = ?", (url,)).fetchone()
    return _task(row) if row else None


def is_pending(db: sqlite3.Connection, url: str) -> bool:
    """Whether the page is still to fetch."""
    return (
        db.execute("SELECT 1 FROM frontier WHERE url = ? AND state = 'pending'", (url,)).fetchone()
        is not None
    )


def count_pending(db: sqlite3.Connection, site: str) -> int:
    """How many pages of the site are still to fetch, paused ones included."""
    return int(
        db.execute(
            "SELECT count(*) FROM frontier WHERE site = ? AND state = 'pending'", (site,)
        ).fetchone()[0]
    )


def mark_done(
    db: sqlite3.Connection,
    url: str,
    *,
    article_id: int | None,
    capture_id: int | None,
    again: str | None,
) -> None:
    """The page is in the archive; `again` is when to ask for it next (UTC text)."""
    db.execute(
        "UPDATE frontier SET state = 'done', attempts = 0, reason = NULL, not_before = ?,"
        " article_id = ifnull(?, article_id), capture_id = ifnull(?, capture_id) WHERE url = ?",
        (again, article_id, capture_id, url),
    )


def mark_failed(
    db: sqlite3.Connection, url: str, failure: Failure, now: datetime, pause_factor: float
) -> bool:
    """Puts the page off, or gives it up; True where it stays pending.

    What may pass stays pending with a growing pause. What the page itself says (not there, not an article)
    is failed at once, and asked for again a few times, since publishers repair pages too. 410 is their last word.
    """
    row = db.execute("SELECT attempts FROM frontier WHERE url = ?", (url,)).fetchone()
    attempts = (row["attempts"] if row else 0) + 1
    spent = attempts >= (1 if failure.code == "http_410" else 2 if failure.gone else MOST_ATTEMPTS)
    state = "pending" if failure.retry and not spent else "failed"
    wait = max(pause(attempts), failure.retry_after or timedelta())
    not_before = None if spent else to_utc_text(now + wait * pause_factor)
    db.execute(
        "UPDATE frontier SET state = ?, attempts = ?, reason = ?, not_before = ? WHERE url = ?",
        (state, attempts, failure.code, not_before, url),
    )
    return state == "pending"


def pause(attempts: int) -> timedelta:
    """How long to leave a page alone after its nth failure: 15 min, 1 h, 4 h, 16 h, then up to a week."""
    return min(FIRST_PAUSE * 4.0 ** min(attempts - 1, 10), LONGEST_PAUSE)


def start_sources(
    db: sqlite3.Connection, site: str, starts: Iterable[Start], crawl_id: int
) -> None:
    """Queues what a crawl begins with, each once, whatever became of it before."""
    for start in starts:
        row = db.execute(
            "SELECT id FROM categories WHERE site = ? AND key = ?", (site, start.category)
        ).fetchone()
        start_source(
            db,
            site,
            start.url,
            start.kind,
            crawl_id=crawl_id,
            category_id=row["id"] if row else None,
        )


def start_source(
    db: sqlite3.Connection,
    site: str,
    url: str,
    kind: SourceKind,
    *,
    crawl_id: int,
    category_id: int | None = None,
    depth: int = 1,
) -> None:
    """Queues a feed or sitemap, but not twice in a crawl; an address that is queued as another kind stays that."""
    db.execute(
        "INSERT INTO frontier (url, site, kind, state, category_id, page, crawl_id)"
        " VALUES (?, ?, ?, 'pending', ?, ?, ?) ON CONFLICT (url) DO UPDATE SET"
        " attempts = iif(state = 'pending', attempts, 0), state = 'pending', not_before = NULL, reason = NULL,"
        " category_id = excluded.category_id, page = excluded.page, crawl_id = excluded.crawl_id"
        " WHERE kind = excluded.kind AND crawl_id IS NOT excluded.crawl_id",
        (url, site, kind, category_id, depth, crawl_id),
    )


def next_visit(
    db: sqlite3.Connection, article_id: int, now: datetime, revisits: Sequence[timedelta]
) -> str | None:
    """When to fetch a stored article again (UTC text); None where its last revisit is over."""
    row = db.execute(
        "SELECT fetched_at FROM revisions WHERE article_id = ? AND revision = 1", (article_id,)
    ).fetchone()
    if row is None:
        return None
    first = from_utc_text(row["fetched_at"])
    return next((to_utc_text(first + age) for age in revisits if first + age > now), None)


def _where(wanted: Wanted, prefix: str) -> tuple[str, list[object]]:
    where, values = f"{prefix}site = ?", [wanted.site]
    clauses: list[object] = list(values)
    if not wanted.ignore_pauses:
        where += f" AND ({prefix}state <> 'pending' OR {prefix}not_before IS NULL OR {prefix}not_before <= ?)"
        clauses.append(wanted.now)
    if wanted.categories is not None:
        marks = ", ".join("?" for _ in wanted.categories)
        where += f" AND {prefix}category_id IN ({marks})"
        clauses += sorted(wanted.categories)
    return where, clauses


def _task(row: sqlite3.Row) -> Task:
    return Task(
        url=row["url"],
        kind=row["kind"],
        article_id=row["article_id"],
        category_id=row["category_id"],
        page=row["page"],
        chain=row["chain"],
        attempts=row["attempts"],
        etag=row["etag"],
        last_modified=row["last_modified"],
    )
