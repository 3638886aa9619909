"""The one writer of an archive: each public method is one transaction, and a page's write is all or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import (
    Article,
    Capture,
    Failure,
    FrontierKind,
    Listing,
    Problem,
    SiteRow,
    Task,
)
from newscrawl.core.times import to_utc_text
from newscrawl.store.connection import damaged, open_writer
from newscrawl.store.rows import REVISITS, Saved, SavedListing
from newscrawl.store.write import crawls, frontier
from newscrawl.store.write import quarantine as holding
from newscrawl.store.write.articles import Visit, save_article
from newscrawl.store.write.commits import Grouping
from newscrawl.store.write.frontier import Overdue, Wanted
from newscrawl.store.write.listings import Showing, repeat_listing, save_listing

CHECKED_BYTES = 256_000_000  # SQLite checks about this much in a second


class Store:
    """Opens the archive's database for writing and brings its schema up to date."""

    def __init__(self, folder: Path) -> None:
        self.path = ArchiveFolder(folder).database
        self.db = open_writer(folder)
        self._grouping = Grouping(self.db)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; a second call does nothing."""
        self.db.close()

    def check_quickly(self) -> None:
        """ArchiveDamaged where SQLite finds a broken page; bigger databases are left to `newscrawl verify`."""
        if self.path.stat().st_size > CHECKED_BYTES:
            return
        found = self.db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise damaged(self.path, str(found))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Within another transaction it is a part of that one."""
        with self._grouping.transaction() as db:
            yield db

    def group(self, *, pages: int, seconds: float) -> None:
        """From now on several writes share a commit; see Grouping."""
        self._grouping.allow(pages, seconds)

    def flush(self) -> None:
        """Commits what is written but not committed yet."""
        self._grouping.commit()

    def put_site(self, site: SiteRow) -> None:
        """Notes the site and its categories."""
        with self.transaction() as db:
            crawls.put_site(db, site)

    def begin_crawl(
        self,
        site: str,
        options: Mapping[str, object],
        version: str,
        now: datetime,
        crawl_id: int | None = None,
    ) -> int:
        """The id of a new crawl; see crawls.begin_crawl."""
        with self.transaction() as db:
            return crawls.begin_crawl(db, site, options, version, now, crawl_id)

    def close_unfinished(self) -> list[tuple[int, str, str]]:
        """(id, site, start) of the crawls that were killed since the last run."""
        with self.transaction() as db:
            return crawls.close_unfinished(db)

    def end_crawl(
        self, crawl_id: int, reason: str, exit_code: int, stats: Mapping[str, object], now: datetime
    ) -> None:
        """Writes how the crawl ended; the last write of a run, committed with all before it."""
        with self.transaction() as db:
            crawls.end_crawl(db, crawl_id, reason, exit_code, stats, now)
        self.flush()

    def crawl_end(self, crawl_id: int) -> tuple[str, int, dict[str, object]]:
        """Reason, exit code and stats of a crawl that has ended."""
        row = self.db.execute(
            "SELECT reason, exit_code, stats FROM crawls WHERE id = ?", (crawl_id,)
        ).fetchone()
        return row["reason"], row["exit_code"], json.loads(row["stats"])

    def start_categories(
        self, site: str, keys: Collection[str] | None, crawl_id: int
    ) -> frozenset[int]:
        """Queues the first page of each category (None: of all that have a URL); their ids."""
        with self.transaction() as db:
            rows = db.execute(
                "SELECT id, key, url FROM categories WHERE site = ? AND url IS NOT NULL", (site,)
            ).fetchall()
            chosen = [row for row in rows if keys is None or row["key"] in keys]
            for row in chosen:
                frontier.start_listing(db, site, row["url"], row["id"], crawl_id)
            return frozenset(row["id"] for row in chosen)

    def category_key(self, category_id: int) -> str:
        """The site's own key of a category."""
        row = self.db.execute("SELECT key FROM categories WHERE id = ?", (category_id,)).fetchone()
        return str(row["key"])

    def ask_for(self, site: str, url: str, kind: FrontierKind) -> Task:
        """Queues one address by request, and gives its task."""
        with self.transaction() as db:
            frontier.add_url(db, site, url, kind)
            task = frontier.task_for(db, url)
        assert task is not None
        return task

    def due_listings(self, wanted: Wanted, *, first_pages: bool, limit: int) -> list[Task]:
        """See frontier.due_listings."""
        return frontier.due_listings(self.db, wanted, first_pages=first_pages, limit=limit)

    def due_articles(self, wanted: Wanted, *, after: int, limit: int) -> tuple[list[Task], int]:
        """See frontier.due_articles."""
        return frontier.due_articles(self.db, wanted, after=after, limit=limit)

    def due_again(
        self, wanted: Wanted, *, after: Overdue, limit: int
    ) -> tuple[list[Task], Overdue]:
        """See frontier.due_again."""
        return frontier.due_again(self.db, wanted, after=after, limit=limit)

    def stored_articles(self, wanted: Wanted, *, after: int, limit: int) -> tuple[list[Task], int]:
        """See frontier.stored_articles."""
        return frontier.stored_articles(self.db, wanted, after=after, limit=limit)

    def count_pending(self, site: str) -> int:
        """How many pages of the site are still to fetch."""
        return frontier.count_pending(self.db, site)

    def count_shown(self, crawl_id: int) -> int:
        """How many entries the category pages of a crawl had."""
        return int(
            self.db.execute(
                "SELECT count(*) FROM listings WHERE crawl_id = ?", (crawl_id,)
            ).fetchone()[0]
        )

    def good_stats(self, crawl_id: int) -> list[dict[str, object]]:
        """See holding.good_stats."""
        return holding.good_stats(self.db, crawl_id)

    def hold_back(self, crawl_id: int, fields: Collection[str], now: datetime) -> int:
        """See holding.hold_back."""
        with self.transaction():
            return holding.hold_back(self.db, crawl_id, fields, to_utc_text(now))

    def is_rewritten(self, article: Article) -> bool:
        """See holding.is_rewritten."""
        return holding.is_rewritten(self.db, article)

    def take_back(self, crawl_id: int, like: Article, now: datetime, pause_factor: float) -> int:
        """See holding.take_back."""
        with self.transaction() as db:
            return holding.take_back(db, crawl_id, like, now, pause_factor)

    def save_capture(self, capture: Capture, crawl_id: int) -> int:
        """Notes a fetch that says nothing about articles: robots.txt."""
        with self.transaction() as db:
            return crawls.add_capture(db, capture, crawl_id)

    def save_article(
        self,
        article: Article,
        capture: Capture,
        crawl_id: int,
        *,
        asked_url: str,
        extractor: str,
        revisits: Sequence[timedelta] = REVISITS,
    ) -> Saved:
        """Everything an article page says, its capture, its place in the frontier and its problems, at once."""
        seen_at = to_utc_text(capture.fetched_at)
        with self.transaction() as db:
            capture_id = crawls.add_capture(db, capture, crawl_id)
            saved = save_article(db, article, Visit(crawl_id, capture_id, seen_at, extractor))
            again = _next_visit(db, saved.article_id, capture.fetched_at, revisits)
            # Only the article's own address is asked for again, not every slug that led to it.
            own = db.execute(
                "SELECT url FROM articles WHERE id = ?", (saved.article_id,)
            ).fetchone()["url"]
            frontier.mark_done(
                db,
                asked_url,
                article_id=saved.article_id,
                capture_id=capture_id,
                again=again if asked_url == own else None,
            )
            crawls.add_problems(
                db,
                article.problems,
                crawl_id=crawl_id,
                url=article.url,
                article_id=saved.article_id,
                seen_at=seen_at,
            )
        return saved

    def save_listing(
        self,
        listing: Listing,
        capture: Capture,
        task: Task,
        crawl_id: int,
        *,
        full: bool = False,
        since: str | None = None,
    ) -> SavedListing:
        """Everything a category page says, its capture, and what is to be fetched because of it, at once."""
        assert task.category_id is not None
        seen_at = to_utc_text(capture.fetched_at)
        chain = crawl_id if task.chain is None else task.chain
        showing = Showing(
            crawl_id, chain, task.category_id, task.page or 1, seen_at, full=full, since=since
        )
        with self.transaction() as db:
            capture_id = crawls.add_capture(db, capture, crawl_id)
            saved = save_listing(db, listing, showing)
            frontier.mark_done(db, task.url, article_id=None, capture_id=capture_id, again=None)
            crawls.add_problems(
                db,
                listing.problems,
                crawl_id=crawl_id,
                url=listing.url,
                article_id=None,
                seen_at=seen_at,
            )
        return saved

    def save_not_modified(
        self,
        capture: Capture,
        task: Task,
        crawl_id: int,
        *,
        revisits: Sequence[timedelta] = REVISITS,
    ) -> None:
        """The server says that a page is as it was: rows are marked as seen, nothing is parsed."""
        seen_at = to_utc_text(capture.fetched_at)
        with self.transaction() as db:
            crawls.add_capture(db, capture, crawl_id)
            if task.kind == "listing" and task.category_id is not None:
                chain = crawl_id if task.chain is None else task.chain
                repeat_listing(
                    db, Showing(crawl_id, chain, task.category_id, task.page or 1, seen_at)
                )
            again = None
            if task.article_id is not None:
                db.execute(
                    "UPDATE articles SET last_seen_at = ?, fetched_at = ? WHERE id = ?",
                    (seen_at, seen_at, task.article_id),
                )
                again = _next_visit(db, task.article_id, capture.fetched_at, revisits)
            # The row keeps the capture of the last full answer: its validators, and its bytes.
            frontier.mark_done(db, task.url, article_id=None, capture_id=None, again=again)

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
        """Notes why a page gave nothing; the article's row keeps what it has. True where the page stays pending."""
        with self.transaction() as db:
            if capture is not None:
                crawls.add_capture(db, capture, crawl_id)
            pending = frontier.mark_failed(db, task.url, failure, now, pause_factor)
            if task.article_id is not None and (failure.blocked or not pending):
                _mark_article(db, task, failure, to_utc_text(now))
            problem = Problem(failure.stage, failure.code, failure.message, raw=failure.raw)
            crawls.add_problems(
                db,
                [problem],
                crawl_id=crawl_id,
                url=task.url,
                article_id=task.article_id,
                seen_at=to_utc_text(now),
            )
        return pending


def _next_visit(
    db: sqlite3.Connection, article_id: int, now: datetime, revisits: Sequence[timedelta]
) -> str | None:
    first = db.execute(
        "SELECT fetched_at FROM revisions WHERE article_id = ? AND revision = 1", (article_id,)
    ).fetchone()
    return frontier.next_visit(first["fetched_at"], now, revisits) if first else None


def _mark_article(db: sqlite3.Connection, task: Task, failure: Failure, now: str) -> None:
    """A page that is not there twice is gone (410: once); an article never read has failed; what is stored stays."""
    row = db.execute(
        "SELECT attempts, not_before FROM frontier WHERE url = ?", (task.url,)
    ).fetchone()
    if failure.gone and row is not None and row["not_before"] is None:
        db.execute(
            "UPDATE articles SET state = 'gone', gone_at = ifnull(gone_at, ?) WHERE id = ? AND state <> 'gone'",
            (now, task.article_id),
        )
    elif not failure.gone:
        db.execute(
            "UPDATE articles SET state = ? WHERE id = ? AND state IN ('stub', 'failed', 'blocked')",
            ("blocked" if failure.blocked else "failed", task.article_id),
        )
