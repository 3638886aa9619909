"""Front pages by day: all places, what moved since the day before, and two days beside each other."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.store.read.front_pages import CategoryFront, Front
from newscrawl.web.printed import home_first
from tests.support.asked_pages import Pages, asked
from tests.support.crawling import query

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

PLACES = (
    "SELECT article_id FROM listings JOIN categories c ON c.id = category_id WHERE c.key = '{key}'"
    " AND date(seen_at, '+7 hours') = '{day}' ORDER BY page, position"
)
OLD_TITLE = "Tiêu đề cũ <b>hôm qua</b>"


@pytest.fixture(scope="module")
def paper(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive, whose first crawl was a day earlier and saw another headline."""
    folder = tmp_path_factory.mktemp("paper") / "archive"
    shutil.copytree(archive, folder)
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        first = db.execute("SELECT min(id) FROM crawls").fetchone()[0]
        earlier = "strftime('%Y-%m-%dT%H:%M:%SZ', {0}, '-1 day')"
        db.execute(
            f"UPDATE listings SET seen_at = {earlier.format('seen_at')} WHERE crawl_id = {first}"
        )
        db.execute(
            f"UPDATE crawls SET started_at = {earlier.format('started_at')} WHERE id = {first}"
        )
        db.execute(
            "UPDATE listings SET title = ? WHERE crawl_id = ? AND article_id = (SELECT article_id"
            " FROM listings WHERE crawl_id > ? ORDER BY category_id, page, position LIMIT 1)",
            (OLD_TITLE, first, first),
        )
    return folder


@pytest.fixture(scope="module")
def pages(paper: Path) -> Iterator[Pages]:
    with asked(paper) as pages:
        yield pages


def categories(folder: Path) -> list[tuple[str, int]]:
    """The key of each category, and how many places the last crawl saw of it."""
    rows = query(
        folder,
        "SELECT c.key, count(*) FROM listings l JOIN categories c ON c.id = l.category_id"
        " WHERE l.crawl_id = (SELECT max(id) FROM crawls) GROUP BY c.id ORDER BY c.id",
    )
    return [(str(key), int(count)) for key, count in rows]


def test_a_category_has_every_place_and_its_moves(pages: Pages, paper: Path) -> None:
    days = [
        row[0]
        for row in query(
            paper, "SELECT DISTINCT date(seen_at, '+7 hours') FROM listings ORDER BY 1"
        )
    ]
    moved = {"new": 0, "gone": 0}
    for key, count in categories(paper):
        page = pages.get(f"/front/demo?category={key}")
        assert len(page.tree.cssselect(".lead-story, ol.front > li")) == count
        new, old = (PLACES.format(key=key, day=day) for day in days[::-1])
        # What the earlier crawl saw further down than this one has read may still be there.
        gone = f"SELECT * FROM ({old} LIMIT {count}) EXCEPT SELECT * FROM ({new})"
        dropped = query(paper, f"SELECT count(*) FROM ({gone})")[0][0]
        listed = page.texts("summary")
        places = "the one place" if count == 1 else f"the first {count} places"
        assert dropped == 0 or f"{dropped} no longer in {places}" in listed
        moved["gone"] += int(dropped)
        moved["new"] += len(page.tree.cssselect(".new"))
    assert moved["new"] > 0
    assert moved["gone"] > 0


def test_the_lead_is_large_and_its_headline_of_the_day_before_is_named(pages: Pages) -> None:
    page = pages.get("/front/demo")
    assert len(page.tree.cssselect(".lead-story h3")) == 1
    assert page.texts(".lead-story del") == [OLD_TITLE]
    assert "here for a day" in page.texts(".lead-story .marks")[0]
    assert "1 with another headline" in " ".join(page.texts(".front-page > .meta"))
    assert page.texts(".front-page ul.plain del") == [OLD_TITLE]


def test_pages_that_only_one_crawl_read_are_named(pages: Pages, paper: Path) -> None:
    shown = "SELECT group_concat(page, ', ') FROM (SELECT DISTINCT page FROM listings l"
    of_crawl = f"{shown} JOIN categories c ON c.id = category_id WHERE c.key = '{{}}'"
    differences = 0
    for key, _ in categories(paper):
        by_crawl = [
            str(query(paper, f"{of_crawl.format(key)} AND crawl_id = {crawl} ORDER BY page)")[0][0])
            for (crawl,) in query(paper, "SELECT DISTINCT crawl_id FROM listings ORDER BY 1")
        ]
        note = pages.get(f"/front/demo?category={key}").texts(".front-page > .meta")[0]
        is_shorter = len(by_crawl[-1]) < len(by_crawl[0])
        assert ("this one did not" in note) == is_shorter
        assert ("(page 1)" in note) == (by_crawl[-1] == "1")
        differences += is_shorter
    assert differences > 0


def test_other_categories_are_short_and_lead_to_all_places(pages: Pages, paper: Path) -> None:
    page = pages.get("/front/demo")
    for key, count in categories(paper)[1:]:
        if count > 5:
            assert f"?category={key}" in page.links(".columns p a")
    assert all(len(each.cssselect("li")) <= 5 for each in page.tree.cssselect(".columns ol"))


def test_two_days_are_beside_each_other(pages: Pages, paper: Path) -> None:
    first = query(paper, "SELECT min(date(seen_at, '+7 hours')) FROM listings")[0][0]
    page = pages.get(f"/front/demo?with={first}")
    sides = page.tree.cssselect(".two-fronts > section")
    assert len(sides) == 2
    assert str(first) in sides[1].text_content()
    assert OLD_TITLE in sides[1].text_content()
    assert len(sides[0].cssselect(".both")) == len(sides[1].cssselect(".both")) > 1
    assert pages.get(f"/front/demo?beside=demo&with={first}").status == 200


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ("category=nosuch", 404),
        ("on=2020-01-01", 404),
        ("with=2020-01-01", 404),
        ("beside=nosuch", 404),
        ("on=someday", 404),
        ("on=2026-09", 404),
    ],
)
def test_what_was_not_read_is_said_above_a_form(pages: Pages, parameters: str, status: int) -> None:
    page = pages.get(f"/front/demo?{parameters}")
    assert page.status == status
    assert len(page.tree.cssselect("main input[name=on]")) == 1
    assert page.texts("main .empty")


def test_days_with_front_pages_are_in_the_calendar(pages: Pages, paper: Path) -> None:
    days = query(paper, "SELECT DISTINCT date(seen_at, '+7 hours') FROM listings ORDER BY 1")
    assert pages.get("/front/demo").texts(".calendar title") == [
        f"{day}: 1 crawl" for (day,) in days
    ]


def test_the_home_page_is_the_first_category() -> None:
    fronts = tuple(
        CategoryFront(
            category_id=number,
            key=str(number),
            name="",
            seen_at="",
            seen_local="",
            compared_at=None,
            slots=(),
            left=(),
        )
        for number in (1, 2, 3)
    )
    front = Front(site="", name="", day="", earlier=None, later=None, categories=fronts)
    urls = {1: "https://paper.example/news", 2: None, 3: "https://paper.example/"}
    assert [each.key for each in home_first(front, urls)] == ["3", "1", "2"]


def test_a_home_page_comes_first_with_its_lead(paper: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    shutil.copytree(paper, folder)
    last = "crawl_id = (SELECT max(id) FROM crawls)"
    (home,) = query(folder, f"SELECT max(category_id) FROM listings WHERE {last}")[0]
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        db.execute("UPDATE categories SET key = 'home', name = 'Front' WHERE id = ?", (home,))
        db.execute(
            "UPDATE listings SET block = iif(position = 3, 'lead', 'section')"
            " WHERE category_id = ? AND page = 1",
            (home,),
        )
    leads = query(
        folder,
        f"SELECT title FROM listings WHERE {last} AND category_id = {home} AND block = 'lead'",
    )
    with asked(folder) as pages:
        page = pages.get("/front/demo")
        assert [(title,) for title in page.texts(".lead-story h3")] == leads
        assert page.texts(".front.printed li.section a") != []
