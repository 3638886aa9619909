"""A crawl reads the home page first, and stores it as a category of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newscrawl.demo.server import DemoServer
from newscrawl.sites.loading import DEMO
from tests.support.crawling import QUICK, crawl, newscrawl, printed, query

HOME = """
home = { name = "Trang chủ" }

[[listing]]
name = "home"
page = "home"
marker = ".b-list"

[[listing.block]]
block = "lead"
card = ".b-list > .b-item-news:first-child"
link = "h3 a"

[[listing.block]]
card = ".b-item-news"
link = "h3 a"
published = "time.meta-data-source"
"""
IN_TURN = ("--set", "CONCURRENT_REQUESTS=1")  # so that pages are stored in the order of requests
LISTINGS = "SELECT url FROM captures WHERE kind = 'listing' AND crawl_id = {} ORDER BY id"


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def name_the_home_page(archive: Path) -> None:
    """Puts a site file of the newspaper in the archive that names its home page."""
    folder = archive / "sites"
    folder.mkdir(exist_ok=True)
    (folder / "demo.toml").write_text(DEMO.read_text("utf-8") + HOME, "utf-8")


def front(archive: Path) -> list[dict[str, Any]]:
    categories: list[dict[str, Any]] = json.loads(printed(archive, "front", "demo", "--json"))[
        "categories"
    ]
    return categories


def test_home_page_is_read_alone_or_first(server: DemoServer, tmp_path: Path) -> None:
    name_the_home_page(tmp_path)
    crawl(server, tmp_path, "--category", "home", "--max-pages", "1", "--limit", "2")
    home = server.base_url + "/"
    assert query(tmp_path, LISTINGS.format(1)) == [(home,)]
    assert query(
        tmp_path,
        "SELECT c.key, c.name, l.page, count(*), min(l.position), max(l.position), count(l.title)"
        " FROM listings l JOIN categories c ON c.id = l.category_id GROUP BY c.id, l.page",
    ) == [("home", "Trang chủ", 1, 12, 1, 12, 12)]
    blocks = query(tmp_path, "SELECT block, count(published_raw) FROM listings GROUP BY block")
    assert sorted(blocks) == [("lead", 0), ("list", 11)]
    crawl(server, tmp_path, "--max-pages", "1", "--limit", "1", *IN_TURN)
    listings = query(tmp_path, LISTINGS.format(2))
    assert listings[0] == (home,)
    assert len(listings) > 5


def test_an_archive_without_a_home_page_gets_one(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path, "--max-pages", "1", "--limit", "1")
    assert "home" not in [category["key"] for category in front(tmp_path)]
    name_the_home_page(tmp_path)
    crawl(server, tmp_path, "--max-pages", "1", "--limit", "1", *IN_TURN)
    assert query(tmp_path, LISTINGS.format(2))[0] == (server.base_url + "/",)
    first = front(tmp_path)[0]
    assert (first["key"], first["name"], first["pages"]) == ("home", "Trang chủ", [1])
    assert [slot["block"] for slot in first["slots"][:2]] == ["lead", "list"]
    assert printed(tmp_path, "front", "demo").splitlines()[1].startswith("Trang chủ\t")


def test_the_url_of_a_home_or_category_page_is_crawled_alone(
    server: DemoServer, tmp_path: Path
) -> None:
    name_the_home_page(tmp_path)
    urls = ("https://benmay.example/", "https://benmay.example/chung-khoan/33/trang-2.html")
    for url in urls:
        done = newscrawl("crawl", url, "--base-url", server.base_url, *QUICK, archive=tmp_path)
        assert done.returncode == 0, done.stderr
    pages = query(
        tmp_path,
        "SELECT DISTINCT l.crawl_id, c.key, l.page FROM listings l"
        " JOIN categories c ON c.id = l.category_id ORDER BY l.crawl_id",
    )
    assert pages == [(1, "home", 1), (2, "33", 2)]
    assert query(tmp_path, "SELECT count(*) FROM captures WHERE kind = 'article'") == [(0,)]
