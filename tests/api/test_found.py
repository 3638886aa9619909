"""Searching from Python: matches as hits and as articles; tests/store/test_query.py has all queries."""

from __future__ import annotations

from pathlib import Path

import pytest

import newscrawl
from newscrawl.api.records import columns_of
from newscrawl.store.read.search import FACTS, Hit
from tests.support.crawling import printed
from tests.support.query_cases import fill, samples


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> newscrawl.Archive:
    folder = tmp_path_factory.mktemp("archive")
    fill(folder, samples(300))
    return newscrawl.open(folder)


def test_results_are_those_of_the_command_line(archive: Path) -> None:
    results = newscrawl.open(archive).search("duong sat", since="2023")
    shown = printed(archive, "search", "duong sat", "--since", "2023", "--json")
    assert [hit.key for hit in results] == [key for key in keys_in(shown) if key]
    assert results.understood == "duong AND sat"
    assert results.note is None
    assert all("[" in hit.snippet for hit in results)
    newest = newscrawl.open(archive).search("duong sat", order="time")
    days = [hit.published_local or "" for hit in newest]
    assert days == sorted(days, reverse=True)


def keys_in(text: str) -> list[str]:
    """The keys of a list of articles in JSON, in their order."""
    return [line.split('"')[3] for line in text.splitlines() if line.strip().startswith('"key":')]


def test_a_hit_has_the_columns_of_the_store() -> None:
    assert columns_of(newscrawl.Hit) == columns_of(Hit) == (*FACTS, "snippet", "rank")


def test_results_are_a_table(archive: Path) -> None:
    results = newscrawl.open(archive).search("duong")
    hits = list(results)
    assert list(results[2:5]) == hits[2:5]
    assert results[-1] == hits[-1]
    frame = results.to_pandas(["key", "rank", "published_at"])
    assert frame.key.tolist() == [hit.key for hit in hits]
    assert frame["rank"].tolist() == [hit.rank for hit in hits]
    assert results.to_polars().height == results.to_arrow().num_rows == len(hits)
    assert sorted(results.articles.to_pandas(["key"]).key) == sorted(hit.key for hit in hits)


def test_what_cannot_be_understood_is_said(opened: newscrawl.Archive) -> None:
    results = opened.search("(gạo OR")
    assert results.note
    assert len(results) == len(opened.search("gạo or"))
    lower_bound = opened.search("gạo").total(exact=False)
    assert (lower_bound.articles, lower_bound.exact) == (len(opened.search("gạo")), True)
    with pytest.raises(newscrawl.UsageError, match="has no site 'nosuch'"):
        list(opened.search("gạo", site="nosuch"))


@pytest.mark.parametrize(
    ("only", "count"),
    [
        ({"revised": True}, 4),
        ({"gone": True}, 1),
        ({"tag": "gạo"}, None),
        ({"min_words": 150, "max_words": 200}, None),
        ({"author": "Cao Thế Lữ"}, None),
    ],
)
def test_filters_of_facts(archive: Path, only: dict[str, object], count: int | None) -> None:
    opened = newscrawl.open(archive)
    table = opened.articles(**only)  # type: ignore[arg-type] # the cases have several types
    assert count is None or len(table) == count
    for article in table:
        assert only.get("revised", article.revision > 1) == (article.revision > 1)
        assert only.get("gone", article.state == "gone") == (article.state == "gone")
        assert 150 <= (article.word_count or 0) <= 200 or "min_words" not in only
        assert only.get("author") in (None, *article.authors)


def test_volumes_are_those_of_the_command_line(archive: Path) -> None:
    opened = newscrawl.open(archive)
    volume = opened.volume("duong sat", "gạo", by="year", share=True)
    rows = [(row.name, row.query, row.articles) for row in volume]
    expected = []
    for year in sorted({name for name, _, _ in rows}):
        for query in ("duong sat", "gạo"):
            expected.append((year, query, len(opened.search(query, since=year, until=year))))
    assert rows == expected
    assert ("2025", "gạo", 0) in rows
    of_all = len(opened.articles(since="2024", until="2024"))
    shares = {(row.name, row.query): row.share for row in volume}
    assert shares["2024", "gạo"] == len(opened.search("gạo", since="2024", until="2024")) / of_all
    assert volume.to_pandas().groupby("query").articles.sum()["gạo"] == len(opened.search("gạo"))
    tags = opened.volume("gạo", by="tag")
    assert [row.share for row in tags[:1]] == [None]
    with pytest.raises(newscrawl.UsageError):
        opened.volume("?")
