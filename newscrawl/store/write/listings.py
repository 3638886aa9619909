"""Category pages: what each showed, in which order, and what is to be fetched because of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from newscrawl.core.records import Capture, Entry, Listing, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import IMPORTED, SavedListing
from newscrawl.store.write.captures import add_capture, set_discovered
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import add_article, add_listing_page, mark_done
from newscrawl.store.write.links import touch_teasers
from newscrawl.store.write.problems import add_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """One fetch of a category page.

    `chain` is the crawl in which this walk through the pages began.
    """

    crawl_id: int
    chain: int
    category_id: int
    page: int
    seen_at: str
    full: bool = False  # do not stop at known pages
    since: str | None = None  # UTC text: a page of older articles only ends the walk
    brief: bool = False  # stop where the second half of a page is known


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
        brief: bool = False,
    ) -> SavedListing:
        """Stores a category page with its capture, and queues its articles and the next page."""
        seen_at = to_utc_text(capture.fetched_at)
        showing = replace(showing_of(task, crawl_id, seen_at), full=full, since=since, brief=brief)
        with self._transaction():
            capture_id = add_capture(self._db, capture, crawl_id)
            saved = _save_listing(self._db, listing, showing)
            set_discovered(self._db, capture_id, saved.discovered)
            mark_done(
                self._db, task.site, task.url, article_id=None, capture_id=capture_id, again=None
            )
            add_problems(
                self._db,
                listing.problems,
                crawl_id=crawl_id,
                url=listing.url,
                article_id=None,
                seen_at=seen_at,
            )
        return saved


def showing_of(task: Task, crawl_id: int, seen_at: str) -> Showing:
    """The fetch of a category page that a task describes."""
    assert task.category_id is not None
    return Showing(
        crawl_id=crawl_id,
        chain=crawl_id if task.chain is None else task.chain,
        category_id=task.category_id,
        page=task.page or 1,
        seen_at=seen_at,
    )


def _save_listing(db: sqlite3.Connection, listing: Listing, showing: Showing) -> SavedListing:
    """Stores the entries, queues new articles, and queues the next page if the walk continues."""
    teasers = [entry.teaser for entry in listing.entries]
    ids = touch_teasers(db, listing.site, teasers, showing.seen_at)
    end = _end_of_walk(db, ids, listing, showing)
    for article_id, entry in zip(ids, listing.entries, strict=True):
        put_entry(db, showing, article_id, entry)
    discovered = 0
    # An article that is shown twice is queued under the address of its last entry.
    for article_id, teaser in dict(zip(ids, teasers, strict=True)).items():
        discovered += add_article(db, listing.site, teaser.url, article_id, showing.category_id)
    if listing.next_url is not None and end in (None, "since"):
        add_listing_page(
            db,
            listing.site,
            listing.next_url,
            showing.category_id,
            page=showing.page + 1,
            chain=showing.chain,
            reason=None if end is None else f"before {_newest(listing)}",
        )
    return SavedListing(discovered, end)


def repeat_listing(db: sqlite3.Connection, showing: Showing) -> None:
    """Copies the entries of the page's last fetch: it was not modified since."""
    last_crawl = db.execute(
        "SELECT max(l.crawl_id) FROM listings l JOIN crawls c ON c.id = l.crawl_id"
        " WHERE l.category_id = ? AND l.page = ? AND l.crawl_id < ? AND c.reason IS NOT ?",
        (showing.category_id, showing.page, showing.crawl_id, IMPORTED),
    ).fetchone()[0]
    db.execute(
        "INSERT OR IGNORE INTO listings"
        " SELECT ?, category_id, page, position, block, article_id, title, summary,"
        " published_raw, ? FROM listings WHERE crawl_id = ? AND category_id = ? AND page = ?",
        (showing.crawl_id, showing.seen_at, last_crawl, showing.category_id, showing.page),
    )
    db.execute(
        "UPDATE articles SET last_seen_at = ? WHERE last_seen_at < ? AND id IN"
        " (SELECT article_id FROM listings WHERE crawl_id = ? AND category_id = ? AND page = ?)",
        (showing.seen_at, showing.seen_at, showing.crawl_id, showing.category_id, showing.page),
    )


def _end_of_walk(
    db: sqlite3.Connection, ids: list[int], listing: Listing, showing: Showing
) -> str | None:
    """Why the walk ends at this page: 'known', 'repeats', 'since' or 'last'; None if it continues.

    Known means that the category showed every entry before the walk began: deeper pages were queued
    then, and still are if they were not fetched. For a brief walk, the second half is enough: new
    articles come first.
    """
    if listing.next_url is None:
        return "last"
    if not ids:
        return None
    if all(_was_on_another_page(db, article_id, showing) for article_id in ids):
        return "repeats"
    tail = ids[len(ids) // 2 :] if showing.brief else ids
    if not showing.full and all(
        _was_in_earlier_walk(db, article_id, showing) for article_id in tail
    ):
        return "known"
    newest = _newest(listing)
    if showing.since is not None and newest is not None and newest < showing.since:
        return "since"
    return None


def _was_on_another_page(db: sqlite3.Connection, article_id: int, showing: Showing) -> bool:
    row = db.execute(
        "SELECT 1 FROM listings"
        " WHERE article_id = ? AND category_id = ? AND crawl_id = ? AND page <> ? LIMIT 1",
        (article_id, showing.category_id, showing.crawl_id, showing.page),
    ).fetchone()
    return row is not None


def _was_in_earlier_walk(db: sqlite3.Connection, article_id: int, showing: Showing) -> bool:
    row = db.execute(
        "SELECT 1 FROM listings l JOIN crawls c ON c.id = l.crawl_id WHERE l.article_id = ?"
        " AND l.category_id = ? AND l.crawl_id < ? AND c.reason IS NOT ? LIMIT 1",
        (article_id, showing.category_id, showing.chain, IMPORTED),
    ).fetchone()
    return row is not None


def _newest(listing: Listing) -> str | None:
    """The time of the newest entry as UTC text; None if any entry has no readable time."""
    times: list[str] = []
    for entry in listing.entries:
        published = entry.teaser.published
        if published is None or published.utc is None:
            return None
        times.append(to_utc_text(published.utc))
    return max(times, default=None)


def put_entry(db: sqlite3.Connection, showing: Showing, article_id: int, entry: Entry) -> None:
    """Stores one entry of a category page."""
    db.execute(
        "INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            showing.crawl_id,
            showing.category_id,
            showing.page,
            entry.position,
            entry.block,
            article_id,
            entry.teaser.title,
            entry.teaser.summary,
            entry.teaser.published_raw,
            showing.seen_at,
        ),
    )
