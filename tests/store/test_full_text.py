"""The full-text index, queried in SQL and by search, which leaves out articles in quarantine."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.store.filters import Filter
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import search
from newscrawl.store.write.store import Store
from tests.support.archive_builder import build


@pytest.mark.parametrize(
    "asked", ["duong sat", "đường sắt", "ĐƯỜNG", '"đường sắt"', '"duong sat"', "title: đường"]
)
def test_words_are_found_in_sql_with_marks_and_without(tmp_path: Path, asked: str) -> None:
    build(tmp_path)
    with Reader(tmp_path) as reader:
        columns = [row["name"] for row in reader.db.execute("PRAGMA table_info(articles_fts)")]
        rows = reader.db.execute(
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", (asked,)
        ).fetchall()
    assert columns == [
        *("title", "summary", "body", "authors", "tags"),
        *("folded_title", "folded_summary", "folded_body", "folded_authors", "folded_tags"),
    ]
    assert rows


@pytest.mark.parametrize(
    "only", [Filter(), Filter(site="paper"), Filter(category="kinh-te"), Filter(since="2026")]
)
def test_articles_in_quarantine_are_not_found(tmp_path: Path, only: Filter) -> None:
    build(tmp_path)
    with Store(tmp_path) as store:
        asked = [search(store.db, "duong", only, limit=20).total]
        store.db.execute(
            "UPDATE articles SET state = 'degraded' WHERE site = 'paper' AND key = '1'"
        )
        asked.append(search(store.db, "duong", only, limit=20).total)
    assert asked[1] == asked[0] - 1
