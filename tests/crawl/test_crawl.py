"""Whole crawls of the made-up newspaper: what is in the archive is what the paper printed."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newscrawl.crawl.loader import spider_class
from newscrawl.demo.server import DemoServer
from newscrawl.demo.stories import MISSING
from newscrawl.sites.loading import load_site
from tests.support.crawling import QUICK, adds_up, crawl, newscrawl, query, start, table

CONTENT = ("articles", "bodies", "revisions", "links", "aliases", "duplicates", "categories")


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def article_requests(server: DemoServer) -> int:
    return sum(
        count
        for path, count in dict(server.requests).items()
        if path.endswith(".html") and "/trang-" not in path
    )


def stored(archive: Path) -> dict[str, dict[str, Any]]:
    """The archive's articles in the words of the paper's truth."""
    rows = query(
        archive,
        "SELECT key, title, summary, body, published_at, published_local, published_raw, modified_at, authors,"
        " category, tags, image_url FROM export_articles WHERE state = 'stored'",
    )
    names = (
        "key title summary body published_at published_local published_raw modified_at authors category tags image_url"
    ).split()
    found = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    for article in found.values():
        article["authors"], article["tags"] = (
            json.loads(article["authors"]),
            json.loads(article["tags"]),
        )
    return found


def links(archive: Path) -> set[tuple[str, str, int, str]]:
    """(source, kind, position, target) by the articles' own ids."""
    return set(
        query(
            archive,
            "SELECT s.key, l.kind, l.position, t.key FROM links l JOIN articles s ON s.id = l.source_id"
            " JOIN articles t ON t.id = l.target_id",
        )
    )


def test_archive_says_what_the_paper_printed(server: DemoServer, tmp_path: Path) -> None:
    summary = crawl(server, tmp_path)
    assert (summary["new"], summary["failed"], summary["pending"]) == (79, {"http_404": 1}, 0)
    assert adds_up(summary)
    found = stored(tmp_path)
    truth = server.paper.truth(server.base_url)
    assert set(found) == {expected.key for expected in truth}
    for expected in truth:
        for name, value in found[expected.key].items():
            wanted = getattr(expected, name)
            assert value == (list(wanted) if isinstance(wanted, tuple) else wanted), (
                expected.key,
                name,
            )
    assert links(tmp_path) == {
        (expected.key, *link) for expected in truth for link in expected.links
    }


def test_second_crawl_asks_for_no_article_and_changes_nothing(
    server: DemoServer, tmp_path: Path
) -> None:
    crawl(server, tmp_path)
    before = {name: table(tmp_path, name) for name in CONTENT}
    server.requests.clear()
    summary = crawl(server, tmp_path)
    assert (summary["new"], summary["changed"]) == (0, 0)
    assert article_requests(server) == 0
    assert {name: table(tmp_path, name) for name in CONTENT} == before


def test_new_edition_is_fetched_and_nothing_else(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path)
    before = {expected.key for expected in server.paper.truth(server.base_url)}
    server.publish_edition_two()
    server.requests.clear()
    summary = crawl(server, tmp_path)
    added = {expected.key for expected in server.paper.truth(server.base_url)} - before
    assert (summary["new"], article_requests(server)) == (len(added), len(added))
    assert added <= set(stored(tmp_path))


def test_refetch_finds_edits_and_removals(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path)
    server.publish_edition_two()
    summary = crawl(server, tmp_path, "--refetch")
    assert (summary["changed"], summary["failed"]) == (4, {"http_410": 1})
    assert summary["not_modified"] > 0
    assert (
        summary["not_modified"] + summary["unchanged"] + summary["listings"]
        == summary["requests"] - 8
    )
    assert adds_up(summary)
    assert query(
        tmp_path, "SELECT revision, count(*) FROM articles WHERE revision > 0 GROUP BY 1"
    ) == [(1, 78), (2, 4)]


def test_wrong_slug_is_an_alias_and_no_second_row(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path)
    count = query(tmp_path, "SELECT count(*) FROM articles")
    key = server.paper.truth(server.base_url)[0].key
    wrong = f"{server.base_url}/sai-be-bet/{key}.html"
    done = newscrawl(
        "crawl", wrong, "--base-url", server.base_url, *QUICK, "--json", archive=tmp_path
    )
    assert json.loads(done.stdout)["sites"][0]["alias"] == 1, done.stderr
    assert query(tmp_path, "SELECT count(*) FROM articles") == count
    assert (wrong, "slug") in query(tmp_path, "SELECT url, reason FROM aliases")


def test_killed_crawl_goes_on_where_it_was(server: DemoServer, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    crawl(server, whole)
    server.requests.clear()
    process = start(
        "crawl",
        "demo",
        "--base-url",
        server.base_url,
        "--set",
        "DOWNLOAD_DELAY=0.02",
        archive=killed,
    )
    while article_requests(server) < 30 and process.poll() is None:
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = query(killed, "SELECT count(*) FROM articles WHERE state = 'stored'")[0][0]
    assert 0 < left < 79
    crawl(server, killed)
    assert stored(killed) == stored(whole)
    assert links(killed) == links(whole)
    assert max(server.requests.values()) <= 3, (
        "an article that was acknowledged is not asked for again"
    )


def test_sigterm_stops_with_its_own_code_and_nothing_is_lost(
    server: DemoServer, tmp_path: Path
) -> None:
    process = start(
        "crawl",
        "demo",
        "--base-url",
        server.base_url,
        "--set",
        "DOWNLOAD_DELAY=0.05",
        archive=tmp_path,
    )
    while article_requests(server) < 10 and process.poll() is None:
        pass
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 6, errors
    assert query(tmp_path, "SELECT reason, exit_code FROM crawls") == [("shutdown", 6)]
    assert crawl(server, tmp_path)["exit_code"] == 0
    assert len(stored(tmp_path)) == 79


def test_sigterm_is_told_and_waits_for_no_page_but_the_next(
    server: DemoServer, tmp_path: Path
) -> None:
    polite = ("--set", "DOWNLOAD_DELAY=1")  # the demo's site file asks for none
    process = start("crawl", "demo", "--base-url", server.base_url, *polite, archive=tmp_path)
    while (
        sum(server.requests.values()) < 2 and process.poll() is None
    ):  # robots.txt, and the first of ten categories
        pass
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert (
        "stopping when the current requests have finished;"
        " press Ctrl-C again to stop immediately" in errors
    )
    assert sum(server.requests.values()) <= 4


def test_limit_is_a_success_and_the_rest_stays_open(server: DemoServer, tmp_path: Path) -> None:
    summary = crawl(server, tmp_path, "--limit", "5")
    assert summary["new"] == 5
    assert (
        query(
            tmp_path, "SELECT count(*) FROM frontier WHERE state = 'pending' AND kind = 'article'"
        )[0][0]
        > 0
    )
    crawl(server, tmp_path)
    assert len(stored(tmp_path)) == 79


def test_max_pages_and_category_keep_to_a_part(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path, "--category", "chung-khoan", "--max-pages", "1")
    pages = query(
        tmp_path,
        "SELECT DISTINCT c.key, l.page FROM listings l JOIN categories c ON c.id = l.category_id",
    )
    assert pages == [("33", 1)]
    crawl(server, tmp_path, "--category", "33")
    assert query(tmp_path, "SELECT count(DISTINCT page) > 1 FROM listings") == [(1,)]


def test_since_leaves_older_articles_for_later(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path, "--since", "2026-01-01")
    assert query(
        tmp_path, "SELECT min(published_local) >= '2026' FROM articles WHERE state = 'stored'"
    ) == [(1,)]
    crawl(server, tmp_path)
    assert len(stored(tmp_path)) == 79


def test_page_that_is_not_there_is_a_problem_and_a_stub(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path)
    key = server.paper.at(MISSING).key
    assert query(
        tmp_path, f"SELECT state, title IS NOT NULL FROM articles WHERE key = '{key}'"
    ) == [("stub", 1)]
    assert query(tmp_path, "SELECT code FROM problems WHERE stage = 'fetch'") == [("http_404",)]


def test_dead_site_ends_with_exit_code_three(tmp_path: Path) -> None:
    with DemoServer() as server:
        address = server.base_url
    done = newscrawl(
        "crawl", "demo", "--base-url", address, *QUICK, "--set", "RETRY_TIMES=0", archive=tmp_path
    )
    assert done.returncode == 3
    assert "robots_unreachable" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["nosuch"], "no site file for 'nosuch'"),
        (["bnews", "--category", "nope"], "bnews has no category 'nope'"),
        (["https:///a"], "https:///a: not the address of a page"),
        (["bnews", "--set", "DOWNLOAD_DELY=0"], "Scrapy has no setting DOWNLOAD_DELY"),
        (["bnews", "--set", "x"], "expected KEY=VALUE"),
        (["bnews", "--set", "=3"], "expected KEY=VALUE"),
        (["bnews", "--set", "DOWNLOAD_DELAY=abc"], "--set DOWNLOAD_DELAY=abc: expected a number"),
        (
            ["bnews", "--set", "ROBOTSTXT_OBEY=maybe", "--dry-run"],
            "--set ROBOTSTXT_OBEY=maybe: expected True or False",
        ),
        (["bnews", "--base-url", "ftp://x"], "expected http://HOST[:PORT]"),
        (["bnews", "--since", "soon"], "expected a day"),
        ([], "no site given"),
    ],
)
def test_bad_request_is_one_line_with_a_hint_and_writes_nothing(
    tmp_path: Path, args: list[str], expected: str
) -> None:
    archive = tmp_path / "new"
    done = newscrawl("crawl", *args, archive=archive)
    assert done.returncode == 2
    lines = done.stderr.strip().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error", "hint"], done.stderr
    assert expected in lines[0]
    assert not archive.exists()


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "new"
    done = newscrawl("crawl", "bnews", "--category", "33", "--dry-run", archive=archive)
    assert done.returncode == 0
    assert "https://bnews.vn/chung-khoan/33/trang-1.html" in done.stdout
    assert not archive.exists()


def test_two_crawls_at_once_are_refused(server: DemoServer, tmp_path: Path) -> None:
    first = start(
        "crawl",
        "demo",
        "--base-url",
        server.base_url,
        "--set",
        "DOWNLOAD_DELAY=0.5",
        archive=tmp_path,
    )
    while article_requests(server) < 1 and first.poll() is None:
        pass
    second = newscrawl("crawl", "demo", "--base-url", server.base_url, archive=tmp_path)
    assert second.returncode == 75
    assert "another run has locked" in second.stderr
    first.send_signal(signal.SIGKILL)
    first.communicate()
    crawl(server, tmp_path)
    assert len(stored(tmp_path)) == 79


def test_scrapy_lists_and_crawls_the_sites(server: DemoServer, tmp_path: Path) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], capture_output=True, text=True, timeout=60
    )
    assert "bnews" in done.stdout.split()


def test_scrapyd_may_name_its_run() -> None:
    """It hands `_job` to every spider as an argument."""
    assert spider_class(load_site("demo"))(_job="65fc9bf4").name == "demo"


def test_another_mirror_is_not_asked_for_the_pages_of_the_first(
    server: DemoServer, tmp_path: Path
) -> None:
    crawl(server, tmp_path, "--limit", "5")
    with DemoServer() as other:
        found = crawl(other, tmp_path, "--refetch")
    assert found["failed"] == {}
    refused = query(tmp_path, "SELECT count(*) FROM problems WHERE code LIKE 'refused%'")
    assert refused == [(0,)]


def test_a_crawl_without_a_site_leaves_the_demo_to_its_own_command(
    server: DemoServer, tmp_path: Path
) -> None:
    crawl(server, tmp_path, "--limit", "1")
    done = newscrawl("crawl", archive=tmp_path)
    assert done.returncode == 2
    assert "no site given" in done.stderr
