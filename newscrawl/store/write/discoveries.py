"""Feeds and sitemaps: what each showed, and what is to be fetched because of it.

For each article and source the newest showing is kept, so that a month's sitemap adds no rows with
every crawl. HTTP 304 changes no rows: the captures record that the source was requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newscrawl.core.records import Capture, Feed, FeedEntry, Sitemap, SitemapEntry, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.write.captures import add_capture, set_discovered
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import add_article, mark_done, start_source
from newscrawl.store.write.links import touch_teasers
from newscrawl.store.write.problems import add_problems


class Discoveries(Part):
    """`store.discoveries`: feeds and sitemaps."""

    def save(
        self,
        source: Feed | Sitemap,
        capture: Capture,
        task: Task,
        crawl_id: int,
        *,
        children: Iterable[str] = (),
    ) -> int:
        """Stores a feed or sitemap, and queues the articles that were never queued; their number.

        `children` are the sitemaps of an index to fetch. An index keeps no validators: it is always
        fetched in full, since the next crawl may want other children of it.
        """
        seen_at = to_utc_text(capture.fetched_at)
        entries: Sequence[FeedEntry | SitemapEntry] = source.entries
        with self._transaction():
            capture_id = add_capture(self._db, capture, crawl_id)
            discovered = 0
            ids = touch_teasers(self._db, source.site, [entry.teaser for entry in entries], seen_at)
            for article_id, entry in zip(ids, entries, strict=True):
                if isinstance(entry, SitemapEntry):
                    self._set_time_of_edit(article_id, entry)
                discovered += add_article(
                    self._db, source.site, entry.teaser.url, article_id, task.category_id
                )
                self._put_entry(article_id, entry, task, crawl_id, seen_at)
            set_discovered(self._db, capture_id, discovered)
            self._queue_children(source.site, children, task, crawl_id)
            is_index = isinstance(source, Sitemap) and not entries
            mark_done(
                self._db,
                task.site,
                task.url,
                article_id=None,
                capture_id=None if is_index else capture_id,
                again=None,
            )
            add_problems(
                self._db,
                source.problems,
                crawl_id=crawl_id,
                url=source.url,
                article_id=None,
                seen_at=seen_at,
            )
        return discovered

    def _set_time_of_edit(self, article_id: int, entry: SitemapEntry) -> None:
        """Gives a stub the sitemap's time of its last edit, until its page is read."""
        if entry.modified is None or entry.modified.utc is None:
            return
        modified_at = to_utc_text(entry.modified.utc)
        self._db.execute(
            "UPDATE articles SET modified_at = ?"
            " WHERE id = ? AND state = 'stub' AND modified_at IS NOT ?",
            (modified_at, article_id, modified_at),
        )

    def _put_entry(
        self,
        article_id: int,
        entry: FeedEntry | SitemapEntry,
        task: Task,
        crawl_id: int,
        seen_at: str,
    ) -> None:
        published_raw = entry.teaser.published_raw
        if published_raw is None and isinstance(entry, SitemapEntry):
            published_raw = entry.modified_raw
        self._db.execute(
            """
            INSERT INTO discoveries
                (source_url, article_id, kind, crawl_id, position, published_raw, seen_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source_url, article_id) DO UPDATE SET
                kind = excluded.kind, crawl_id = excluded.crawl_id, position = excluded.position,
                published_raw = excluded.published_raw, seen_at = excluded.seen_at
            WHERE excluded.seen_at >= seen_at
            """,
            (task.url, article_id, task.kind, crawl_id, entry.position, published_raw, seen_at),
        )

    def _queue_children(
        self, site: str, children: Iterable[str], index: Task, crawl_id: int
    ) -> None:
        depth = (index.page or 1) + 1
        for url in children:
            start_source(self._db, site, url, "sitemap", crawl_id=crawl_id, depth=depth)
