"""Feeds and sitemaps: which are to be asked for, what each showed, and what is to be fetched because of it.

The newest showing of an article in a source is kept, so that a month's sitemap is no new rows with every crawl.
A 304 leaves the rows as they are: the captures say that the source was asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from newscrawl.core.records import Capture, Feed, FeedEntry, Sitemap, SitemapEntry, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.write.captures import add_capture
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import add_article, mark_done, start_source
from newscrawl.store.write.links import touch_teasers
from newscrawl.store.write.problems import add_problems


class Discoveries(Part):
    """`store.discoveries`: feeds and sitemaps."""

    def save(
        self,
        found: Feed | Sitemap,
        capture: Capture,
        task: Task,
        crawl_id: int,
        *,
        children: Iterable[str] = (),
    ) -> int:
        """Stores a feed or sitemap, and queues the articles that were never queued; their number.

        `children` are the sitemaps of an index to fetch. An index keeps no validators: it is always fetched in
        full, since the next crawl may want other children of it.
        """
        with self._transaction():
            return _save_discovery(self._db, found, capture, task, crawl_id, children)


def _save_discovery(
    db: sqlite3.Connection,
    found: Feed | Sitemap,
    capture: Capture,
    task: Task,
    crawl_id: int,
    children: Iterable[str],
) -> int:
    seen_at = to_utc_text(capture.fetched_at)
    capture_id: int | None = add_capture(db, capture, crawl_id)
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
    mark_done(db, task.url, article_id=None, capture_id=capture_id, again=None)
    add_problems(
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
