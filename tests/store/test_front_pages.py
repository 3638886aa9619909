"""Front pages by day: places, moves since the day before, entries that left, teased headlines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from newscrawl.core.errors import UsageError
from newscrawl.core.records import CategoryRow
from newscrawl.store.read.front_pages import CategoryFront, front_days, front_page
from newscrawl.store.read.reader import Reader
from newscrawl.store.write.frontier import Wanted
from newscrawl.store.write.store import Store
from tests.support.store_cases import SITE, article, at, capture, listing

# The site's days begin at 17:00 UTC; hours after 2026-09-01 06:00 UTC.
FIRST_DAY, SAME_DAY, SECOND_DAY = 0, 5, 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as store:
        store.categories.put_site(SITE)
        yield store


def read(store: Store, keys: Sequence[int], hours: float) -> None:
    """One crawl that reads the first page of the category."""
    crawl = store.crawls.begin("paper", {}, version="0.1.0", now=at(hours))
    page = listing(keys, more=False)
    store.frontier.start_categories("paper", {"1"}, crawl)
    task = store.frontier.request("paper", page.url, "listing")
    store.listings.save(page, capture(page.url, hours, kind="listing"), task, crawl)
    store.crawls.end(crawl, reason="finished", exit_code=0, stats={}, now=at(hours + 0.1))


def category(folder: Path, day: str | None = None) -> CategoryFront:
    with Reader(folder) as reader:
        found = front_page(reader.db, "paper", day)
    assert [one.key for one in found.categories] == ["1"]
    return found.categories[0]


def moves(front: CategoryFront) -> list[tuple[int, str, int | None, str]]:
    return [(slot.rank, slot.key, slot.before, slot.move) for slot in front.slots]


def test_front_page_shows_places_and_moves_since_the_day_before(
    store: Store, tmp_path: Path
) -> None:
    read(store, [1, 2, 3, 4], FIRST_DAY)
    read(store, [5, 3, 2, 1], SECOND_DAY)
    front = category(tmp_path)
    assert moves(front) == [
        (1, "5", None, "new"),
        (2, "3", 3, "up"),
        (3, "2", 2, "down"),
        (4, "1", 1, "down"),
    ]
    assert [slot.key for slot in front.left] == ["4"]
    assert (front.seen_local, front.compared_at) == ("2026-09-02 09:00", "2026-09-01 13:00")


def test_entry_deeper_than_the_earlier_reading_is_not_new(store: Store, tmp_path: Path) -> None:
    read(store, [1, 2], FIRST_DAY)
    read(store, [2, 1, 9], SECOND_DAY)
    assert moves(category(tmp_path))[2] == (3, "9", None, "deeper")


def test_last_reading_of_a_day_is_compared_with_the_day_before(
    store: Store, tmp_path: Path
) -> None:
    read(store, [1, 2], FIRST_DAY)
    read(store, [2, 1], SECOND_DAY)
    read(store, [3, 2, 1], SECOND_DAY + 2)
    assert moves(category(tmp_path)) == [
        (1, "3", None, "new"),
        (2, "2", 2, "same"),
        (3, "1", 1, "down"),
    ]


def test_on_the_first_day_the_last_reading_is_compared_with_the_one_before(
    store: Store, tmp_path: Path
) -> None:
    read(store, [1, 2], FIRST_DAY)
    read(store, [3, 1], SAME_DAY - 1)
    read(store, [1, 3], SAME_DAY - 0.5)
    front = category(tmp_path, "2026-09-01")
    assert moves(front) == [(1, "1", 2, "up"), (2, "3", 1, "down")]
    assert front.compared_at == "2026-09-01 17:00"


def test_single_reading_is_compared_with_nothing(store: Store, tmp_path: Path) -> None:
    read(store, [1, 2], FIRST_DAY)
    front = category(tmp_path)
    assert front.compared_at is None
    assert {slot.move for slot in front.slots} == {"first"}


def test_teased_headline_is_shown_beside_the_articles_own(store: Store, tmp_path: Path) -> None:
    read(store, [1, 2], FIRST_DAY)
    crawl = store.crawls.begin("paper", {}, version="0.1.0", now=at(1))
    for key, title in ((1, "Another headline"), (2, "Title 2")):
        page = article(key, title=title)
        store.articles.save(page, capture(page.url, 1), crawl, asked_url=page.url, extractor="test")
    found = [(slot.teased, slot.headline, slot.retitled) for slot in category(tmp_path).slots]
    assert found == [("Title 1", "Another headline", True), ("Title 2", "Title 2", False)]


def test_days_are_in_the_sites_time_zone(store: Store, tmp_path: Path) -> None:
    read(store, [1], FIRST_DAY)
    read(store, [1], 10.9)  # 23:54 in Vietnam
    read(store, [1], 11)  # midnight
    with Reader(tmp_path) as reader:
        assert front_days(reader.db, "paper") == ["2026-09-01", "2026-09-02"]
        second = front_page(reader.db, "paper", "2026-09-02")
        with pytest.raises(UsageError) as raised:
            front_page(reader.db, "paper", "2026-08-30")
    assert (second.earlier, second.later) == ("2026-09-01", None)
    assert asdict(second)["categories"][0]["compared_at"] == "2026-09-01 23:54"
    assert raised.value.hint == "days near it: 2026-09-01, 2026-09-02"


def test_home_page_comes_first_also_if_an_older_archive_has_it(
    store: Store, tmp_path: Path
) -> None:
    home_id = store.history.put_category("paper", "/", "A Paper")
    home = CategoryRow("home", None, "Trang chủ", "https://paper.example/")
    store.categories.put_site(replace(SITE, categories=(*SITE.categories, home)))
    assert store.categories.ids("paper", {"home", "/"}) == {home_id}
    assert store.categories.key_of(home_id) == "home"
    crawl = store.crawls.begin("paper", {}, version="0.1.0", now=at(FIRST_DAY))
    store.frontier.start_categories("paper", None, crawl)
    wanted = Wanted(site="paper", now="9999")
    tasks = store.frontier.due_listings(wanted, first_pages=True, limit=9)
    assert [task.url for task in tasks] == [home.url, *(row.url for row in SITE.categories)]
    for task in tasks:
        page = replace(listing([1, 2], more=False), url=task.url)
        store.listings.save(page, capture(task.url, FIRST_DAY, kind="listing"), task, crawl)
    store.crawls.end(crawl, reason="finished", exit_code=0, stats={}, now=at(FIRST_DAY + 0.1))
    with Reader(tmp_path) as reader:
        found = front_page(reader.db, "paper").categories
    assert [category.key for category in found] == ["home", "1", "2"]
