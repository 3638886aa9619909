"""The tasks of recorded pages: the frontier as it was when a page in a WARC file was requested."""

from __future__ import annotations

from newscrawl.core.records import FrontierKind, Task
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import (
    SourceKind,
    Start,
    add_listing_page,
    add_url,
    is_pending,
    required_task,
    start_listing,
    start_source,
    start_sources,
    task_for,
)


class Rebuilding(Part):
    """`store.rebuilding`: the tasks of recorded pages."""

    def listing_task(self, site: str, url: str, *, key: str, page: int, crawl_id: int) -> Task:
        """The task of a category page, queued as its crawl did.

        Page 1 is queued at the start of a crawl, others by the page before.
        """
        with self._transaction():
            category_id = self._category_id(site, key)
            if page == 1:
                start_listing(self._db, site, url, category_id, crawl_id)
            elif not is_pending(self._db, site, url):
                add_listing_page(self._db, site, url, category_id, page=page, chain=crawl_id)
            return required_task(self._db, site, url)

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
        """The task of a feed or sitemap.

        `key` is that of a feed's category. `depth` counts the steps to a sitemap from the first,
        which is 1.
        """
        with self._transaction():
            if depth == 1:
                start_sources(self._db, site, [Start(kind, url, key)], crawl_id)
            else:
                start_source(self._db, site, url, kind, crawl_id=crawl_id, depth=depth)
            return required_task(self._db, site, url)

    def page_task(self, site: str, url: str, kind: FrontierKind) -> Task:
        """The task of any other page; queued here if a user had requested its address."""
        with self._transaction():
            if task_for(self._db, site, url) is None:
                add_url(self._db, site, url, kind)
            return required_task(self._db, site, url)

    def _category_id(self, site: str, key: str) -> int:
        row = self._db.execute(
            "SELECT id FROM categories WHERE site = ? AND key = ?", (site, key)
        ).fetchone()
        if row is None:
            row = self._db.execute(
                "INSERT INTO categories (site, key) VALUES (?, ?) RETURNING id", (site, key)
            ).fetchone()
        return int(row["id"])
