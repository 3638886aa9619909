"""A crawl of a site whose pages are slow to read: each ends, the others are stored, signals work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic

import pytest

from tests.support.crawling import QUICK, newscrawl, query, start
from tests.support.forked import Running
from tests.support.slow_pages import SlowPage, article, each_kind, nested
from tests.support.slow_paper import SlowPaper, most_memory, slow_paper
from tests.support.torture import FULL

MOST_MEMORY_KB = 400 * 1024
GOOD = 20
# The site's `.b .c .author` and the like on it take minutes.
SLOWEST = nested('<div class="a b c ad">', 1_800, "</div>", "<li><p>x</p></li>" * 3_000)


@dataclass(frozen=True)
class Crawled:
    paper: SlowPaper
    archive: Path
    code: int
    memory_kb: int
    said: str


def crawl(paper: SlowPaper, archive: Path, *sites: str) -> Running:
    if sites == ("slow",):
        paper.write_site(archive)
    options = ("--base-url", paper.base_url) if sites == ("slow",) else ()
    return start(
        "crawl", *sites, *options, "--discover", "category,feed,sitemap", *QUICK, "--quiet",
        archive=archive,
    )  # fmt: skip


def makes(base: str) -> Iterator[SlowPage]:
    """A small page of each kind, and one that needs all its time; `make test` takes every third kind.

    tests/extract/test_in_time.py always reads a page of each kind.
    """
    kinds = list(each_kind(0.1, base))
    yield from kinds if FULL else kinds[::3]
    yield slowest(1000)


def slowest(number: int) -> SlowPage:
    return SlowPage(f"/slowest-{number}.html", article(SLOWEST, f"Bài {number}"), "article")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    archive = tmp_path_factory.mktemp("slow")
    with slow_paper(makes, GOOD) as paper:
        process = crawl(paper, archive, "slow")
        memory = most_memory(process, Path("/proc"))
        said = "".join(process.communicate())
        yield Crawled(paper, archive, process.wait(), memory, said)


def stored(archive: Path) -> set[str]:
    """The paths of the articles in the archive."""
    rows = query(archive, "SELECT url FROM articles WHERE state = 'stored'")
    return {"/" + url.split("/", 3)[3] for (url,) in rows}


def test_all_good_pages_are_stored(crawled: Crawled) -> None:
    assert set(crawled.paper.good) <= stored(crawled.archive), crawled.said


def test_too_slow_page_is_a_problem_with_its_own_reason(crawled: Crawled) -> None:
    rows = query(crawled.archive, "SELECT code, url FROM problems WHERE code = 'too_slow'")
    assert ("too_slow", f"{crawled.paper.base_url}/slowest-1000.html") in rows
    assert "/slowest-1000.html" not in stored(crawled.archive)


def test_every_page_has_an_outcome(crawled: Crawled) -> None:
    assert crawled.code in (0, 3), crawled.said
    assert query(crawled.archive, "SELECT count(*) FROM frontier WHERE state = 'pending'") == [(0,)]
    failed = query(crawled.archive, "SELECT count(*) FROM problems WHERE code = 'internal'")
    assert failed == [(0,)]


def test_memory_is_bounded(crawled: Crawled) -> None:
    assert crawled.memory_kb < MOST_MEMORY_KB


def test_rebuild_reads_the_same_pages_in_time(crawled: Crawled, tmp_path: Path) -> None:
    crawled.paper.write_site(tmp_path)
    done = newscrawl(
        "rebuild", "--from-warc", str(crawled.archive / "warc"), "--jobs", "1", archive=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert set(crawled.paper.good) <= stored(tmp_path)


def test_unknown_site_is_read_in_time_too(tmp_path: Path) -> None:
    with slow_paper(lambda base: islice(makes(base), 30), 5) as paper:
        urls = [paper.base_url + path for path in (*paper.paths("article"), *paper.good)]
        process = crawl(paper, tmp_path, *urls)
        memory = most_memory(process, Path("/proc"))
        said = "".join(process.communicate())
        assert process.returncode in (0, 3), said
        assert set(paper.good) <= stored(tmp_path)
        assert memory < MOST_MEMORY_KB


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_crawl_and_slow_pages_stay_open(number: int, tmp_path: Path) -> None:
    pages = [slowest(one) for one in range(1_000, 1_012)]
    with slow_paper(lambda base: pages, 1) as paper:
        process = crawl(paper, tmp_path, "slow")
        assert paper.has_served_slow.wait(120)
        began = monotonic()
        process.send_signal(number)
        said = "".join(process.communicate(timeout=120))
        assert process.returncode == 6, said
        # All twelve pages would take 48 s of CPU, on a machine of its own.
        assert monotonic() - began < 60
        still_open = query(tmp_path, "SELECT count(*) FROM frontier WHERE state = 'pending'")[0][0]
        assert still_open >= 6
