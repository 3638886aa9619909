"""The frontier as it was when a page in a WARC file was asked for: what a rebuild hands to the writer."""

from __future__ import annotations

import sqlite3

from newscrawl.core.records import FrontierKind, Task
from newscrawl.store.write import frontier
from newscrawl.store.write.discoveries import SourceKind, Start, start_source, start_sources


def listing_task(
    db: sqlite3.Connection, site: str, url: str, key: str, page: int, crawl_id: int
) -> Task:
    """The task of a category page, queued as its crawl did it: page 1 at its start, others by the page before."""
    row = db.execute("SELECT id FROM categories WHERE site = ? AND key = ?", (site, key)).fetchone()
    if row is None:
        row = db.execute(
            "INSERT INTO categories (site, key) VALUES (?, ?) RETURNING id", (site, key)
        ).fetchone()
    task = frontier.task_for(db, url)
    if page == 1:
        frontier.start_listing(db, site, url, row["id"], crawl_id)
    elif task is None or not frontier.is_pending(db, url):
        frontier.add_listing_page(db, site, url, row["id"], page, crawl_id)
    return _task(db, url)


def source_task(
    db: sqlite3.Connection,
    site: str,
    url: str,
    kind: SourceKind,
    *,
    crawl_id: int,
    key: str | None,
    depth: int,
) -> Task:
    """The task of a feed (of the category with this key) or of a sitemap so many steps from the first."""
    if depth == 1:
        start_sources(db, site, [Start(kind, url, key)], crawl_id)
    else:
        start_source(db, site, url, kind, crawl_id=crawl_id, depth=depth)
    return _task(db, url)


def page_task(db: sqlite3.Connection, site: str, url: str, kind: FrontierKind) -> Task:
    """The task of any other page; queued here where a user had asked for it by its address."""
    task = frontier.task_for(db, url)
    if task is None:
        frontier.add_url(db, site, url, kind)
    return task or _task(db, url)


def _task(db: sqlite3.Connection, url: str) -> Task:
    task = frontier.task_for(db, url)
    assert task is not None
    return task
