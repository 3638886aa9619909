"""Archives of every earlier schema are brought up to date, and nothing in them is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.store.schema import migrations
from newscrawl.store.write.store import Store
from tests.support.crawling import query
from tests.support.old_archives import old_archive

EARLIER = range(1, len(migrations.MIGRATIONS))
FRONTIER = "SELECT url, site, kind, article_id, attempts, page FROM frontier ORDER BY rowid"


@pytest.mark.parametrize("number", EARLIER)
def test_archive_of_an_earlier_schema_keeps_its_rows(tmp_path: Path, number: int) -> None:
    old_archive(tmp_path, number)
    before = query(tmp_path, FRONTIER)
    articles = query(tmp_path, "SELECT id, site, key, url, title, revision FROM articles")
    Store(tmp_path).close()
    assert query(tmp_path, FRONTIER)[: len(before)] == before
    assert query(tmp_path, "SELECT id, site, key, url, title, revision FROM articles") == articles
    assert query(tmp_path, "PRAGMA foreign_key_check") == []
    assert query(tmp_path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("number", EARLIER)
def test_archive_of_an_earlier_schema_gets_the_schema_of_today(tmp_path: Path, number: int) -> None:
    old_archive(tmp_path / "old", number)
    for name in ("old", "new"):
        Store(tmp_path / name).close()
    schema = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
    assert query(tmp_path / "old", schema) == query(tmp_path / "new", schema)


def test_address_may_be_queued_for_several_sites_but_once_for_each(tmp_path: Path) -> None:
    old_archive(tmp_path, 5)
    Store(tmp_path).close()
    insert = "INSERT INTO frontier (url, site, kind, state) VALUES (?, ?, 'article', 'pending')"
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db:
        db.execute(insert, ("https://paper.example/x-9.html", "paper"))
        db.execute(insert, ("https://paper.example/x-9.html", "other"))
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(insert, ("https://paper.example/x-9.html", "other"))
