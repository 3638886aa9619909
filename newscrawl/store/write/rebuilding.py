"""The frontier as it was when a page in a WARC file was asked for: what a rebuild hands to the writer."""

from __future__ import annotations

from newscrawl.core.records import FrontierKind, Task
from newscrawl.store.write import frontier
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import SourceKind, Start, start_source, start_sources


class Rebuilding(Part):
    """`store.rebuilding`: the tasks of recorded pages."""

    def listing_task(self, site: str, url: str, *, key: str, page: int, crawl_id: int) -> Task:
        """The task of a category page, queued as its crawl did it: page 1 at its start, others by the page before."""
        with self._transaction():
            row = self._db.execute(
                "SELECT id FROM categories WHERE site = ? AND key = ?", (site, key)
            ).fetchone()
            if row is None:
                row = self._db.execute(
                    "INSERT INTO categories (site, key) VALUES (?, ?) RETURNING id", (site, key)
                ).fetchone()
            task = frontier.task_for(self._db, url)
            if page == 1:
                frontier.start_listing(self._db, site, url, row["id"], crawl_id)
            elif task is None or not frontier.is_pending(self._db, url):
                frontier.add_listing_page(self._db, site, url, row["id"], page, crawl_id)
            return self._task(url)

    def source_task(
        self,
        site: str,
        url: str,
        kind: SourceKind,
        *,
        crawl_id: int,
        key: str | None,
        depth: int,
    ) -> Task:
        """The task of a feed (of the category with this key) or of a sitemap so many steps from the first."""
        with self._transaction():
            if depth == 1:
                start_sources(self._db, site, [Start(kind, url, key)], crawl_id)
            else:
                start_source(self._db, site, url, kind, crawl_id=crawl_id, depth=depth)
            return self._task(url)

    def page_task(self, site: str, url: str, kind: FrontierKind) -> Task:
        """The task of any other page; queued here where a user had asked for it by its address."""
        with self._transaction():
            task = frontier.task_for(self._db, url)
            if task is None:
                frontier.add_url(self._db, site, url, kind)
            return task or self._task(url)

    def _task(self, url: str) -> Task:
        task = frontier.task_for(self._db, url)
        assert task is not None
        return task
