"""Writing one category page: what it showed, in which order, and what is to be fetched because of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from newscrawl.core.records import Capture, Entry, Listing, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import SavedListing
from newscrawl.store.write.captures import add_capture
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import add_article, add_listing_page, mark_done
from newscrawl.store.write.links import touch_teasers
from newscrawl.store.write.problems import add_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """One fetch of a category page. `chain` is the crawl in which this run of pages began at page 1."""

    crawl_id: int
    chain: int
    category_id: int
    page: int
    seen_at: str
    full: bool = False  # do not stop at known pages
    since: str | None = None  # UTC text: a page of older articles only ends the walk


class Listings(Part):
    """`store.listings`: category pages."""

    def save(
        self,
        listing: Listing,
        capture: Capture,
        task: Task,
        crawl_id: int,
        *,
        full: bool = False,
        since: str | None = None,
    ) -> SavedListing:
        """Stores a category page with its capture, and queues what is to be fetched because of it, at once."""
        showing = showing_of(
            task, crawl_id, to_utc_text(capture.fetched_at), full=full, since=since
        )
        with self._transaction():
            capture_id = add_capture(self._db, capture, crawl_id)
            saved = _save_listing(self._db, listing, showing)
            mark_done(self._db, task.url, article_id=None, capture_id=capture_id, again=None)
            add_problems(
                self._db,
                listing.problems,
                crawl_id=crawl_id,
                url=listing.url,
                article_id=None,
                seen_at=showing.seen_at,
            )
        return saved


def showing_of(
    task: Task, crawl_id: int, seen_at: str, *, full: bool = False, since: str | None = None
) -> Showing:
    """The fetch of a category page that a task describes."""
    assert task.category_id is not None
    chain = crawl_id if task.chain is None else task.chain
    return Showing(
        crawl_id=crawl_id,
        chain=chain,
        category_id=task.category_id,
        page=task.page or 1,
        seen_at=seen_at,
        full=full,
        since=since,
    )


def _save_listing(db: sqlite3.Connection, listing: Listing, showing: Showing) -> SavedListing:
    """Stores the entries, queues the articles that were never fetched, and queues the next page or says why not."""
    ids = touch_teasers(
        db, listing.site, [entry.teaser for entry in listing.entries], showing.seen_at
    )
    end = _end_of_walk(db, ids, listing, showing)
    for article_id, entry in zip(ids, listing.entries, strict=True):
        _put_entry(db, showing, article_id, entry)
    discovered = sum(
        add_article(db, listing.site, entry.teaser.url, article_id, showing.category_id)
        for article_id, entry in dict(zip(ids, listing.entries, strict=True)).items()
    )
    if listing.next_url is not None and end in (None, "since"):
        reason = None if end is None else f"before {_newest(listing)}"
        add_listing_page(
            db,
            listing.site,
            listing.next_url,
            showing.category_id,
            showing.page + 1,
            showing.chain,
            reason,
        )
    return SavedListing(discovered, end)


def repeat_listing(db: sqlite3.Connection, showing: Showing) -> None:
    """The page was not modified: what it showed last is what it shows now."""
    last = db.execute(
        "SELECT max(crawl_id) FROM listings WHERE category_id = ? AND page = ? AND crawl_id < ?",
        (showing.category_id, showing.page, showing.crawl_id),
    ).fetchone()[0]
    db.execute(
        "INSERT OR IGNORE INTO listings SELECT ?, category_id, page, position, block, article_id, title, summary,"
        " published_raw, ? FROM listings WHERE crawl_id = ? AND category_id = ? AND page = ?",
        (showing.crawl_id, showing.seen_at, last, showing.category_id, showing.page),
    )
    db.execute(
        "UPDATE articles SET last_seen_at = ? WHERE last_seen_at < ? AND id IN"
        " (SELECT article_id FROM listings WHERE crawl_id = ? AND category_id = ? AND page = ?)",
        (showing.seen_at, showing.seen_at, showing.crawl_id, showing.category_id, showing.page),
    )


def _end_of_walk(
    db: sqlite3.Connection, ids: list[int], listing: Listing, showing: Showing
) -> str | None:
    """Why paging ends at this page: 'known', 'repeats', 'since', 'last', or None where it goes on.

    Known means that every entry was shown by this category before the walk began: what lies deeper was queued
    then, and is still queued where it was not fetched.
    """
    if listing.next_url is None:
        return "last"
    if not ids:
        return None
    if all(_shown(db, article_id, showing, same_walk=True) for article_id in ids):
        return "repeats"
    if not showing.full and all(
        _shown(db, article_id, showing, same_walk=False) for article_id in ids
    ):
        return "known"
    newest = _newest(listing)
    return (
        "since"
        if showing.since is not None and newest is not None and newest < showing.since
        else None
    )


def _shown(db: sqlite3.Connection, article_id: int, showing: Showing, *, same_walk: bool) -> bool:
    """Whether the category showed the article on another page of this walk, or else in an earlier walk."""
    crawls = "crawl_id = ? AND page <> ?" if same_walk else "crawl_id < ? AND ? IS NOT NULL"
    crawl = showing.crawl_id if same_walk else showing.chain
    row = db.execute(
        f"SELECT 1 FROM listings WHERE article_id = ? AND category_id = ? AND {crawls} LIMIT 1",
        (article_id, showing.category_id, crawl, showing.page),
    ).fetchone()
    return row is not None


def _newest(listing: Listing) -> str | None:
    """UTC text of the newest entry; None where any entry has no readable time, since it may be newer."""
    times = [
        entry.teaser.published.utc if entry.teaser.published else None for entry in listing.entries
    ]
    if not times or None in times:
        return None
    return max(time for time in times if time is not None).strftime("%Y-%m-%dT%H:%M:%SZ")


def _put_entry(db: sqlite3.Connection, showing: Showing, article_id: int, entry: Entry) -> None:
    teaser = entry.teaser
    db.execute(
        "INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            showing.crawl_id, showing.category_id, showing.page, entry.position, entry.block, article_id,
            teaser.title, teaser.summary, teaser.published_raw, showing.seen_at,
        ),
    )  # fmt: skip
