"""The web pages in a real browser, on a desktop and on a phone."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page

from newscrawl.store.write.store import Store
from tests.support.web_site import DESKTOP, ENDLESS, HUB, PHONE, ask, key_of, make_odd, served

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[Mapping[str, Page]]:
    """One browser page of either size. JavaScript is off: every page must be readable without it."""
    sizes = {"desktop": DESKTOP, "phone": PHONE}
    contexts = {
        name: browser.new_context(viewport=size, java_script_enabled=False)
        for name, size in sizes.items()
    }
    yield {name: context.new_page() for name, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest, windows: Mapping[str, Page]) -> Page:
    """A page of either size, as another test left it: each opens an address first. A new one takes half a second."""
    return windows[request.param]


def counted(page: Page, selector: str) -> int:
    """How many elements match, once at least one does: the page after a click may still be loading."""
    page.wait_for_load_state()
    page.locator(selector).first.wait_for(state="attached")
    return page.locator(selector).count()


def follow(page: Page, link: Locator) -> None:
    """Clicks on a link or a button of a form, and waits until the page it leads to is complete.

    A click alone waits only until the answer begins: what is then read at once may not be there yet.
    """
    with page.expect_navigation(wait_until="load"):
        link.click()


def fits(page: Page) -> bool:
    """Whether the content can be read without horizontal scrolling."""
    box = page.locator("main").bounding_box()
    assert box is not None
    assert page.viewport_size is not None
    return box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"] + 1


def test_search_open_and_read(page: Page, address: str) -> None:
    page.goto(address)
    assert page.title() == "The archive – newscrawl"
    page.locator("main input[name=q]").fill("duong sat")
    follow(page, page.locator("main form button"))
    marks = page.locator(".hits mark").all_inner_texts()
    assert "đường" in marks
    headline = page.locator(".hits h2 a").first.inner_text()
    follow(page, page.locator(".hits h2 a").first)
    assert page.locator("h1").inner_text() == headline
    assert counted(page, ".text p") > 1
    assert fits(page)


def test_search_narrowed_by_day(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=duong+sat")
    total = counted(page, ".hits li")
    page.locator("input[name=until]").fill("2023-12-31")
    follow(page, page.locator(".filters button").first)
    assert 0 < counted(page, ".hits li") < total


def test_search_shows_the_total_and_links_to_all_articles(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=tang")
    total = page.locator(".total").inner_text()
    assert total.endswith(" articles; showing 1 to 30.")
    listed = page.locator(".hits h2 a").all_inner_texts()
    follow(page, page.get_by_role("link", name="Next"))
    page.wait_for_url("**offset=30*")
    listed += page.locator(".hits h2 a").all_inner_texts()
    assert len(listed) == int(total.split()[0]) > 30
    assert page.get_by_role("link", name="Next").count() == 0


def test_invalid_day_is_an_error_above_the_form_as_it_was_filled_in(
    page: Page, address: str
) -> None:
    answer = page.goto(f"{address}/search?q=gia&category=nosuch&since=soon&sort=time")
    assert answer is not None
    assert answer.status == 400
    alert = page.get_by_role("alert").inner_text()
    assert alert.startswith("Since 'soon': expected a day, a month or a year. Write 2026-09-01, ")
    assert page.locator("main input[name=q]").input_value() == "gia"
    assert page.get_by_label("Category").input_value() == "nosuch"
    assert page.get_by_label("Order").input_value() == "time"
    assert page.locator(".hits").count() == 0


@pytest.mark.parametrize(
    ("named", "page_of"),
    [
        ("235425", ""),
        ("demo/235425", ""),
        ("235425/changes?whole=1", "/changes?whole=1"),
        ("demo/235425/changes.json", "/changes.json"),
        ("demo/235425/links?depth=2", "/links?depth=2"),
        ("235425/links.csv", "/links.csv"),
    ],
)
def test_own_id_of_the_site_redirects_to_the_article(
    archive: Path, address: str, named: str, page_of: str
) -> None:
    row, _ = key_of(archive, "site = 'demo' AND key = '235425'")
    with urllib.request.urlopen(f"{address}/article/{named}", timeout=20) as answer:
        assert answer.url == f"{address}/article/{row}{page_of}"


def test_unknown_address_has_an_error_page(page: Page, address: str) -> None:
    for path in ("/nosuch", "/nosuch/deeper", "/article"):
        page.goto(f"{address}{path}")
        assert page.locator("h1").inner_text() == "There is no such page"
        assert page.title() == "There is no such page – newscrawl"


def test_menu_is_low_and_health_is_visible(page: Page, address: str) -> None:
    page.goto(address)
    top, verdict = (
        page.locator("header.top").bounding_box(),
        page.locator(".verdict").first.bounding_box(),
    )
    assert top is not None
    assert verdict is not None
    assert page.viewport_size is not None
    assert top["height"] < 110
    assert verdict["x"] + verdict["width"] <= page.viewport_size["width"]


def test_times_and_limits_are_readable(page: Page, address: str) -> None:
    page.goto(f"{address}/front/demo?category=4")
    times = page.locator("ol.front .meta[title]").filter(
        has_text=re.compile(r"^20\d\d-\d\d-\d\d \d\d:\d\d$")
    )
    assert times.count() > 5
    assert re.fullmatch(
        r"as printed here: \d\d:\d\d' - \d\d/\d\d/20\d\d", times.first.get_attribute("title") or ""
    )
    page.goto(f"{address}/health")
    assert "?" not in page.locator("main").inner_text()
    page.goto(f"{address}/charts?days=60")
    caption = page.locator("figcaption").first.inner_text()
    assert re.fullmatch(r".+: \d+ articles? in these 60 days; 82 in total", caption)


def test_changes_between_revisions(page: Page, archive: Path, address: str) -> None:
    article, _ = key_of(archive, "revision = 2 AND state = 'stored' ORDER BY id")
    page.goto(f"{address}/article/{article}")
    follow(page, page.get_by_role("link", name="what changed").first)
    assert counted(page, "ins") > 0
    page.get_by_label("whole text").check()
    follow(page, page.get_by_role("button", name="Compare"))
    assert counted(page, ".diff p") > 1
    assert fits(page)


def test_changes_are_filtered_by_kind(page: Page, address: str) -> None:
    page.goto(f"{address}/changes")
    assert counted(page, ".changes li") == 5
    page.get_by_label("Kind of change").select_option("numbers")
    follow(page, page.get_by_role("button", name="Show"))
    assert page.locator(".changes .number").inner_text() == "710 685 tỷ"
    follow(page, page.locator(".changes h3 a"))
    assert counted(page, ".diff ins") == 3
    assert fits(page)


def test_csv_files_of_changes_and_health(address: str) -> None:
    for name, column in (("changes", "kinds"), ("health", "verdict")):
        with urllib.request.urlopen(f"{address}/{name}.csv", timeout=20) as answer:
            rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
        assert len(rows) >= 5
        assert all(row["site"] == "demo" for row in rows)
        assert any(row[column] for row in rows)


def test_every_field_has_a_label(page: Page, address: str) -> None:
    for path in ("/", "/search", "/changes", "/front/demo", "/completeness/demo", "/duplicates"):
        page.goto(f"{address}{path}")
        unlabelled = page.locator("input, select").evaluate_all(
            "fields => fields.filter(field => field.labels.length !== 1).length"
        )
        assert unlabelled == 0, path


def test_graph_links_to_other_articles(page: Page, archive: Path, address: str) -> None:
    article, title = key_of(archive, "id IN (SELECT source_id FROM links WHERE kind = 'related')")
    page.goto(f"{address}/article/{article}/links")
    shown = page.locator("svg.graph:visible a")
    assert shown.count() > 2
    other = shown.filter(has_not=page.locator(".centre")).first
    wanted = (other.locator("title").text_content() or "").rpartition(" – ")[0]
    follow(page, other)
    assert page.locator(".kicker").inner_text() == wanted != title


def test_front_page_by_day(page: Page, archive: Path, address: str) -> None:
    db = sqlite3.connect(archive / "newscrawl.db")
    day = db.execute("SELECT date(max(seen_at), '+7 hours') FROM listings").fetchone()[0]
    db.close()
    page.goto(f"{address}/front")
    page.locator("input[name=on]").fill(day)
    follow(page, page.get_by_role("button", name="Show"))
    assert day in page.locator("h1").inner_text()
    assert counted(page, "ol.front li") > 20
    page.goto(f"{address}/front/demo?on=2020-01-01")
    assert page.locator("ol.front").count() == 0
    assert counted(page, "input[type=date]") == 1
    assert fits(page)


def test_csv_is_downloaded_as_a_file(browser: Browser, address: str) -> None:
    with browser.new_context(accept_downloads=True) as context:
        page = context.new_page()
        page.goto(f"{address}/search?q=duong+sat")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").first.click()
        rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert download.value.suggested_filename == "search.csv"
    assert len(rows) > 3
    assert set(rows[0]) >= {"site", "key", "title", "published_at"}


def test_front_page_shows_what_moved_since_the_crawl_before(page: Page, address: str) -> None:
    page.goto(f"{address}/front/demo?category=4")
    assert counted(page, ".front-page .new") > 0
    assert counted(page, "ol.front .down") > 0
    page.goto(f"{address}/front/demo?category=6")
    gone = page.locator("summary", has_text="1 no longer in")
    gone.click()
    assert page.locator("details[open] li a").is_visible()


def test_completeness_of_a_site(page: Page, address: str) -> None:
    page.goto(f"{address}/completeness")
    assert page.locator(".answer").inner_text() == "82 of 83 articles; 1 is known but was not read."
    assert page.get_by_role("row", name="gone http_404 listing").count() == 1
    page.get_by_label("Published from").fill("2026-10-06")
    follow(page, page.get_by_role("button", name="Show"))
    days = page.locator("table").first.locator("td:first-child").all_inner_texts()
    assert days == ["2026-10-07", "2026-10-06"]
    page.goto(f"{address}/completeness/demo")
    groups = page.locator("table").first.locator("td:first-child", has_text="none missing")
    assert groups.count() > 0
    page.get_by_label("all days and gaps").check()
    follow(page, page.get_by_role("button", name="Show"))
    assert groups.count() == 0
    assert fits(page)


def test_articles_with_the_same_text(page: Page, address: str) -> None:
    page.goto(f"{address}/duplicates?similarity=1")
    assert page.locator(".group h2").all_inner_texts() == ["2 articles, identical"]
    other = page.locator(".group li a").last.inner_text()
    follow(page, page.locator(".group li a").first)
    elsewhere = page.locator("section", has=page.get_by_role("heading", name="Copies"))
    assert elsewhere.locator("li a").all_inner_texts() == [other]
    page.goto(f"{address}/duplicates?across=1")
    assert page.locator(".group").count() == 0
    assert fits(page)


@pytest.mark.parametrize(
    ("path", "columns", "rows"),
    [
        (
            "completeness/demo.csv",
            {"site", "day", "read", "known", "about", "unseen_ids_at_most"},
            77,
        ),
        ("completeness/demo.csv?table=gaps", {"site", "day", "status", "reason", "key"}, 15),
        ("duplicates.csv", {"group", "site", "key", "similarity", "first"}, 2),
    ],
)
def test_csv_files_of_completeness_and_duplicates(
    address: str, path: str, columns: set[str], rows: int
) -> None:
    with urllib.request.urlopen(f"{address}/{path}", timeout=20) as answer:
        found = list(csv.DictReader(io.StringIO(answer.read().decode())))
    assert len(found) == rows
    assert set(found[0]) >= columns


def test_csv_file_of_crawls_counts_failures(address: str) -> None:
    with urllib.request.urlopen(f"{address}/charts/outcomes.csv", timeout=20) as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    assert len(rows) == 2
    for row in rows:
        assert int(row["failed"]) == sum(json.loads(row["failed_by_reason"]).values())


@pytest.mark.parametrize(
    "path",
    [
        "/charts",
        "/questions",
        "/health",
        "/newscrawl",
        "/newscrawl/articles",
        "/newscrawl/problems",
    ],
)
def test_other_pages_open(page: Page, address: str, path: str) -> None:
    answer = page.goto(f"{address}{path}")
    assert answer is not None
    assert (answer.status, counted(page, "h1")) == (200, 1)


def test_every_question_runs(page: Page, address: str) -> None:
    page.goto(f"{address}/questions")
    paths = [link.get_attribute("href") for link in page.locator(".questions a").all()]
    assert len(paths) >= 7
    for path in paths:
        answer = page.goto(f"{address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator(".message-error").count() == 0, path


@pytest.fixture(scope="module")
def odd(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An archive with 3,000 links to one article, a missing headline and an extremely long one."""
    folder = tmp_path_factory.mktemp("odd") / "archive"
    shutil.copytree(archive, folder)
    make_odd(folder)
    with served(folder) as address:
        yield address


def test_long_and_missing_headlines_and_many_links_fit(page: Page, odd: str) -> None:
    for path in (
        "/",
        "/article/1",
        "/article/2",
        "/article/3",
        "/front/demo",
        "/search?q=tieu+de",
        "/completeness/demo",
    ):
        page.goto(f"{odd}{path}")
        width = page.locator("html").evaluate("root => root.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
    page.goto(f"{odd}/article/1/links?depth=2")
    assert page.locator("tbody").first.locator("tr").count() == 100
    with urllib.request.urlopen(f"{odd}/article/1/links.csv?kind=inline", timeout=20) as answer:
        rows = csv.DictReader(io.StringIO(answer.read().decode()))
        assert sum(row["source_key"].startswith("-") for row in rows) == HUB


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/front",
        "/completeness",
        "/duplicates",
        "/changes",
        "/health",
        "/charts",
        "/search?q=x",
        "/questions",
    ],
)
def test_all_pages_of_an_empty_archive_open(empty: str, path: str) -> None:
    assert ask(empty, path)[0] == 200


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("empty")
    with Store(folder):
        pass
    with served(folder) as address:
        yield address


def test_query_that_took_too_long_has_an_error_page(page: Page, address: str) -> None:
    page.goto(f"{address}/newscrawl?sql={quote(ENDLESS + 'count(*) from c')}")
    assert (
        page.locator("h1").inner_text()
        == "This took longer than 2 seconds, or its result was larger than 64 MB"
    )
    assert fits(page)
