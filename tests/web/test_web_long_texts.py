"""Four articles that are hard to compare do not keep the server from answering a search."""

from __future__ import annotations

import random
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest
from click.testing import CliRunner

from newscrawl.cli.main import main
from newscrawl.store.write.store import Store
from tests.support.store_cases import SITE, article, at, capture, url
from tests.support.web_site import served

WORDS = 60_000
IDS = range(1, 5)
SHORT = 5


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four articles of 60,000 words, two of them equal words, and a short one, all edited."""
    folder = tmp_path_factory.mktemp("long")
    rng = random.Random(14)
    with Store(folder) as store:
        store.categories.put_site(SITE)
        crawl = store.crawls.begin(SITE.site, {}, version="0.1.0", now=at())
        for key in (*IDS, SHORT):
            length = 50 if key == SHORT else WORDS
            for edition in range(4):
                words = ["từ"] * length if key < 3 else rng.choices("ab", k=length)
                words[rng.randrange(length)] = f"sửa{edition}"
                store.articles.save(
                    article(key, " ".join(words)),
                    capture(url(key), edition),
                    crawl,
                    asked_url=url(key),
                    extractor="newscrawl 0.1.0",
                )
    return folder


@pytest.fixture(scope="module")
def address(archive: Path) -> Iterator[str]:
    with served(archive) as address:
        yield address


def answer(page: str) -> tuple[int, str, float]:
    began = monotonic()
    with urllib.request.urlopen(page, timeout=120) as response:
        text = response.read().decode()
    return response.status, text, monotonic() - began


def test_search_is_answered_while_four_articles_are_compared(address: str) -> None:
    search = f"{address}/search?q=s%E1%BB%ADa3"
    quiet = min(answer(search)[2] for _ in range(3))
    pages = [f"{address}/article/{number}/changes" for number in IDS]
    pages += [f"{address}/", f"{address}/changes", f"{address}/changes.json"]
    with ThreadPoolExecutor(len(pages)) as visitors:
        compared = [visitors.submit(answer, page) for page in pages]
        searches = []
        while not all(page.done() for page in compared):
            searches.append(answer(search))
    assert all(status == 200 for status, _, _ in searches)
    seconds = sorted(took for _, _, took in searches)
    # On a machine that is busy with something else, a search takes longer without us, too.
    assert seconds[-1] < max(1.0, 20 * quiet)
    assert [page.result()[0] for page in compared] == [200] * len(pages)


def test_page_says_that_the_comparison_is_coarse(address: str) -> None:
    assert (
        "differ too much to be compared word by word" in answer(f"{address}/article/4/changes")[1]
    )
    assert "differ too much" not in answer(f"{address}/article/{SHORT}/changes")[1]


def test_diff_says_that_the_comparison_is_coarse(archive: Path) -> None:
    for key, is_coarse in ((SHORT, False), (1, True), (4, True)):
        done = CliRunner().invoke(main, ["--archive", str(archive), "diff", f"{SITE.site}/{key}"])
        assert done.exit_code == 0
        assert ("differ too much to be compared word by word" in done.output) == is_coarse
