"""Crawls of more sites than run at the same time."""

from __future__ import annotations

import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import newscrawl.demo
from newscrawl.demo.server import DemoServer
from tests.support.crawling import QUICK, query, start
from tests.support.crawling import newscrawl as run

SITES = ("gazette", "herald", "tribune")
ONE_BY_ONE = ("--sites-at-once", "1", *QUICK)
DEMO = Path(newscrawl.demo.__file__).with_name("demo.toml")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with three site files for the made-up newspaper."""
    (tmp_path / "sites").mkdir()
    for name in SITES:
        text = DEMO.read_text("utf-8").replace('name = "demo"', f'name = "{name}"', 1)
        (tmp_path / "sites" / f"{name}.toml").write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def turns(archive: Path) -> list[str]:
    """The sites in the order of their requests, each once for requests in a row."""
    rows = query(
        archive,
        "SELECT site FROM captures JOIN crawls ON crawls.id = crawl_id ORDER BY captures.id",
    )
    return [site for (site,), _ in groupby(rows)]


def test_next_site_begins_when_one_ends(archive: Path, server: DemoServer) -> None:
    at = ("--base-url", server.base_url, "--max-pages", "1")
    assert run("crawl", "gazette", *at, "--limit", "1", *QUICK, archive=archive).returncode == 0
    done = run("crawl", *SITES, *at, *ONE_BY_ONE, "--limit", "5", "--json", archive=archive)
    assert done.returncode == 0, done.stderr
    summaries = json.loads(done.stdout)["sites"]
    assert [summary["site"] for summary in summaries] == list(SITES)
    assert [summary["new"] for summary in summaries] == [5, 5, 5]
    assert turns(archive) == ["gazette", "herald", "tribune", "gazette"]  # longest ago first


def test_run_of_what_is_due_begins_with_the_longest_overdue(
    archive: Path, server: DemoServer
) -> None:
    for name in SITES:
        path = archive / "sites" / f"{name}.toml"
        text = path.read_text("utf-8").replace("https://benmay.example", server.base_url)
        path.write_text(text, "utf-8")
    assert run("crawl", *SITES, "--due", *QUICK, archive=archive).returncode == 0
    due = {"gazette": "2020-01-08", "herald": "2020-01-06", "tribune": "2020-01-07"}
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db, db:
        for start, name in enumerate(SITES, 1):  # another order
            db.execute(f"UPDATE crawls SET started_at = '2020-01-0{start}' WHERE site = '{name}'")
            db.execute(
                f"UPDATE frontier SET not_before = '{due[name]}T00:00:00Z'"
                f" WHERE not_before IS NOT NULL AND site = '{name}'"
            )
        db.execute("UPDATE crawls SET started_at = started_at || 'T00:00:00Z'")
    assert run("crawl", *SITES, "--due", *ONE_BY_ONE, archive=archive).returncode == 0
    assert turns(archive)[-3:] == ["herald", "tribune", "gazette"]


def test_newscrawl_toml_sets_how_many_sites_run_at_once(archive: Path, server: DemoServer) -> None:
    (archive / "newscrawl.toml").write_text("crawl.sites_at_once = 1\n", "utf-8")
    at = ("--base-url", server.base_url, "--max-pages", "1", "--limit", "2")
    assert run("crawl", *SITES, *at, *QUICK, archive=archive).returncode == 0
    assert turns(archive) == list(SITES)


def test_minutes_are_those_of_the_whole_run(archive: Path, server: DemoServer) -> None:
    at = ("--base-url", server.base_url, "--max-minutes", "0.000001")
    done = run("crawl", *SITES, *at, *ONE_BY_ONE, archive=archive)
    assert done.returncode == 6
    assert done.stderr.splitlines() == [
        "2 sites were not started; the next run starts with them",
        "1 site was stopped early; its pages remain queued",
    ]
    assert query(archive, "SELECT site, reason FROM crawls") == [("gazette", "budget")]


def test_limits_of_a_quiet_run_are_only_logged(archive: Path, server: DemoServer) -> None:
    at = ("--base-url", server.base_url, "--max-minutes", "0.000001", "--quiet")
    done = run("crawl", *SITES, *at, "--sites-at-once", "2", *QUICK, archive=archive)
    assert (done.returncode, done.stderr) == (6, "")
    log = (archive / "logs" / "crawl.log").read_text("utf-8")
    assert "1 site was not started; the next run starts with it" in log
    assert "2 sites were stopped early; their pages remain queued" in log


@pytest.mark.parametrize("number", [3, 4])
def test_many_killed_crawls_share_a_line(archive: Path, server: DemoServer, number: int) -> None:
    at = ("--base-url", server.base_url, "--max-pages", "1", "--limit", "1", "--quiet")
    assert run("crawl", *SITES, *at, *QUICK, archive=archive).returncode == 0
    assert run("crawl", "gazette", *at, *QUICK, archive=archive).returncode == 0
    killed = (
        "UPDATE crawls SET finished_at = NULL, reason = NULL, started_at = '2026-09-01T08:00:00Z'"
    )
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db, db:
        db.execute(f"{killed} WHERE id <= {number}")
    done = run("crawl", "gazette", *at, *QUICK, archive=archive)
    assert done.returncode == 0
    safe = "stored pages are safe, the other pages are still queued"
    first, *others = done.stderr.splitlines()
    if number == 4:
        start = "4 crawls were killed (the first started 2026-09-01T08:00:00Z, of "
        assert (first.startswith(start), first.endswith(f"; {safe}"), others) == (True, True, [])
    else:
        assert first.startswith("crawl 1 of ")
        assert len(others) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_no_site_begins_after_a_signal(archive: Path, server: DemoServer, number: int) -> None:
    slow = ("--sites-at-once", "1", "--set", "DOWNLOAD_DELAY=0.2")
    process = start("crawl", *SITES, "--base-url", server.base_url, *slow, archive=archive)
    while server.requests.total() < 3:
        assert process.poll() is None
    process.send_signal(number)
    _, stderr = process.communicate()
    assert process.returncode == 6
    assert "2 sites were not started; the next run starts with them\n" in stderr
    assert query(archive, "SELECT site, reason FROM crawls") == [("gazette", "shutdown")]


def test_worker_has_no_window(archive: Path) -> None:
    done = run("crawl", "--queue", "redis://127.0.0.1:1", "--sites-at-once", "2", archive=archive)
    assert (done.returncode, "omit --sites-at-once" in done.stderr) == (2, True)


def test_invalid_site_file_is_reported_when_its_site_has_its_turn(
    archive: Path, server: DemoServer
) -> None:
    (archive / "sites" / "herald.toml").write_text("name = 5\n", "utf-8")
    at = ("--base-url", server.base_url, "--max-pages", "1", "--limit", "1")
    done = run("crawl", *SITES, *at, *ONE_BY_ONE, archive=archive)
    assert done.returncode == 3
    assert f"error: {archive / 'sites' / 'herald.toml'}: name:" in done.stderr
    assert turns(archive) == ["gazette", "tribune"]


def test_unknown_site_ends_the_command_before_anything_is_requested(
    archive: Path, server: DemoServer
) -> None:
    at = ("--base-url", server.base_url)
    done = run("crawl", "gazette", "herold", *at, *ONE_BY_ONE, archive=archive)
    assert done.returncode == 2
    assert "no site file for 'herold'" in done.stderr
    assert "did you mean herald?" in done.stderr
    assert not server.requests


def test_site_that_is_late_has_its_own_hours_and_its_own_address(
    archive: Path, server: DemoServer
) -> None:
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    closed = "-".join(f"{now + timedelta(hours=hours):%H:%M}" for hours in (2, 4))
    for name in SITES:
        path = archive / "sites" / f"{name}.toml"
        text = path.read_text("utf-8").replace("https://benmay.example", server.base_url)
        hours = f'hours = "{closed}", delay_seconds' if name == "herald" else "delay_seconds"
        path.write_text(text.replace("delay_seconds", hours), "utf-8")
    few = ("--max-pages", "1", "--limit", "1")
    done = run("crawl", *SITES, *few, *ONE_BY_ONE, archive=archive)
    assert done.returncode == 0, done.stderr
    assert f"herald: outside its crawl hours ({closed}, Asia/Ho_Chi_Minh)" in done.stderr
    assert turns(archive) == ["gazette", "tribune"]
