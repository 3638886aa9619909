"""The queue in the database: what is open, in which order, and how a walk through pages ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.records import CategoryRow, Failure, Listing, Task
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import SavedListing
from newscrawl.store.write.frontier import FIRST_OVERDUE, Wanted, pause
from newscrawl.store.write.store import Store
from tests.support.store_cases import SITE, article, at, capture, listing, stamp, url

GONE = Failure(code="http_404", message="not there", gone=True)
DOWN = Failure(code="http_503", message="the server answered 503", retry=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        opened.categories.put_site(SITE)
        opened.crawls.begin("paper", {}, version="test", now=at())
        yield opened


def wanted(hours: float = 0, **fields: Any) -> Wanted:
    return Wanted(site="paper", now=to_utc_text(at(hours)), **fields)


def open_listings(store: Store, *, first: bool, **fields: Any) -> list[Task]:
    return store.frontier.due_listings(wanted(**fields), first_pages=first, limit=99)


def open_articles(store: Store, hours: float = 0, **fields: Any) -> list[str]:
    return [
        task.url
        for task in store.frontier.due_articles(wanted(hours, **fields), after=0, limit=99)[0]
    ]


def show(
    store: Store, page: Listing, number: int = 1, crawl: int = 1, hours: float = 0, **how: Any
) -> SavedListing:
    """Saves a page of category 1 as the crawl would: by its open task."""
    task = next(task for task in open_listings(store, first=number == 1) if task.url == page.url)
    return store.listings.save(page, capture(page.url, hours, "listing"), task, crawl, **how)


def state(store: Store, address: str) -> dict[str, Any]:
    return dict(store.db.execute("SELECT * FROM frontier WHERE url = ?", (address,)).fetchone())


def test_a_category_takes_over_what_the_home_page_named_first(store: Store) -> None:
    home = CategoryRow("home", None, "Home", "https://paper.example/")
    store.categories.put_site(replace(SITE, categories=(home, *SITE.categories)))
    (home_id,) = store.categories.ids("paper", {"home"})
    (category_id,) = store.categories.ids("paper", {"1"})
    store.frontier.start_categories("paper", None, 1)
    assert home.url is not None
    show(store, replace(listing([1, 2], more=False), url=home.url))
    assert open_articles(store, categories=frozenset({home_id})) == [url(1), url(2)]
    show(store, listing([2, 3], more=False))
    assert open_articles(store, categories=frozenset({home_id})) == [url(1)]
    assert open_articles(store, categories=frozenset({category_id})) == [url(2), url(3)]
    store.frontier.start_categories("paper", {"home"}, 1)
    show(store, replace(listing([2, 3], more=False), url=home.url), hours=1)
    assert open_articles(store, categories=frozenset({category_id})) == [url(2), url(3)]


def test_each_category_starts_with_its_first_page(store: Store) -> None:
    assert store.frontier.start_categories("paper", None, 1) == {1, 2}
    assert [(task.category_id, task.page) for task in open_listings(store, first=True)] == [
        (1, 1),
        (2, 1),
    ]


def test_only_requested_categories_are_queued(store: Store) -> None:
    assert store.frontier.start_categories("paper", {"2"}, 1) == {2}
    assert [task.category_id for task in open_listings(store, first=True)] == [2]


def test_listing_queues_its_articles_and_the_next_page(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    assert show(store, listing([30, 29, 28])) == SavedListing(3, None)
    assert open_articles(store) == [url(30), url(29), url(28)]
    assert [(task.page, task.chain) for task in open_listings(store, first=False)] == [(2, 1)]
    assert open_listings(store, first=True) == []


def test_article_is_queued_once_by_any_number_of_pages(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    show(store, listing([30]))
    assert show(store, listing([30, 29], 2), 2).discovered == 1
    assert open_articles(store) == [url(30), url(29)]


def test_paging_stops_where_a_whole_page_was_shown_in_an_earlier_crawl(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    show(store, listing([30, 29]))
    show(store, listing([28, 27], 2, more=False), 2)
    second = store.crawls.begin("paper", {}, version="test", now=at(6))
    store.frontier.start_categories("paper", {"1"}, second)
    assert show(store, listing([31, 30]), crawl=second, hours=6).end is None
    assert show(store, listing([29, 28], 2), 2, crawl=second, hours=6).end == "known"
    assert open_listings(store, first=False) == []


def test_full_walk_does_not_stop_at_known_pages(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    show(store, listing([30, 29]))
    second = store.crawls.begin("paper", {}, version="test", now=at(6))
    store.frontier.start_categories("paper", {"1"}, second)
    assert show(store, listing([30, 29]), crawl=second, hours=6, full=True).end is None


def test_killed_walk_resumes(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    show(store, listing([30, 29]))  # killed here: page 2 is open
    second = store.crawls.begin("paper", {}, version="test", now=at(6))
    store.frontier.start_categories("paper", {"1"}, second)
    assert show(store, listing([30, 29]), crawl=second, hours=6).end == "known"
    assert [(task.page, task.chain) for task in open_listings(store, first=False)] == [(2, 1)]
    # Page 2 shows known articles only, but belongs to the walk that never ended.
    assert show(store, listing([29, 28], 2), 2, crawl=second, hours=6).end is None
    assert [task.page for task in open_listings(store, first=False)] == [3]


def test_page_that_repeats_the_walk_ends_it(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    show(store, listing([30, 29]))
    assert show(store, listing([30, 29], 2), 2).end == "repeats"


def test_page_of_old_articles_only_ends_a_walk_with_since(store: Store) -> None:
    old = stamp("2026-08-01T09:00:00+07:00")
    store.frontier.start_categories("paper", {"1"}, 1)
    assert show(store, listing([30], published=old), since="2026-08-15T00:00:00Z").end == "since"
    assert open_listings(store, first=False, since="2026-08-15T00:00:00Z") == []
    assert [task.page for task in open_listings(store, first=False)] == [2]
    assert [
        task.page for task in open_listings(store, first=False, since="2026-07-01T00:00:00Z")
    ] == [2]


def test_since_leaves_older_articles_open(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    show(store, listing([30], published=stamp("2026-08-01T09:00:00+07:00")))
    assert open_articles(store, since="2026-08-15T00:00:00Z") == []
    assert open_articles(store, until="2026-08-15T00:00:00Z") == [url(30)]


def test_max_pages_leaves_deeper_pages_open(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    show(store, listing([30]))
    assert open_listings(store, first=False, deepest_page=1) == []
    assert [task.page for task in open_listings(store, first=False)] == [2]


def test_passing_fault_keeps_the_page_open_with_a_growing_pause(store: Store) -> None:
    task = store.frontier.request("paper", url(10), "article")
    assert store.pages.save_failure(DOWN, task, 1, now=at())
    assert (state(store, url(10))["attempts"], state(store, url(10))["not_before"]) == (
        1,
        "2026-09-01T06:15:00Z",
    )
    assert open_articles(store, 0.2) == []
    assert open_articles(store, 0.2, ignore_pauses=True) == [url(10)]
    assert open_articles(store, 0.3) == [url(10)]
    store.pages.save_failure(DOWN, task, 1, now=at(1))
    assert state(store, url(10))["not_before"] == "2026-09-01T08:00:00Z"


def test_pauses_grow_to_a_week() -> None:
    assert [pause(n) for n in (1, 2, 3, 99)] == [
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=4),
        timedelta(days=7),
    ]


def test_passing_fault_is_given_up_after_eight_attempts(store: Store) -> None:
    task = store.frontier.request("paper", url(10), "article")
    kept = [store.pages.save_failure(DOWN, task, 1, now=at(n)) for n in range(8)]
    assert kept == [True] * 7 + [False]
    assert (state(store, url(10))["state"], state(store, url(10))["reason"]) == (
        "failed",
        "http_503",
    )


def test_page_that_is_not_there_twice_is_gone(store: Store) -> None:
    store.frontier.request("paper", url(10), "article")
    saved = store.articles.save(article(), capture(url(10)), 1, asked_url=url(10), extractor="test")
    task = Task(site="paper", url=url(10), kind="article", article_id=saved.article_id)
    store.pages.save_failure(GONE, task, 1, now=at(1))
    first = dict(store.db.execute("SELECT state, gone_at FROM articles").fetchone())
    store.pages.save_failure(GONE, task, 1, now=at(2))
    second = dict(store.db.execute("SELECT state, gone_at FROM articles").fetchone())
    assert first == {"state": "stored", "gone_at": None}
    assert second == {"state": "gone", "gone_at": "2026-09-01T08:00:00Z"}
    assert (
        store.db.execute("SELECT title, body FROM export_articles").fetchone()["body"]
        == "First.\n\nSecond."
    )


def test_stored_article_is_due_again_at_the_ages_of_the_site(store: Store) -> None:
    store.frontier.request("paper", url(10), "article")
    store.articles.save(
        article(), capture(url(10), etag='"a"'), 1, asked_url=url(10), extractor="test"
    )
    assert store.frontier.due_again(wanted(0.5), after=FIRST_OVERDUE, limit=9) == (
        [],
        FIRST_OVERDUE,
    )
    due, place = store.frontier.due_again(wanted(1), after=FIRST_OVERDUE, limit=9)
    assert [(task.url, task.etag) for task in due] == [(url(10), '"a"')]
    assert store.frontier.due_again(wanted(1), after=place, limit=9) == ([], place)
    store.pages.save_not_modified(capture(url(10), 1.5, status=304), due[0], 1)
    assert state(store, url(10))["not_before"] == "2026-09-01T12:00:00Z"
    again = store.frontier.due_again(wanted(7), after=FIRST_OVERDUE, limit=9)[0][0]
    assert again.etag == '"a"'
    store.pages.save_not_modified(capture(url(10), 24 * 40, status=304), again, 1)
    assert state(store, url(10))["not_before"] is None


def test_unmodified_listing_repeats_its_rows_under_the_new_crawl(store: Store) -> None:
    store.frontier.start_categories("paper", {"1"}, 1)
    show(store, listing([30, 29]))
    second = store.crawls.begin("paper", {}, version="test", now=at(6))
    store.frontier.start_categories("paper", {"1"}, second)
    task = open_listings(store, first=True)[0]
    store.pages.save_not_modified(capture(task.url, 6, "listing", 304), task, second)
    shown = store.db.execute(
        "SELECT article_id, position, seen_at FROM listings WHERE crawl_id = ?", (second,)
    )
    assert [tuple(entry) for entry in shown] == [
        (1, 1, "2026-09-01T12:00:00Z"),
        (2, 2, "2026-09-01T12:00:00Z"),
    ]


def test_after_a_kill_between_pages_everything_is_still_open(tmp_path: Path) -> None:
    with Store(tmp_path) as first:
        first.categories.put_site(SITE)
        first.crawls.begin("paper", {}, version="test", now=at())
        first.frontier.start_categories("paper", {"1"}, 1)
        show(first, listing([30, 29]))
    with Store(tmp_path) as second:
        assert open_articles(second) == [url(30), url(29)]
        assert second.frontier.count_pending("paper") == 3


def test_statements_about_addresses_use_indexes(store: Store) -> None:
    """Their time does not grow with the archive."""
    statements: list[str] = []
    store.frontier.start_categories("paper", {"1"}, 1)
    store.db.set_trace_callback(statements.append)
    show(store, listing([30, 29]))
    task = store.frontier.open_task("paper", url(30))
    assert task is not None
    for answered in (url(30), url(30, "moved")):
        store.articles.save(
            article(30),
            capture(answered),
            1,
            asked_url=url(30),
            answered_url=answered,
            extractor="test",
        )
    store.articles.save(
        article(29),
        capture(url(29), moved_permanently=True),
        1,
        asked_url=url(30, "moved"),
        answered_url=url(29),
        is_elsewhere=True,
        extractor="test",
    )
    store.pages.save_failure(GONE, task, 1, now=at(1))
    store.frontier.open_tasks(1)
    store.frontier.bring_back("paper", at(), timedelta(days=30))
    store.frontier.due_articles(wanted(), after=0, limit=9)
    store.frontier.due_again(wanted(), after=FIRST_OVERDUE, limit=9)
    store.db.set_trace_callback(None)
    assert [line for sql in statements for line in scans(store, sql)] == []


def scans(store: Store, statement: str) -> list[str]:
    """The steps of a statement that read a whole table of the archive."""
    if "frontier" not in statement and "aliases" not in statement:
        return []
    plan = store.db.execute(f"EXPLAIN QUERY PLAN {statement}")
    steps = [row["detail"] for row in plan]
    return [f"{step}: {statement}" for step in steps if step.startswith(("SCAN f", "SCAN a"))]
