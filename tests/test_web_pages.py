"""The web pages in a real browser: what a reader does, on a desktop and on a phone, and what an attacker may not."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

from tests.conftest import missing
from tests.crawling import newscrawl
from tests.web_site import ARGUMENTS, DESKTOP, PAYLOADS, PHONE, key_of, poison, served

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = newscrawl("demo", archive=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def address(archive: Path) -> Iterator[str]:
    with served(archive) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        missing("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page on either screen, without JavaScript: everything must be readable so."""
    size = DESKTOP if request.param == "desktop" else PHONE
    context = browser.new_context(viewport=size, java_script_enabled=False)
    yield context.new_page()
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing has to be moved sideways to be read."""
    box = page.locator("main").bounding_box()
    assert box is not None
    assert page.viewport_size is not None
    return box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"] + 1


def test_search_open_and_read(page: Page, address: str) -> None:
    page.goto(address)
    assert page.title() == "The archive – newscrawl"
    page.locator("main input[name=q]").fill("duong sat")
    page.locator("main form button").click()
    marks = page.locator(".hits mark").all_inner_texts()
    assert "đường" in marks
    headline = page.locator(".hits h2 a").first.inner_text()
    page.locator(".hits h2 a").first.click()
    assert page.locator("h1").inner_text() == headline
    assert page.locator(".text p").count() > 1
    assert fits(page)


def test_search_narrowed_by_day(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=duong+sat")
    every = page.locator(".hits li").count()
    page.locator("input[name=until]").fill("2023-12-31")
    page.locator(".filters button").click()
    assert 0 < page.locator(".hits li").count() < every


def test_changes_between_revisions(page: Page, archive: Path, address: str) -> None:
    article, _ = key_of(archive, "revision = 2 AND state = 'stored' ORDER BY id")
    page.goto(f"{address}/article/{article}")
    page.get_by_role("link", name="what changed").first.click()
    assert page.locator("ins").count() > 0
    page.get_by_label("the whole text").check()
    page.get_by_role("button", name="Compare").click()
    assert page.locator(".diff p").count() > 1
    assert fits(page)


def test_changes_are_listed_by_kind(page: Page, address: str) -> None:
    page.goto(f"{address}/changes")
    assert page.locator(".stories li").count() == 5
    page.get_by_label("Kind of change").select_option("numbers")
    page.get_by_role("button", name="Show").click()
    assert page.locator(".stories .number").inner_text() == "710 685 tỷ"
    page.locator(".stories a").click()
    assert page.locator(".diff ins").count() == 3
    assert fits(page)


def test_a_file_of_changes_and_of_health(address: str) -> None:
    for name, column in (("changes", "kinds"), ("health", "verdict")):
        with urllib.request.urlopen(f"{address}/{name}.csv", timeout=20) as answer:
            rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
        assert len(rows) >= 5
        assert all(row["site"] == "demo" for row in rows)
        assert any(row[column] for row in rows)


def test_every_field_has_a_label(page: Page, address: str) -> None:
    for path in ("/", "/search", "/changes", "/front/demo"):
        page.goto(f"{address}{path}")
        unlabelled = page.locator("input, select").evaluate_all(
            "all => all.filter(one => one.labels.length !== 1).length"
        )
        assert unlabelled == 0, path


def test_the_graph_leads_from_article_to_article(page: Page, archive: Path, address: str) -> None:
    article, title = key_of(archive, "id IN (SELECT source_id FROM links WHERE kind = 'related')")
    page.goto(f"{address}/article/{article}/links")
    shown = page.locator("svg.graph:visible a")
    assert shown.count() > 2
    other = shown.filter(has_not=page.locator(".centre")).first
    wanted = other.locator("title").text_content()
    other.click()
    assert page.locator(".kicker").inner_text() == wanted != title


def test_front_page_by_day(page: Page, archive: Path, address: str) -> None:
    db = sqlite3.connect(archive / "newscrawl.db")
    day = db.execute("SELECT date(max(seen_at), '+7 hours') FROM listings").fetchone()[0]
    db.close()
    page.goto(f"{address}/front")
    page.locator("input[type=date]").fill(day)
    page.get_by_role("button", name="Show").click()
    assert day in page.locator("h1").inner_text()
    assert page.locator("ol.front li").count() > 20
    page.goto(f"{address}/front/demo?on=2020-01-01")
    assert page.locator("ol.front").count() == 0
    assert page.locator("input[type=date]").count() == 1
    assert fits(page)


def test_csv_is_a_file(browser: Browser, address: str) -> None:
    with browser.new_context(accept_downloads=True) as context:
        page = context.new_page()
        page.goto(f"{address}/search?q=duong+sat")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert download.value.suggested_filename == "search.csv"
    assert len(rows) > 3
    assert set(rows[0]) >= {"site", "key", "title", "published_at"}


@pytest.mark.parametrize(
    "path", ["/charts", "/questions", "/health", "/newscrawl", "/newscrawl/articles", "/newscrawl/problems"]
)
def test_other_pages_open(page: Page, address: str, path: str) -> None:
    answer = page.goto(f"{address}{path}")
    assert answer is not None
    assert (answer.status, page.locator("h1").count()) == (200, 1)


def test_every_question_has_an_answer(page: Page, address: str) -> None:
    page.goto(f"{address}/questions")
    paths = [link.get_attribute("href") for link in page.locator(".questions a").all()]
    assert len(paths) >= 7
    for path in paths:
        answer = page.goto(f"{address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator(".message-error").count() == 0, path


def test_nothing_that_a_page_says_is_run(browser: Browser, archive: Path, tmp_path: Path) -> None:
    """With JavaScript on: no dialog, no script, no request to anywhere else, on every page that shows the texts."""
    folder = tmp_path / "poisoned"
    shutil.copytree(archive, folder)
    ids = poison(folder)
    heard: list[str] = []

    def refuse(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    def note(asked: Request) -> None:
        if not asked.url.startswith(home):
            heard.append(asked.url)

    with served(folder) as home, browser.new_context() as context:
        page = context.new_page()
        page.on("dialog", refuse)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", note)
        pages = [f"/article/{one}" for one in ids] + [f"/article/{one}/links?depth=2" for one in ids[:3]]
        shared = (
            "/",
            "/search?q=payload",
            "/front/demo",
            "/charts",
            "/changes",
            "/health",
            "/newscrawl/articles?_size=100",
            "/newscrawl/links",
        )
        for path in (*pages, *shared):
            page.goto(f"{home}{path}")
            assert page.locator("main script, section.content script").count() == 0, path
            assert page.evaluate("document.querySelectorAll('[onerror],[onload],[onfocus],[ontoggle]').length") == 0, (
                path
            )
            assert page.evaluate("[...document.links].filter(a => !/^https?:/.test(a.href)).length") == 0, path
        page.goto(f"{home}/search?q={PAYLOADS[0]}")
        assert page.locator("main script").count() == 0
    assert heard == []


def ask(address: str, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(
        f"{address}{path}", headers={key.replace("_", "-"): value for key, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers["content-security-policy"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 200),
        ("/", {"Host": "evil.example"}, 421),
        ("/", {"Host": "127.0.0.1.evil.example:80"}, 421),
        ("/-/settings.json", {}, 404),
        ("/-/databases.json", {}, 404),
        ("/newscrawl.db", {}, 403),
        ("/%5Cevil.example/", {}, 400),
        ("//evil.example/", {}, 400),
        ("/newscrawl.json?sql=select+1", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"}, 403),
        ("/newscrawl?sql=select+load_extension('x')", {}, 400),
        ("/newscrawl?sql=delete+from+articles", {}, 400),
        ("/newscrawl?sql=select+randomblob(1000000000)", {}, 400),
        ("/changes?kind=nosuch", {}, 404),
        ("/changes?since=yesterday", {}, 404),
        ("/article/9999999999999999999", {}, 404),
    ],
)
def test_what_may_be_asked(address: str, path: str, headers: dict[str, str], status: int) -> None:
    found, policy = ask(address, path, **headers)
    assert found == status
    assert "default-src 'none'" in policy


ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select "
CROSSED = "select a.id from articles a, articles b, articles c, articles d, articles e order by random()"
LONG_VALUES = (
    "with recursive c(b) as (select randomblob(7900000) union all select randomblob(7900000) from c)"
    " select sum(length(b)) from c"
)


HARD = (
    f"?sql={quote(ENDLESS + 'count(*) from c')}",
    f".csv?_stream=1&sql={quote(ENDLESS + 'count(*) from c')}",
    f".json?sql={quote(CROSSED)}",
    f"?sql={quote(LONG_VALUES)}",
    f"?sql={quote(ENDLESS + 'zeroblob(7900000) from c')}",  # more than memory
)


def test_no_sql_takes_the_server(address: str) -> None:
    """Endless questions end, and others are answered while they run; the bounds are far above what each gets."""
    with ThreadPoolExecutor(2) as visitors:
        asked = [visitors.submit(ask, address, f"/newscrawl{question}") for question in HARD]
        for one in asked:
            assert [ask(address, path)[0] for path in ("/", "/newscrawl/articles")] == [200, 200]
            assert one.result(30)[0] == 400


def test_a_question_that_took_too_long_is_told_in_words(page: Page, address: str) -> None:
    page.goto(f"{address}/newscrawl?sql={quote(ENDLESS + 'count(*) from c')}")
    assert page.locator("h1").inner_text() == "This took longer than 2 seconds, or gave more than 64 MB"
    assert fits(page)


def test_the_network_is_opened_only_by_name(archive: Path) -> None:
    with served(archive, "--host", "127.0.0.1") as address:
        assert address.startswith("http://127.0.0.1:")
    with served(archive, "--allow-host", "press.example") as address:
        assert ask(address, "/", Host="press.example")[0] == 200
