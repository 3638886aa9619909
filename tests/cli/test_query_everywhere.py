"""One query, asked on the command line, in an export, in the browser and by volume: the same articles.

`make torture` asks every query over 5,000 articles; tests/store/test_query.py always does in the store.
"""

from __future__ import annotations

import csv
import io
import json
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.archive_builder import newscrawl
from tests.support.query_cases import CASES, Sample, fill, samples
from tests.support.torture import FULL, some
from tests.support.web_site import served

Ask = Callable[[str], set[int]]


@pytest.fixture(scope="module")
def articles() -> Sequence[Sample]:
    return samples(5_000 if FULL else 1_000)


@pytest.fixture(scope="module")
def archive(articles: Sequence[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    fill(folder, articles)
    return folder


@pytest.fixture(scope="module")
def address(archive: Path) -> Iterator[str]:
    with served(archive) as address:
        yield address


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("typed", some(CASES, list(CASES)[::4]))
def test_every_way_of_asking_gives_the_same_articles(
    archive: Path, address: str, articles: Sequence[Sample], typed: str
) -> None:
    expected = {number for number, each in enumerate(articles, 1) if CASES[typed](each)}
    listed = newscrawl(archive, "search", typed, "--limit", "all", "--csv", "--columns", "id")
    assert {int(row["id"]) for row in rows(listed.stdout)} == expected
    assert newscrawl(archive, "search", "--count", typed).stdout == f"{len(expected)}\n"
    exported = newscrawl(archive, "export", "articles", "--search", typed)
    assert {int(row["id"]) for row in rows(exported.stdout)} == expected
    assert set(pages(address, typed)) == expected
    counted = newscrawl(archive, "volume", "--by", "site", "--json", typed)
    assert sum(row["articles"][0] for row in json.loads(counted.stdout)["rows"]) == len(expected)


def pages(address: str, typed: str) -> Iterator[int]:
    """The ids of all pages of the JSON, which follow each other by `next`."""
    link = "/search.json?" + urlencode({"q": typed, "limit": 1000 if FULL else 400})
    while link:
        with urllib.request.urlopen(address + link) as answer:
            document = json.load(answer)
        assert document["shown"] == len(document["articles"])
        yield from (article["id"] for article in document["articles"])
        link = document["next"]
