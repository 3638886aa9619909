"""Writes that share a commit: each is all or nothing, and no waiting text is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.core.crashpoints import on_reach
from newscrawl.core.errors import StorageError
from newscrawl.core.records import Article
from newscrawl.store.admin.check import check_full_text
from newscrawl.store.write.store import Store
from tests.support.store_cases import SITE, article, at, capture

FOUND = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'second'"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        opened.categories.put_site(SITE)
        opened.crawls.begin("paper", {}, version="test", now=at())
        opened.group(pages=99, seconds=3600)
        yield opened


def save(store: Store, page: Article, hours: float = 0) -> None:
    store.frontier.request("paper", page.url, "article")
    store.articles.save(page, capture(page.url, hours), 1, asked_url=page.url, extractor="test")


def committed(store: Store, question: str) -> list[tuple[object, ...]]:
    """The rows that another program reads meanwhile."""
    with closing(sqlite3.connect(store.path)) as db:
        return db.execute(question).fetchall()


def texts(store: Store) -> list[tuple[object, ...]]:
    """The texts of the articles, after a check that the full-text index matches them."""
    assert list(check_full_text(store.path.parent)) == []
    return committed(
        store, "SELECT key, body FROM bodies JOIN articles ON id = article_id ORDER BY id"
    )


def test_group_is_committed_as_a_whole(store: Store) -> None:
    for key in (11, 10, 12):
        save(store, article(key))
    assert committed(store, FOUND) == []
    store.flush()
    assert len(committed(store, FOUND)) == 3
    assert texts(store) == [(key, "First.\n\nSecond.") for key in ("11", "10", "12")]


def test_article_that_changes_within_a_group_has_its_last_text(store: Store) -> None:
    for hours, words in enumerate(("One.", "Two.", "Three.")):
        save(store, article(10, words, title=words), hours)
        save(store, article(11 + hours))
    store.flush()
    assert texts(store)[0] == ("10", "Three.")
    assert committed(store, "SELECT body FROM revisions WHERE article_id = 1") == [
        ("One.",),
        ("Two.",),
        ("Three.",),
    ]


def test_page_without_text_keeps_the_waiting_text(store: Store) -> None:
    save(store, article(10, "…"))  # without any word, so that a page without text is not worse
    save(store, article(10, None, title="Another"), 1)
    store.flush()
    assert texts(store) == [("10", "…")]
    assert committed(store, "SELECT revision, body FROM revisions") == [(1, "…"), (2, "…")]


def test_failed_page_is_rolled_back_alone(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            save(store, article(11))
            save(store, article(10, "Changed."), 1)  # writes the waiting texts
            raise RuntimeError

    save(store, article(10))
    with pytest.raises(RuntimeError):
        fail()
    save(store, article(12))
    store.flush()
    assert texts(store) == [("10", "First.\n\nSecond."), ("12", "First.\n\nSecond.")]


def test_withdrawn_page_leaves_no_text(store: Store) -> None:
    save(store, article(10, title="Not found"))
    save(store, article(11))
    assert store.quarantine.withdraw(1, article(10, title="Not found"), at(), 1.0) == 1
    store.flush()
    assert texts(store) == [("11", "First.\n\nSecond.")]


def test_failed_commit_rolls_back_the_group_and_the_next_one_works(store: Store) -> None:
    def fail(name: str) -> None:
        if name == "before_commit":
            raise OSError(28, "No space left on device")

    save(store, article(10))
    on_reach(fail)
    try:
        with pytest.raises(Exception, match="No space left"):
            store.flush()
    finally:
        on_reach(lambda name: None)
    save(store, article(11))
    store.flush()
    assert texts(store) == [("11", "First.\n\nSecond.")]


def test_commit_follows_what_makes_its_pointers_durable(store: Store) -> None:
    seen: list[int] = []
    store.before_commit(lambda: seen.append(len(committed(store, "SELECT 1 FROM captures"))))
    save(store, article(10))
    assert seen == []
    store.flush()
    assert seen == [0], "it was called before the rows were visible"
    store.flush()
    assert seen == [0], "without rows there is nothing to make durable"


def test_nothing_is_committed_while_its_pointers_cannot_be_made_durable(store: Store) -> None:
    broken = [True]

    def sync() -> None:
        if broken:
            raise StorageError("cannot write the WARC file: Input/output error", "check the disk")

    store.before_commit(sync)
    save(store, article(10))
    with pytest.raises(StorageError):
        store.flush()
    broken.clear()
    save(store, article(11))
    store.flush()
    assert texts(store) == [("11", "First.\n\nSecond.")]
