"""Faults of servers, clocks, signals and neighbours: what a crawl makes of them."""

from __future__ import annotations

import logging
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic

import pytest

from newscrawl.core.errors import ArchiveLocked
from newscrawl.crawl.opening import CrawlLog
from newscrawl.demo.server import DemoServer
from newscrawl.store import connection
from newscrawl.store.write.store import Store
from tests.support.crawling import QUICK, crawl, newscrawl, query, start
from tests.support.normalised import differences

Answer = tuple[int, dict[str, str], bytes]


class FaultyServer:
    """A server whose answers are a function of the path; `asked` counts."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self.asked: Counter[str] = Counter()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked[self.path] += 1
                status, headers, body = answer(self.path)
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(ConnectionError):  # a crawl that is stopped leaves in the middle
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self.http.server_address[1]}"


@contextmanager
def serving(answer: Callable[[str], Answer]) -> Iterator[FaultyServer]:
    server = FaultyServer(answer)
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        thread.join()
        server.http.server_close()


@pytest.fixture
def paper() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def test_retry_after_ends_the_run_and_leaves_everything_open(tmp_path: Path) -> None:
    def answer(path: str) -> Answer:
        return (
            (404, {}, b"")
            if path == "/robots.txt"
            else (429, {"Retry-After": "3600"}, b"slow down")
        )

    with serving(answer) as server:
        done = newscrawl(
            "crawl",
            "demo",
            "--base-url",
            server.base_url,
            *QUICK,
            "--set",
            "CONCURRENT_REQUESTS=1",
            archive=tmp_path,
        )
    assert done.returncode == 3
    assert sum(count for path, count in server.asked.items() if path != "/robots.txt") == 1
    waits = query(
        tmp_path,
        "SELECT state, reason, (julianday(not_before) - julianday(p.seen_at)) * 24 FROM frontier f"
        " JOIN problems p ON p.url = f.url",
    )
    assert [(state, reason, round(hours)) for state, reason, hours in waits] == [
        ("pending", "http_429", 1)
    ]
    assert query(tmp_path, "SELECT count(*) FROM frontier WHERE state = 'pending'") == [(10,)]


def test_robots_that_answers_500_keeps_the_whole_site_closed(tmp_path: Path) -> None:
    with serving(lambda path: (500, {}, b"")) as server:
        done = newscrawl("crawl", "demo", "--base-url", server.base_url, *QUICK, archive=tmp_path)
    assert done.returncode == 3
    assert set(server.asked) == {"/robots.txt"}


def test_robots_that_forbids_is_obeyed_and_told(tmp_path: Path) -> None:
    def answer(path: str) -> Answer:
        return 200, {}, b"User-agent: *\nDisallow: /"

    with serving(answer) as server:
        newscrawl("crawl", "demo", "--base-url", server.base_url, *QUICK, archive=tmp_path)
    assert set(server.asked) == {"/robots.txt"}
    assert query(tmp_path, "SELECT DISTINCT code FROM problems") == [("robots",)]


def test_redirect_to_another_host_is_refused_before_connecting(tmp_path: Path) -> None:
    with serving(lambda path: (200, {}, b"secret")) as inside:

        def answer(path: str) -> Answer:
            return (
                (404, {}, b"")
                if path == "/robots.txt"
                else (302, {"Location": f"{inside.base_url}/x"}, b"")
            )

        with serving(answer) as server:
            newscrawl("crawl", "demo", "--base-url", server.base_url, *QUICK, archive=tmp_path)
    assert inside.asked == Counter()
    assert query(tmp_path, "SELECT DISTINCT code, raw FROM problems") == [
        ("refused_port", f"{inside.base_url}/x")
    ]


def test_page_that_is_cut_off_is_not_stored(paper: DemoServer, tmp_path: Path) -> None:
    """The server promises more bytes than it sends."""
    crawl(paper, tmp_path, "--limit", "1")
    (url,) = query(tmp_path, "SELECT url FROM articles WHERE state = 'stored'")[0]

    def answer(path: str) -> Answer:
        return (
            (404, {}, b"")
            if path == "/robots.txt"
            else (200, {"Content-Length": "9999"}, b"<html><p>cut")
        )

    with serving(answer) as server:
        address = url.replace(paper.base_url, server.base_url)
        done = newscrawl("crawl", address, "--base-url", server.base_url, *QUICK, archive=tmp_path)
    assert "truncated" in done.stdout
    assert query(
        tmp_path, "SELECT count(*) FROM articles WHERE state = 'stored' AND word_count > 20"
    ) == [(1,)]


@pytest.mark.parametrize(
    "page", [b"", b"<html><body><h1>Login</h1></body></html>", b"{}", b"\x00\xff" * 500]
)
def test_worse_page_never_touches_what_is_stored(
    paper: DemoServer, tmp_path: Path, page: bytes
) -> None:
    crawl(paper, tmp_path, "--limit", "3")
    content = "SELECT key, title, body, published_at, revision FROM export_articles WHERE state = 'stored' ORDER BY key"
    before = query(tmp_path, content)

    def answer(path: str) -> Answer:
        return (
            (404, {}, b"") if path == "/robots.txt" else (200, {"Content-Type": "text/html"}, page)
        )

    with serving(answer) as server:
        for (key,) in query(tmp_path, "SELECT key FROM articles WHERE state = 'stored'"):
            address = f"{server.base_url}/x/{key}.html"
            newscrawl("crawl", address, "--base-url", server.base_url, *QUICK, archive=tmp_path)
    assert query(tmp_path, content) == before


def test_second_signal_stops_within_seconds(tmp_path: Path) -> None:
    hold = threading.Event()

    def answer(path: str) -> Answer:
        if path != "/robots.txt":
            hold.wait(20)
        return 404, {}, b""

    with serving(answer) as server:
        process = start("crawl", "demo", "--base-url", server.base_url, *QUICK, archive=tmp_path)
        while len(server.asked) < 2 and process.poll() is None:
            pass
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)  # two of one kind may arrive as one
        began = monotonic()
        _, errors = process.communicate(timeout=30)
        took = monotonic() - began
        hold.set()
    assert process.returncode == 6, errors
    assert took < 10, "two seconds are promised; a loaded machine gets some more"
    assert query(tmp_path, "SELECT reason, exit_code FROM crawls") == [("shutdown", 6)]


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Australia/Lord_Howe"]
)
def test_zone_of_the_machine_does_not_matter(paper: DemoServer, tmp_path: Path, zone: str) -> None:
    crawl(paper, tmp_path / "here", "--category", "33")
    args = ("crawl", "demo", "--base-url", paper.base_url, *QUICK, "--category", "33")
    assert newscrawl(*args, archive=tmp_path / "there", env={"TZ": zone}).returncode == 0
    assert differences(tmp_path / "here", tmp_path / "there") == []


def test_another_writer_is_waited_for_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.2)
    with Store(tmp_path) as store:
        other = sqlite3.connect(tmp_path / "newscrawl.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveLocked), store.transaction():
            pass
        other.execute("ROLLBACK")
        other.close()
        with store.transaction():
            store.db.execute("SELECT 1")


def test_long_reader_is_in_nobodys_way(paper: DemoServer, tmp_path: Path) -> None:
    crawl(paper, tmp_path, "--limit", "5")
    reader = sqlite3.connect(tmp_path / "newscrawl.db", isolation_level=None)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM articles").fetchone()
    crawl(paper, tmp_path)
    assert reader.execute("SELECT count(*) FROM articles").fetchone() == before
    reader.close()


def test_log_that_cannot_be_written_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    log = CrawlLog("/dev/full")
    for number in range(3):
        log.emit(logging.LogRecord("crawl", logging.INFO, "", number, "a line", None, None))
    log.close()
    assert capsys.readouterr() == ("", "")
