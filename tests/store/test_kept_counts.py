"""The counts and lists that triggers keep equal what they would be if they were made again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.store.read.overview import states_by_site
from newscrawl.store.write.store import Store
from tests.support.store_cases import SITE, article, at, capture

COUNTED = "SELECT site, state, count(*) FROM articles GROUP BY 1, 2 ORDER BY 1, 2"
KEPT = "SELECT site, state, articles FROM article_states ORDER BY 1, 2"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a") as store:
        store.categories.put_site(SITE)
        store.crawls.begin(SITE.site, {}, version="test", now=at())
        for key in range(4):
            page = article(key, f"text of article {key}")
            store.articles.save(page, capture(page.url), 1, asked_url=page.url, extractor="test")
        yield store


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE articles SET state = state",
        "UPDATE articles SET state = 'gone' WHERE id = 1",
        "UPDATE articles SET state = 'degraded'",
        "DELETE FROM articles WHERE id > 2",
        "DELETE FROM articles",
        "INSERT INTO articles (site, key, url, state, first_seen_at, last_seen_at)"
        " VALUES ('paper', 'new', 'https://paper.example/new', 'stub', '', '')",
    ],
)
def test_articles_are_counted_by_state(store: Store, change: str) -> None:
    store.db.execute("PRAGMA foreign_keys = OFF")
    store.db.execute(change)
    kept = [tuple(row) for row in store.db.execute(KEPT)]
    assert kept == [tuple(row) for row in store.db.execute(COUNTED)]


def test_an_archive_without_the_counts_is_counted(store: Store) -> None:
    kept = states_by_site(store.db)
    assert kept == {"paper": {"stored": 4}}
    store.db.execute("DROP TABLE article_states")
    assert states_by_site(store.db) == kept


@pytest.mark.parametrize(
    "query",
    [
        "SELECT published_local FROM articles WHERE site = ? AND published_at IS NOT NULL"
        " ORDER BY published_at DESC LIMIT 1",
        "SELECT published_at FROM articles WHERE site = ? AND published_at IS NOT NULL"
        " AND state <> 'stub' ORDER BY published_at DESC LIMIT 500",
    ],
)
def test_newest_articles_of_a_site_are_found_by_the_index(store: Store, query: str) -> None:
    rows = store.db.execute(f"EXPLAIN QUERY PLAN {query}", ("paper",)).fetchall()
    assert [row["detail"].partition(" (")[0] for row in rows] == [
        "SEARCH articles USING INDEX articles_newest"
    ]
