"""The full-text index: made anew in an older archive, in step with the texts, and silent about what is held back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.store.filters import Filter
from newscrawl.store.fulltext import TRIGGERS
from newscrawl.store.maintenance import check_full_text
from newscrawl.store.reader import Reader
from newscrawl.store.schema import FULL_TEXT
from newscrawl.store.search import search
from newscrawl.store.writer import Store
from tests.archive_builder import build
from tests.store_cases import article, capture

ASKED = ("duong sat", "đường sắt", '"đường sắt cao tốc"', "ĐƯỜNG", "chung ket", "khoi cong", "mot")


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """An archive with the full text of the first release, which had all words once more with d for đ."""
    build(tmp_path)
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db:
        for name in TRIGGERS:
            db.execute(f"DROP TRIGGER {name}")
        db.executescript("DROP TABLE articles_fts; DROP VIEW article_texts")
        for statement in FULL_TEXT:
            db.execute(statement)
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")
        db.execute("DELETE FROM _sqlite_migrations WHERE name LIKE 'm006_%'")
        db.commit()
    return tmp_path


def found(archive: Path) -> dict[str, set[str]]:
    with Reader(archive) as reader:
        return {asked: {hit.key for hit in search(reader.db, asked, Filter(), limit=20).hits} for asked in ASKED}


def test_search_finds_the_same_in_an_older_archive_before_and_after_its_index_is_made_anew(older: Path) -> None:
    before = found(older)
    assert all(before.values())
    with Store(older) as store:
        columns = [row["name"] for row in store.db.execute("PRAGMA table_info(articles_fts)")]
    assert columns == ["title", "summary", "body"]
    assert found(older) == before
    assert not list(check_full_text(older))


def test_index_made_anew_follows_what_is_written_next(older: Path) -> None:
    with Store(older) as store:
        for body in ("Đò ngang.", "Phà lớn."):
            page = article(100, body)
            store.save_article(page, capture(page.url), 1, asked_url=page.url, extractor="test")
            keys = [
                {hit.key for hit in search(store.db, asked, Filter(), limit=20).hits}
                for asked in ("do ngang", "pha lon")
            ]
    assert keys == [set(), {"100"}]
    assert not list(check_full_text(older))


@pytest.mark.parametrize("only", [Filter(), Filter(site="paper"), Filter(category="kinh-te"), Filter(since="2026")])
def test_what_is_held_back_is_not_found(tmp_path: Path, only: Filter) -> None:
    build(tmp_path)
    with Store(tmp_path) as store:
        asked = [search(store.db, "duong", only, limit=20).total]
        store.db.execute("UPDATE articles SET state = 'degraded' WHERE site = 'paper' AND key = '1'")
        asked.append(search(store.db, "duong", only, limit=20).total)
    assert asked[1] == asked[0] - 1
