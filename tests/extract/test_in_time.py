"""Every page is read or rejected within five seconds of CPU, and ordinary pages are read here."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from newscrawl.core.deadline import SideProcess
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Article, Page
from newscrawl.extract.in_time import (
    HERE_SECONDS,
    READ_SECONDS,
    PageReader,
    TooLong,
    may_be_slow,
)
from newscrawl.extract.read import read
from newscrawl.sites.generic import generic_site
from newscrawl.sites.loading import PACKAGED, load_site, load_site_file
from newscrawl.sites.site import Site
from tests.support.slow_calls import spin_on_page
from tests.support.slow_pages import SITE, SlowPage, each_kind, good, random_pages
from tests.support.torture import FULL

NOW = datetime(2026, 9, 6, 5, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parents[1] / "fixtures"
GENERIC = generic_site("https://paper.example/")
# One call of lxml, or one search of a pattern, may run on for so long after the limit.
LAST_CALL_SECONDS = 0.8


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = tmp_path_factory.mktemp("site") / "slow.toml"
    text = SITE.replace("[FEEDS]", '["/news.rss"]').replace("[SITEMAPS]", '["/sitemap.xml"]')
    path.write_text(text, "utf-8")
    return load_site_file(path)


@pytest.fixture(scope="module")
def process() -> Iterator[SideProcess]:
    process = SideProcess()
    yield process
    process.close()


@pytest.mark.parametrize(
    "slow",
    [*each_kind(0.2), *random_pages(50 if FULL else 4, seed=8)],
    ids=lambda slow: slow.path.strip("/"),
)
def test_slow_page_ends_in_time(slow: SlowPage, known: Site, process: SideProcess) -> None:
    sites = (known, GENERIC) if slow.kind == "article" else (known,)
    for site in sites:
        reader = PageReader(process)
        used_before = process.call(60, time.process_time)
        start = time.process_time()
        url = site.origin + slow.path
        code = ""
        try:
            reader.read(site, Page(url, slow.body, "utf-8", NOW), slow.kind, url)
        except PageRejected as error:
            code = error.code
        here = time.process_time() - start
        assert here < HERE_SECONDS + LAST_CALL_SECONDS
        assert code != "unreadable"
        if code != "too_slow":  # else the kernel has ended it at its limit
            aside = process.call(60, time.process_time) - used_before
            assert aside < READ_SECONDS + 0.5


def test_ordinary_page_is_read_here(known: Site) -> None:
    reader = PageReader()
    page = Page("https://paper.example/tin-1.html", good(1), "utf-8", NOW)
    for site in (known, GENERIC):
        assert isinstance(reader.here(read, site, page, "article", page.url), Article)


def test_saved_pages_of_all_sites_are_read_here() -> None:
    pages = [
        Page("https://x.example/", path.read_bytes()) for path in FIXTURES.glob("*/*/page.html")
    ]
    sites = [load_site(path.stem) for path in PACKAGED.glob("[a-z0-9]*.toml")]
    assert len(pages) > 40
    for page, site in product(pages, sites):
        assert not may_be_slow(site, page)


def test_page_gives_the_same_here_and_aside(process: SideProcess, known: Site) -> None:
    reader = PageReader(process)
    page = Page("https://paper.example/tin-1.html", good(1), "utf-8", NOW)
    for site in (known, GENERIC, load_site("bnews")):
        results = []
        for way in (reader.here, lambda *args: reader.aside(60, *args)):
            try:
                results.append(way(read, site, page, "article", page.url))
            except PageRejected as error:
                results.append((error.code, error.message))
        assert results[0] == results[1]


def test_too_slow_page_has_its_own_reason(process: SideProcess) -> None:
    page = Page("https://paper.example/tin-1.html", b"<h1>x</h1>")
    with pytest.raises(PageRejected, match="10 bytes cannot be read in time") as caught:
        PageReader(process).call(spin_on_page, GENERIC, page)
    assert caught.value.code == "too_slow"


def test_later_pages_of_a_slow_site_are_read_aside(process: SideProcess, known: Site) -> None:
    reader = PageReader(process)
    page = Page("https://paper.example/tin-1.html", b"<h1>x</h1>")
    for function in (spin_on_page, read):
        with pytest.raises(TooLong):
            reader.here(function, GENERIC, page)
    url = "https://paper.example/tin-1.html"
    other = Page(url, good(1), "utf-8", NOW)
    assert isinstance(reader.here(read, known, other, "article", url), Article)
    assert process.call(60, os.getpid) != os.getpid()


@pytest.mark.parametrize(
    ("body", "is_slow"),
    [
        (b"<p>" * 8_000, False),
        (b"<p>" * 8_001, True),
        (b"word " * 90_000 + b"<p>", True),
        (b"<p>word word</p>" * 3_000, False),
        (b"<p>" + b"a" * 20_000, True),
        (b"<p>" + b"a " * 25_000, True),
        (b"<p>" + b"a " * 10_000 + b"</p>", False),
        (b"<p>" + b"word " * 2_000 + b"</p>", False),
        (b"", False),
    ],
)
def test_large_pages_are_read_aside(body: bytes, is_slow: bool) -> None:
    assert may_be_slow(GENERIC, Page("https://paper.example/", body)) == is_slow


def test_site_with_costly_selectors_reads_most_pages_aside(known: Site) -> None:
    assert known.has_costly_selectors
    assert may_be_slow(known, Page("https://paper.example/", b"<p>x" * 1_001))
    assert not may_be_slow(GENERIC, Page("https://paper.example/", b"<p>x" * 1_001))


def test_no_site_file_of_the_package_has_costly_selectors() -> None:
    sites = [load_site(path.stem) for path in PACKAGED.glob("[a-z0-9]*.toml")]
    assert [site.name for site in sites if site.has_costly_selectors] == []
