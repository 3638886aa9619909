"""Feeds and sitemaps: which are to be asked for, what each showed, and what is to be fetched because of it.

The newest showing of an article in a source is kept, so that a month's sitemap is no new rows with every crawl.
A 304 leaves the rows as they are: the captures say that the source was asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from newscrawl.core.records import Capture, Feed, FeedEntry, Sitemap, SitemapEntry, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.write import crawls, frontier
from newscrawl.store.write.articles import touch_teasers
from newscrawl.store.write.frontier import Wanted, add_article, open_tasks

SourceKind = Literal["feed", "sitemap"]


@dataclass(frozen=True, slots=True)
class Start:
    """A feed or sitemap that a crawl begins with; `category` is a category's key."""

    kind: SourceKind
    url: str
    category: str | None = None


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


def due_sources(
    db: sqlite3.Connection, wanted: Wanted, kind: SourceKind, *, skip: Collection[str], limit: int
) -> list[Task]:
    """Open feeds or sitemaps in the order of their discovery."""
    tasks = open_tasks(db, wanted, kind, limit=limit + len(skip))
    return [task for task in tasks if task.url not in skip][:limit]


def category_ids(db: sqlite3.Connection, site: str, keys: Collection[str]) -> frozenset[int]:
    """The ids of a site's categories with these keys."""
    rows = db.execute("SELECT id, key FROM categories WHERE site = ?", (site,)).fetchall()
    return frozenset(row["id"] for row in rows if row["key"] in keys)


def save_discovery(
    db: sqlite3.Connection,
    found: Feed | Sitemap,
    capture: Capture,
    task: Task,
    crawl_id: int,
    children: Iterable[str] = (),
) -> int:
    """Stores what a feed or sitemap says, and queues the articles that were never queued; their number.

    `children` are the sitemaps of an index to ask for. An index keeps no validators: it is always asked for in
    full, since the next crawl may want other children of it.
    """
    seen_at = to_utc_text(capture.fetched_at)
    capture_id: int | None = crawls.add_capture(db, capture, crawl_id)
    discovered = 0
    entries: Sequence[FeedEntry | SitemapEntry] = found.entries
    ids = touch_teasers(db, found.site, [entry.teaser for entry in entries], seen_at)
    for article_id, entry in zip(ids, entries, strict=True):
        if isinstance(entry, SitemapEntry):
            _note_edit(db, article_id, entry)
        discovered += add_article(db, found.site, entry.teaser.url, article_id, task.category_id)
        _put_entry(db, article_id, entry, task, crawl_id, seen_at)
    for url in children:
        start_source(db, found.site, url, "sitemap", crawl_id=crawl_id, depth=(task.page or 1) + 1)
    if isinstance(found, Sitemap) and not found.entries:
        capture_id = None
    frontier.mark_done(db, task.url, article_id=None, capture_id=capture_id, again=None)
    crawls.add_problems(
        db, found.problems, crawl_id=crawl_id, url=found.url, article_id=None, seen_at=seen_at
    )
    return discovered


def _note_edit(db: sqlite3.Connection, article_id: int, entry: SitemapEntry) -> None:
    """Where <lastmod> is the last edit, a stub has it until its page says better: no article is younger than it."""
    if entry.modified is not None and entry.modified.utc is not None:
        db.execute(
            "UPDATE articles SET modified_at = ? WHERE id = ? AND state = 'stub' AND modified_at IS NOT ?",
            (to_utc_text(entry.modified.utc), article_id, to_utc_text(entry.modified.utc)),
        )


def _put_entry(
    db: sqlite3.Connection,
    article_id: int,
    entry: FeedEntry | SitemapEntry,
    task: Task,
    crawl_id: int,
    seen_at: str,
) -> None:
    raw = entry.teaser.published_raw
    if raw is None and isinstance(entry, SitemapEntry):
        raw = entry.modified_raw
    db.execute(
        "INSERT INTO discoveries (source_url, article_id, kind, crawl_id, position, published_raw, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source_url, article_id) DO UPDATE SET kind = excluded.kind,"
        " crawl_id = excluded.crawl_id, position = excluded.position, published_raw = excluded.published_raw,"
        " seen_at = excluded.seen_at WHERE excluded.seen_at >= seen_at",
        (task.url, article_id, task.kind, crawl_id, entry.position, raw, seen_at),
    )
