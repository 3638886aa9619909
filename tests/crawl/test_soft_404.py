"""One page for many addresses: what earlier crawls stored is kept, and what was refused stays refused."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from newscrawl.demo.server import Answer, DemoServer
from newscrawl.store.write.store import Store
from tests.support.crawling import crawl, newscrawl, query
from tests.support.daily_paper import DailyPaper, is_article

NOW = "--set", "NEWSCRAWL_RETRY_PAUSE=0"
READ = (
    "SELECT key, state, title, body, revision FROM export_articles WHERE revision > 0 ORDER BY key"
)
REVISIONS = "SELECT article_id, revision, title, body, capture_id FROM revisions ORDER BY 1, 2"


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        running.paper = DailyPaper(12)
        yield running


def old_page_for_new_addresses(
    server: DemoServer, archive: Path
) -> tuple[str, Callable[[str, Answer], Answer]]:
    """The address of an article of the archive, and an `alter` that gives its page for all new ones."""
    known = {urlsplit(url).path for (url,) in query(archive, "SELECT url FROM articles")}
    (url,) = query(archive, "SELECT url FROM articles WHERE state = 'stored' ORDER BY id LIMIT 1")[
        0
    ]
    with urlopen(server.base_url + urlsplit(url).path) as answer:
        text = answer.read().decode("utf-8")

    def alter(path: str, found: Answer) -> Answer:
        is_new = is_article(path) and path not in known and found.status == 200
        return replace(found, text=text) if is_new else found

    return url, alter


def reextracted(archive: Path) -> tuple[int, int]:
    """How many pages `reextract` released and changed."""
    report = json.loads(newscrawl("reextract", "demo", "--json", archive=archive).stdout)[0]
    return report["released"], report["changed_pages"]


def test_article_whose_page_is_later_given_for_other_addresses_is_kept(
    server: DemoServer, tmp_path: Path
) -> None:
    crawl(server, tmp_path)
    before = query(tmp_path, READ), query(tmp_path, REVISIONS)
    _, server.alter = old_page_for_new_addresses(server, tmp_path)
    server.paper = DailyPaper(20)
    found = crawl(server, tmp_path, code=3)
    assert (found["new"], found["changed"]) == (0, 0)
    assert (query(tmp_path, READ), query(tmp_path, REVISIONS)) == before
    assert query(tmp_path, "SELECT count(*) >= 7 FROM articles WHERE state = 'blocked'") == [(1,)]


def test_article_with_its_own_page_is_unchanged_though_others_share_it(
    server: DemoServer, tmp_path: Path
) -> None:
    crawl(server, tmp_path)
    url, server.alter = old_page_for_new_addresses(server, tmp_path)
    server.paper = DailyPaper(20)
    crawl(server, tmp_path, "--refetch", code=3)
    task = f"SELECT state, attempts FROM frontier WHERE url = '{url}'"
    assert query(tmp_path, task) == [("done", 0)]
    problems = f"SELECT count(*) FROM problems WHERE url = '{url}' AND code = 'soft_404'"
    assert query(tmp_path, problems) == [(0,)]


def test_pages_refused_in_two_crawls_stay_refused(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path)
    _, server.alter = old_page_for_new_addresses(server, tmp_path)
    server.paper = DailyPaper(20)
    crawl(server, tmp_path, code=3)
    crawl(server, tmp_path, *NOW, code=3)
    before = query(tmp_path, READ)
    assert reextracted(tmp_path) == (0, 0)
    assert query(tmp_path, READ) == before
    server.alter = lambda path, answer: answer
    assert crawl(server, tmp_path, *NOW)["new"] >= 8
    assert reextracted(tmp_path) == (0, 0)


def test_archive_of_before_knows_what_it_refused(server: DemoServer, tmp_path: Path) -> None:
    """An archive of a version whose captures had no `refused`, and that noted a refusal once."""
    crawl(server, tmp_path)
    _, server.alter = old_page_for_new_addresses(server, tmp_path)
    server.paper = DailyPaper(20)
    crawl(server, tmp_path, code=3)
    crawl(server, tmp_path, *NOW, code=3)
    db = sqlite3.connect(tmp_path / "newscrawl.db")
    db.execute("ALTER TABLE captures DROP COLUMN refused")
    db.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '%refused%'")
    db.execute(
        "DELETE FROM problems WHERE code = 'soft_404' AND id NOT IN"
        " (SELECT min(id) FROM problems GROUP BY code, url)"
    )
    db.commit()
    db.close()
    Store(tmp_path).close()
    assert reextracted(tmp_path) == (0, 0)
