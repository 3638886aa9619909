"""What the web pages prevent: scripts, access from other sites, and queries that block the server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Request

from tests.support.web_site import ENDLESS, PAYLOADS, ask, poison, served

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def test_no_text_of_an_article_runs_as_a_script(
    browser: Browser, archive: Path, tmp_path: Path
) -> None:
    """With JavaScript on, no page with texts of articles opens a dialog, runs a script or requests another host."""
    folder = tmp_path / "poisoned"
    shutil.copytree(archive, folder)
    ids = poison(folder)
    events: list[str] = []

    def record_dialog(dialog: Dialog) -> None:
        events.append(dialog.message)
        dialog.dismiss()

    def record_request(request: Request) -> None:
        if not request.url.startswith(home):
            events.append(request.url)

    with served(folder) as home, browser.new_context() as context:
        page = context.new_page()
        page.on("dialog", record_dialog)
        page.on("pageerror", lambda error: events.append(str(error)))
        page.on("request", record_request)
        pages = [f"/article/{article}" for article in ids]
        pages += [f"/article/{article}/links?depth=2" for article in ids[:3]]
        pages += [f"/article/{article}/changes?view=inline" for article in ids[:5]]
        pages += [f"/article/{article}/replay" for article in ids[:2]]
        shared = (
            "/",
            "/search?q=payload",
            "/search",
            "/charts?q=payload",
            "/site/demo",
            f"/author/{quote(PAYLOADS[0], safe='')}",
            f"/tag/{quote(PAYLOADS[1], safe='')}",
            "/links",
            "/crawls",
            "/problems",
            "/front/demo",
            "/charts",
            "/changes",
            "/front/demo?category=1",
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
    assert events == []


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
        ("/changes?since=someday", {}, 400),
        ("/completeness/nosuch", {}, 404),
        ("/search?q=gia&since=someday", {}, 400),
        ("/search.json?q=gia&since=someday", {}, 400),
        ("/article/9999999999999999999", {}, 404),
        ("/article/nosuch/235425", {}, 404),
        ("/article/demo/%2F%2Fevil.example", {}, 404),
        ("/nosuch", {}, 404),
        ("/nosuch/deeper.json", {}, 404),
    ],
)
def test_allowed_and_refused_requests(
    address: str, path: str, headers: dict[str, str], status: int
) -> None:
    answered, policy = ask(address, path, **headers)
    assert answered == status
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


def test_no_query_blocks_the_server(address: str) -> None:
    """Endless queries end, and other pages are served while they run."""
    with ThreadPoolExecutor(2) as visitors:
        requests = [visitors.submit(ask, address, f"/newscrawl{query}") for query in HARD]
        for request in requests:
            assert ask(address, "/")[0] == 200
            assert ask(address, "/newscrawl/articles")[0] == 200
            assert request.result(30)[0] == 400


# Sends a signal after the handlers of run() are set, and before uvicorn sets its own.
STOPPED_AT_ONCE = """
import os, signal, socket, uvicorn
from newscrawl.web.server import run

original = uvicorn.Server.run

def run_late(server, sockets):
    os.kill(os.getpid(), signal.SIGTERM)
    original(server, sockets)

uvicorn.Server.run = run_late
run(lambda scope, receive, send: None, socket.create_server(("127.0.0.1", 0)))
"""


def test_a_signal_at_the_start_ends_the_server() -> None:
    done = subprocess.run([sys.executable, "-c", STOPPED_AT_ONCE], timeout=60)
    assert done.returncode == 0


def test_other_host_names_must_be_allowed(archive: Path) -> None:
    with served(archive, "--host", "127.0.0.1") as address:
        assert address.startswith("http://127.0.0.1:")
    with served(archive, "--allow-host", "press.example") as address:
        assert ask(address, "/", Host="press.example")[0] == 200
