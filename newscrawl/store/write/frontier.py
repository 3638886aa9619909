"""What is still to fetch: the only memory between crawls, and the only queue within one.

A row is pending until its page was fetched or given up, even if the crawl is killed in between. A
done or failed row with a `not_before` is fetched again once that time has come.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from newscrawl.core.records import HOME, Failure, FrontierKind, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.conditions import Conditions, marks
from newscrawl.store.write.commits import Part

FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(days=7)
# Pauses grow fourfold from 15 minutes, so the eighth attempt is three weeks after the first.
MOST_ATTEMPTS = 8

_TASKS = """
    SELECT f.rowid AS place, f.not_before, f.site, f.url, f.kind, f.article_id, f.category_id,
        f.page, f.crawl_id AS chain, f.attempts, c.etag, c.last_modified
    FROM frontier f LEFT JOIN captures c ON c.id = f.capture_id
"""

# When an article was due again, and its row number: the order of due_again.
Overdue = tuple[str, int]
FIRST_OVERDUE: Overdue = ("", 0)

SourceKind = Literal["feed", "sitemap"]


@dataclass(frozen=True, slots=True)
class Start:
    """A feed or sitemap with which a crawl begins; `category` is a category's key."""

    kind: SourceKind
    url: str
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The pages that a run takes.

    `now`, `since` and `until` are UTC text, `categories` ids (None: all).
    """

    site: str
    now: str
    ignore_pauses: bool = False
    categories: frozenset[int] | None = None
    since: str | None = None
    until: str | None = None
    deepest_page: int | None = None

    def conditions(self) -> Conditions:
        """Conditions on a row of the frontier called `f`."""
        conditions = Conditions()
        conditions.add("f.site = ?", self.site)
        if not self.ignore_pauses:
            conditions.add(
                "(f.state <> 'pending' OR f.not_before IS NULL OR f.not_before <= ?)", self.now
            )
        if self.categories is not None:
            ids = sorted(self.categories)
            conditions.add(f"f.category_id IN ({marks(len(ids))})", *ids)
        return conditions


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
        """Queues the feeds and sitemaps with which a crawl begins, whatever their state was."""
        with self._transaction():
            start_sources(self._db, site, starts, crawl_id)

    def request(self, site: str, url: str, kind: FrontierKind) -> Task:
        """The task of one address that a user requested.

        It is pending now, whatever its state was.
        """
        with self._transaction():
            add_url(self._db, site, url, kind)
            return required_task(self._db, site, url)

    def request_listing(
        self, site: str, url: str, category_id: int, *, page: int, crawl_id: int
    ) -> Task:
        """The task of one category page that a user requested. It is pending now."""
        with self._transaction():
            start_listing(self._db, site, url, category_id, crawl_id, page=page)
            return required_task(self._db, site, url)

    def due_listings(self, wanted: Wanted, *, first_pages: bool, limit: int) -> list[Task]:
        """Open category pages, those near the first page first, and the home page before them."""
        conditions = wanted.conditions()
        conditions.add("f.state = 'pending' AND f.kind = 'listing'")
        conditions.add("ifnull(f.page, 1) = 1" if first_pages else "f.page > 1")
        if wanted.since is not None:
            conditions.add(
                "NOT (ifnull(f.reason, '') LIKE 'before %' AND substr(f.reason, 8) < ?)",
                wanted.since,
            )
        if wanted.deepest_page is not None:
            conditions.add("ifnull(f.page, 1) <= ?", wanted.deepest_page)
        home = self._db.execute(
            "SELECT id FROM categories WHERE site = ? AND key = ?", (wanted.site, HOME)
        ).fetchone()
        home_id = int(home["id"]) if home else 0  # 0: no category has it
        order = f"f.page, f.category_id IS NOT {home_id}, f.rowid"
        return _tasks(self._rows(conditions, order, limit))

    def due_articles(self, wanted: Wanted, *, after: int, limit: int) -> tuple[list[Task], int]:
        """Open articles in the order of their discovery, and `after` for the next call."""
        conditions = wanted.conditions()
        conditions.add("f.state = 'pending' AND f.kind = 'article'")
        join = ""
        if wanted.since is not None or wanted.until is not None:
            # An article without a known time may be in the range. It is fetched unless it was last
            # edited before.
            join = "LEFT JOIN articles a ON a.id = f.article_id"
            since, until = wanted.since or "", wanted.until or "9999"
            conditions.add(
                "iif(a.published_at IS NULL, ifnull(a.modified_at, '9999') >= ?,"
                " a.published_at >= ? AND a.published_at < ?)",
                since,
                since,
                until,
            )
        conditions.add("f.rowid > ?", after)
        rows = self._rows(conditions, "f.rowid", limit, join)
        return _tasks(rows), rows[-1]["place"] if rows else after

    def due_again(
        self, wanted: Wanted, *, after: Overdue, limit: int
    ) -> tuple[list[Task], Overdue]:
        """Articles that are due again, the longest overdue first, and `after` for the next call."""
        conditions = wanted.conditions()
        conditions.add("f.state <> 'pending' AND f.kind = 'article'")
        conditions.add("f.not_before <= ?", wanted.now)
        conditions.add("(f.not_before, f.rowid) > (?, ?)", *after)
        rows = self._rows(conditions, "f.not_before, f.rowid", limit)
        last = (rows[-1]["not_before"], rows[-1]["place"]) if rows else after
        return _tasks(rows), last

    def stored_articles(self, wanted: Wanted, *, after: int, limit: int) -> tuple[list[Task], int]:
        """Every article of the site that was fetched before, and `after` for the next call.

        Each under one address, the last that answered.
        """
        conditions = wanted.conditions()
        conditions.add("f.state = 'done' AND f.kind = 'article'")
        conditions.add("f.rowid > ?", after)
        join = "JOIN articles a ON a.id = f.article_id AND a.revision > 0"
        rows = self._rows(conditions, "f.rowid", limit, join)
        return _tasks(rows), rows[-1]["place"] if rows else after

    def due_sources(
        self, wanted: Wanted, kind: SourceKind, *, skip: Collection[str], limit: int
    ) -> list[Task]:
        """Open feeds or sitemaps in the order of their discovery."""
        conditions = wanted.conditions()
        conditions.add("f.state = 'pending' AND f.kind = ?", kind)
        tasks = _tasks(self._rows(conditions, "f.rowid", limit + len(skip)))
        return [task for task in tasks if task.url not in skip][:limit]

    def open_task(self, site: str, url: str) -> Task | None:
        """The task of one of the site's addresses, if it is still to fetch."""
        row = self._db.execute(
            f"{_TASKS} WHERE f.url = ? AND f.site = ? AND f.state = 'pending'", (url, site)
        ).fetchone()
        return _task(row) if row else None

    def open_tasks(self, article_id: int) -> list[Task]:
        """The tasks of an article that wait for nothing: of the addresses that were just queued."""
        rows = self._db.execute(
            f"{_TASKS} WHERE f.article_id = ? AND f.state = 'pending' AND f.not_before IS NULL",
            (article_id,),
        ).fetchall()
        return _tasks(rows)

    def bring_back(self, site: str, now: datetime, farthest: timedelta) -> int:
        """Makes pages due that wait longer than any pause or revisit allows; how many.

        They were stored while the clock was ahead.
        """
        with self._transaction():
            rows = self._db.execute(
                "UPDATE frontier SET not_before = ? WHERE site = ? AND not_before > ?",
                (to_utc_text(now), site, to_utc_text(now + farthest)),
            )
        return rows.rowcount

    def count_pending(self, site: str) -> int:
        """How many pages of the site are still to fetch, paused ones included."""
        return count_pending(self._db, site)

    def _rows(
        self, conditions: Conditions, order: str, limit: int, join: str = ""
    ) -> list[sqlite3.Row]:
        return self._db.execute(
            f"{_TASKS} {join} WHERE {conditions.sql} ORDER BY {order} LIMIT ?",
            (*conditions.values, limit),
        ).fetchall()


def add_article(
    db: sqlite3.Connection, site: str, url: str, article_id: int, category_id: int | None
) -> bool:
    """Queues an article that has never been queued, under any of its URLs; whether it is new.

    Another URL of a queued article is only noted, unless the known ones have failed.
    """
    rows = db.execute("SELECT url FROM frontier WHERE article_id = ?", (article_id,)).fetchall()
    if rows and category_id is not None:
        # A sitemap or home page that named the article first could not tell its category.
        db.execute(
            "UPDATE frontier SET category_id = :category WHERE article_id = :article"
            " AND (category_id IS NULL OR category_id IN (SELECT id FROM categories"
            " WHERE site = :site AND key = :home AND id <> :category))",
            {"category": category_id, "article": article_id, "site": site, "home": HOME},
        )
    if any(row["url"] == url for row in rows):
        return False
    state = "spare" if rows and is_available(db, article_id) else "pending"
    added = db.execute(
        "INSERT INTO frontier (url, site, kind, article_id, state, category_id)"
        " VALUES (?, ?, 'article', ?, ?, ?) ON CONFLICT (url, site) DO UPDATE"
        " SET article_id = ifnull(article_id, excluded.article_id)",
        (url, site, article_id, state, category_id),
    )
    return added.rowcount > 0 and not rows


def is_available(db: sqlite3.Connection, article_id: int) -> bool:
    """Whether an article has an address that has answered, or that was not requested yet."""
    row = db.execute(
        "SELECT 1 FROM frontier WHERE article_id = ?"
        " AND ((state = 'done' AND capture_id IS NOT NULL)"
        " OR (state = 'pending' AND reason IS NULL))",
        (article_id,),
    ).fetchone()
    return row is not None


def add_url(db: sqlite3.Connection, site: str, url: str, kind: FrontierKind) -> None:
    """Queues one address that a user requested. It is pending now, whatever its state was."""
    db.execute(
        "INSERT INTO frontier (url, site, kind, state) VALUES (?, ?, ?, 'pending')"
        " ON CONFLICT (url, site) DO UPDATE SET state = 'pending', not_before = NULL",
        (url, site, kind),
    )


def add_listing_page(
    db: sqlite3.Connection,
    site: str,
    url: str,
    category_id: int,
    *,
    page: int,
    chain: int,
    reason: str | None = None,
) -> None:
    """Queues a category page.

    A page that is still open from an older walk remains part of that walk, so that the walk is
    completed. `chain` is the crawl in which the walk began.
    """
    db.execute(
        """
        INSERT INTO frontier (url, site, kind, state, category_id, page, crawl_id, reason)
        VALUES (?, ?, 'listing', 'pending', ?, ?, ?, ?) ON CONFLICT (url, site) DO UPDATE SET
            crawl_id = iif(state = 'pending', min(crawl_id, excluded.crawl_id), excluded.crawl_id),
            attempts = iif(state = 'pending', attempts, 0),
            not_before = iif(state = 'pending', not_before, NULL),
            state = 'pending', category_id = excluded.category_id, page = excluded.page,
            reason = excluded.reason
        """,
        (url, site, category_id, page, chain, reason),
    )


def start_listing(
    db: sqlite3.Connection,
    site: str,
    url: str,
    category_id: int,
    crawl_id: int,
    *,
    page: int = 1,
) -> None:
    """Queues the page of a category with which a crawl begins, whatever its state was."""
    add_listing_page(db, site, url, category_id, page=page, chain=crawl_id)
    db.execute(
        "UPDATE frontier SET crawl_id = ?, not_before = NULL WHERE url = ? AND site = ?",
        (crawl_id, url, site),
    )


def start_sources(
    db: sqlite3.Connection, site: str, starts: Iterable[Start], crawl_id: int
) -> None:
    """Queues the feeds and sitemaps with which a crawl begins, whatever their state was."""
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
    """Queues a feed or sitemap, once per crawl.

    An address that is queued as another kind keeps that kind.
    """
    db.execute(
        """
        INSERT INTO frontier (url, site, kind, state, category_id, page, crawl_id)
        VALUES (?, ?, ?, 'pending', ?, ?, ?) ON CONFLICT (url, site) DO UPDATE SET
            attempts = iif(state = 'pending', attempts, 0), state = 'pending', not_before = NULL,
            reason = NULL, category_id = excluded.category_id, page = excluded.page,
            crawl_id = excluded.crawl_id
        WHERE kind = excluded.kind AND crawl_id IS NOT excluded.crawl_id
        """,
        (url, site, kind, category_id, depth, crawl_id),
    )


def task_for(db: sqlite3.Connection, site: str, url: str) -> Task | None:
    """The open or closed task of one of the site's addresses."""
    row = db.execute(f"{_TASKS} WHERE f.url = ? AND f.site = ?", (url, site)).fetchone()
    return _task(row) if row else None


def required_task(db: sqlite3.Connection, site: str, url: str) -> Task:
    """The task of an address that has just been queued."""
    task = task_for(db, site, url)
    assert task is not None
    return task


def is_pending(db: sqlite3.Connection, site: str, url: str) -> bool:
    """Whether the page is still to fetch."""
    row = db.execute(
        "SELECT 1 FROM frontier WHERE url = ? AND site = ? AND state = 'pending'", (url, site)
    ).fetchone()
    return row is not None


def count_pending(db: sqlite3.Connection, site: str) -> int:
    """How many pages of the site are still to fetch, paused ones included."""
    row = db.execute(
        "SELECT count(*) FROM frontier WHERE site = ? AND state = 'pending'", (site,)
    ).fetchone()
    return int(row[0])


def mark_done(
    db: sqlite3.Connection,
    site: str,
    url: str,
    *,
    article_id: int | None,
    capture_id: int | None,
    again: str | None,
) -> None:
    """Records that the page is in the archive; `again` is when to fetch it next (UTC text)."""
    db.execute(
        "UPDATE frontier SET state = 'done', attempts = 0, reason = NULL, not_before = ?,"
        " article_id = ifnull(?, article_id), capture_id = ifnull(?, capture_id)"
        " WHERE url = ? AND site = ?",
        (again, article_id, capture_id, url, site),
    )


def mark_failed(
    db: sqlite3.Connection, task: Task, failure: Failure, now: datetime, pause_factor: float
) -> bool:
    """Postpones the page, or gives it up; whether it is still pending.

    A page whose fault may pass stays pending, with growing pauses. A page that is not there, or no
    article, has failed at once and is fetched again a few times, because publishers repair pages.
    After HTTP 410 it is never fetched again.
    """
    row = db.execute(
        "SELECT attempts FROM frontier WHERE url = ? AND site = ?", (task.url, task.site)
    ).fetchone()
    attempts = (row["attempts"] if row else 0) + 1
    given_up = attempts >= _most_attempts(failure)
    state = "pending" if failure.retry and not given_up else "failed"
    wait = max(pause(attempts), failure.retry_after or timedelta())
    not_before = None if given_up else to_utc_text(now + wait * pause_factor)
    db.execute(
        "UPDATE frontier SET state = ?, attempts = ?, reason = ?, not_before = ?"
        " WHERE url = ? AND site = ?",
        (state, attempts, failure.code, not_before, task.url, task.site),
    )
    return state == "pending"


def _most_attempts(failure: Failure) -> int:
    if failure.code == "http_410":
        return 1
    return 2 if failure.gone else MOST_ATTEMPTS


def pause(attempts: int) -> timedelta:
    """How long to wait after a page's nth failure: 15 min, 1 h, 4 h, 16 h, then up to a week."""
    return min(FIRST_PAUSE * 4.0 ** min(attempts - 1, 10), LONGEST_PAUSE)


def _tasks(rows: Sequence[sqlite3.Row]) -> list[Task]:
    return [_task(row) for row in rows]


def _task(row: sqlite3.Row) -> Task:
    return Task(
        site=row["site"],
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
