"""The home page: its numbers are those of the database, and its calendar has every day of a year."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

import newscrawl.web
from newscrawl.cli.main import LOCATIONS
from newscrawl.store.read.publication_days import site_days
from newscrawl.store.read.reader import Reader
from newscrawl.store.write.store import Store
from newscrawl.web.calendar import LEVELS, WEEKS, calendar, spark
from tests.support.asked_pages import Pages, asked, broken_links
from tests.support.crawling import query
from tests.support.kept_counts import follows_articles
from tests.support.old_schema import old_archive
from tests.support.store_cases import SITE, article, at, capture

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

KEPT_DAYS = "SELECT * FROM publication_days ORDER BY site, day"
DAYS = (
    "SELECT site, ifnull(substr(published_local, 1, 10), ''), count(*) FROM articles"
    " WHERE revision > 0 AND state NOT IN ('blocked', 'degraded') GROUP BY 1, 2 ORDER BY 1, 2"
)


@pytest.fixture(scope="module")
def pages(archive: Path) -> Iterator[Pages]:
    with asked(archive) as pages:
        yield pages


def test_numbers_are_those_of_the_database(pages: Pages, archive: Path) -> None:
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db:
        articles = db.execute(
            "SELECT count(*) FROM articles WHERE revision > 0 AND state NOT IN ('blocked', 'degraded')"
        ).fetchone()[0]
        revised = db.execute("SELECT count(*) FROM revisions WHERE revision > 1").fetchone()[0]
        gone = db.execute("SELECT count(*) FROM articles WHERE gone_at IS NOT NULL").fetchone()[0]
    home = pages.get("/")
    assert home.texts(".stats dd") == [str(articles), str(revised + gone), "1"]
    drawn = home.tree.cssselect(".calendar rect")
    assert WEEKS * 7 - 6 <= len(drawn) <= WEEKS * 7
    titles = [title.rpartition(": ") for title in home.texts(".calendar title")]
    expected = query(
        archive,
        "SELECT substr(published_local, 1, 10) AS day, count(*) FROM articles WHERE revision > 0"
        f" AND day >= '{titles[0][0]}' GROUP BY day ORDER BY day",
    )
    assert [(day, int(count)) for day, _, count in titles] == expected


def test_changes_have_the_old_and_the_new_headline_and_numbers(pages: Pages) -> None:
    home = pages.get("/")
    first = home.texts(".card h3")[0]
    assert first.startswith("Đường sắt Lam Giang")
    assert "Cập nhật: Đường sắt Lam Giang" in first
    assert "710 685 tỷ" in " ".join(home.texts(".card"))
    assert "date only" not in " ".join(home.texts(".card .badge"))


def test_a_change_of_authors_names_both(pages: Pages) -> None:
    [card] = pages.get("/changes?kind=byline").texts(".changes .card")
    assert card.endswith("By Tường Lam Lưu Thục Anh")


def test_a_change_was_made_before_it_was_seen(pages: Pages, archive: Path) -> None:
    asked_for = "/newscrawl/edited-after-publication.json?_shape=array"
    rows = pages.get(asked_for).json
    assert len(rows) == query(archive, "SELECT count(*) FROM articles WHERE revision > 1")[0][0]
    made = [row for row in rows if row["hours_until_changed"] is not None]
    assert made
    assert all(row["hours_until_changed"] < row["hours_until_seen"] for row in made)


def test_every_link_of_every_page_leads_to_a_page(pages: Pages) -> None:
    assert broken_links(pages, "/", 250) == []


def test_every_link_leads_to_a_page_with_a_single_article(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.categories.put_site(SITE)
        crawl = store.crawls.begin("paper", {}, version="0.1.0", now=at())
        page = article(1)
        store.articles.save(page, capture(page.url, 0), crawl, asked_url=page.url, extractor="test")
    with asked(tmp_path) as pages:
        assert broken_links(pages, "/", 250) == []


def test_an_empty_archive_shows_the_first_steps(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with asked(tmp_path) as pages:
        home = pages.get("/")
        assert "newscrawl demo" in home.texts(".empty pre")
        assert home.tree.cssselect(".calendar") == []
        assert broken_links(pages, "/", 60) == []


def test_days_follow_every_change_of_an_article(archive: Path, tmp_path: Path) -> None:
    old_archive(tmp_path, archive, migrations=11)
    with Reader(tmp_path) as reader:
        counted = [(each.site, each.day, each.articles) for each in site_days(reader.db)]
    assert counted == query(archive, DAYS)
    follows_articles(tmp_path, KEPT_DAYS, DAYS)


def test_a_calendar_ends_with_its_last_day() -> None:
    drawn = calendar({"2026-09-02": 8, "2026-09-01": 1, "2020-01-01": 5}, date(2026, 9, 2))
    assert (drawn.first, drawn.last, drawn.total) == ("2025-09-01", "2026-09-02", 9)
    assert [cell.level for cell in drawn.cells[-3:]] == [0, 1, LEVELS]
    assert [name for _, name in drawn.labels][:2] == ["Sep", "Oct"]
    assert dict(drawn.months)["2026-09"] == 9
    assert len({(cell.x, cell.y) for cell in drawn.cells}) == len(drawn.cells)


def test_few_different_numbers_are_spread_over_the_shades() -> None:
    days = {"2026-08-30": 1, "2026-08-31": 1, "2026-09-01": 2, "2026-09-02": 3}
    drawn = calendar(days, date(2026, 9, 2))
    assert [cell.level for cell in drawn.cells[-4:]] == [1, 1, 2, LEVELS]


def test_a_sparkline_has_a_bar_for_each_week() -> None:
    path = spark({"2026-09-02": 8, "2026-08-20": 4, "2024-01-01": 9}, date(2026, 9, 2))
    heights = [bar.partition("v")[2].partition("h")[0] for bar in path.split("M")[1:]]
    assert heights[-3:] == ["-0.6", "-14.0", "-28.0"]
    assert len(heights) == 26


def test_pages_suggest_only_commands_that_exist() -> None:
    templates = Path(newscrawl.web.__file__).parent / "templates"
    text = "".join(path.read_text("utf-8") for path in templates.glob("*.html"))
    suggested = set(re.findall(r"(?:>|\n)newscrawl ([a-z-]+)", text))
    assert {"demo", "crawl", "import"} <= suggested
    assert suggested <= set(LOCATIONS)
