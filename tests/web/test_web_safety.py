"""What nobody may do through the web pages: run scripts, read other hosts' pages' archives, or take the server."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Request

from tests.support.web_site import ENDLESS, PAYLOADS, ask, poison, served

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


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
        pages = [f"/article/{one}" for one in ids] + [
            f"/article/{one}/links?depth=2" for one in ids[:3]
        ]
        shared = (
            "/",
            "/search?q=payload",
            "/front/demo",
            "/charts",
            "/changes",
            "/completeness/demo?all=1",
            "/duplicates",
            "/health",
            "/newscrawl/articles?_size=100",
            "/newscrawl/links",
        )
        for path in (*pages, *shared):
            page.goto(f"{home}{path}")
            assert page.locator("main script, section.content script").count() == 0, path
            assert (
                page.evaluate(
                    "document.querySelectorAll('[onerror],[onload],[onfocus],[ontoggle]').length"
                )
                == 0
            ), path
            assert (
                page.evaluate("[...document.links].filter(a => !/^https?:/.test(a.href)).length")
                == 0
            ), path
        page.goto(f"{home}/search?q={PAYLOADS[0]}")
        assert page.locator("main script").count() == 0
    assert heard == []


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
        (
            "/newscrawl.json?sql=select+1",
            {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"},
            403,
        ),
        ("/newscrawl?sql=select+load_extension('x')", {}, 400),
        ("/newscrawl?sql=delete+from+articles", {}, 400),
        ("/newscrawl?sql=select+randomblob(1000000000)", {}, 400),
        ("/changes?kind=nosuch", {}, 400),
        ("/changes?since=yesterday", {}, 400),
        ("/completeness/nosuch", {}, 404),
        ("/search?q=gia&since=yesterday", {}, 400),
        ("/search.json?q=gia&since=yesterday", {}, 400),
        ("/article/9999999999999999999", {}, 404),
        ("/article/nosuch/235425", {}, 404),
        ("/article/demo/%2F%2Fevil.example", {}, 404),
        ("/nosuch", {}, 404),
        ("/nosuch/deeper.json", {}, 404),
    ],
)
def test_what_may_be_asked(address: str, path: str, headers: dict[str, str], status: int) -> None:
    found, policy = ask(address, path, **headers)
    assert found == status
    assert "default-src 'none'" in policy


CROSSED = (
    "select a.id from articles a, articles b, articles c, articles d, articles e order by random()"
)
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


def test_the_network_is_opened_only_by_name(archive: Path) -> None:
    with served(archive, "--host", "127.0.0.1") as address:
        assert address.startswith("http://127.0.0.1:")
    with served(archive, "--allow-host", "press.example") as address:
        assert ask(address, "/", Host="press.example")[0] == 200
