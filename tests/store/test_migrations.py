"""Archives of every earlier schema are brought up to date, and nothing in them is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.store.connection import open_reader
from newscrawl.store.read.waiting import count_overlooked
from newscrawl.store.schema import migrations
from newscrawl.store.write.store import Store
from tests.support.crawling import query
from tests.support.old_archives import (
    FIRST,
    LAST,
    add_article,
    add_read_article,
    add_task,
    old_archive,
)

EARLIER = range(1, len(migrations.MIGRATIONS))
OVERLOOKING = range(
    1, migrations.NAMES.index("m007_frontier_of_sites") + 1
)  # these missed articles
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
    old_archive(tmp_path, len(EARLIER))
    Store(tmp_path).close()
    insert = "INSERT INTO frontier (url, site, kind, state) VALUES (?, ?, 'article', 'pending')"
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db:
        db.execute(insert, ("https://paper.example/x-9.html", "paper"))
        db.execute(insert, ("https://paper.example/x-9.html", "other"))
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(insert, ("https://paper.example/x-9.html", "other"))


def test_every_table_has_a_rowid(tmp_path: Path) -> None:
    """DuckDB's extension for SQLite reads tables by rowid, and fails on those without."""
    Store(tmp_path).close()
    tables = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'articles_fts_*'"
    )
    for (table,) in query(tmp_path, tables):
        assert query(tmp_path, f"SELECT count(rowid) = count(*) FROM {table}") == [(1,)]


WITHOUT_ROWID = {
    "sites": "SELECT * FROM sites",
    "links": "INSERT INTO links VALUES (1, 2, 'related', 1, 'x', '1', '2', 1, 1)",
    "listings": "INSERT INTO listings VALUES (1, 1, 1, 1, 'list', 1, 'x', NULL, NULL, '1')",
    "aliases": "INSERT INTO aliases VALUES ('https://paper.example/b', 1, 'slug')",
    "duplicates": "INSERT INTO duplicates VALUES (1, 2, 'exact', 1.0)",
    "discoveries": "INSERT INTO discoveries VALUES (1, 'feed', 'f', 1, 1, NULL, '1')",
    "text_bands": "INSERT INTO text_bands VALUES (-9223372036854775808, 1)",
}


def test_tables_that_had_no_rowid_keep_their_rows_and_rules(tmp_path: Path) -> None:
    old_archive(tmp_path, migrations.NAMES.index("m010_every_table_has_a_rowid"))
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db, db:
        add_article(db, 2, OLD.format(2))
        for statement in WITHOUT_ROWID.values():
            db.execute(statement)
    before = {table: query(tmp_path, f"SELECT * FROM {table}") for table in WITHOUT_ROWID}
    assert min(map(len, before.values())) > 0
    Store(tmp_path).close()
    assert {table: query(tmp_path, f"SELECT * FROM {table}") for table in WITHOUT_ROWID} == before
    assert query(tmp_path, "PRAGMA foreign_key_check") == []
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db:
        for table, statement in list(WITHOUT_ROWID.items())[1:]:
            with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
                db.execute(statement)
            (key,) = db.execute("SELECT name FROM pragma_table_info(?) WHERE pk = 1", (table,))
            with pytest.raises(sqlite3.IntegrityError, match="NOT NULL"):
                db.execute(f"UPDATE {table} SET {key[0]} = NULL")


OLD = "https://paper.example/a-{}.html"
OTHER = "https://paper.example/b-{}.html"
OVERLOOKED = "SELECT url, site, article_id, state FROM frontier WHERE reason = 'overlooked'"


def add_overlooked(folder: Path) -> None:
    """What earlier versions overlooked: five articles, each for another reason."""
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db:
        # The page of article 2 names another address as its own.
        add_read_article(db, 2, OTHER.format(2), requested=OLD.format(2))
        # The address of article 3 led to article 4, and later to its own article.
        add_read_article(db, 4, OLD.format(4))
        add_article(db, 3, OLD.format(3))
        add_task(db, OLD.format(3), article_id=4, state="done", capture_id=4)
        db.execute("INSERT INTO aliases VALUES (?, 4, 'redirect')", (OLD.format(3),))
        # The first answer for article 5 was 304.
        add_article(db, 5, OLD.format(5))
        add_task(db, OLD.format(5), article_id=5, state="done")
        # The address of article 6 of another site was queued for this one.
        add_article(db, 6, OLD.format(1), site="other")
        db.execute(
            "INSERT INTO listings VALUES (2, 2, 1, 1, 'list', 6, 'A title', NULL, NULL, ?)",
            (FIRST,),
        )
        # Article 7 was read under two addresses: the newer one is requested, at the same time.
        add_read_article(db, 7, OLD.format(7))
        db.execute(
            "INSERT INTO captures (id, crawl_id, url, kind, status, fetched_at)"
            " VALUES (70, 1, ?, 'article', 200, ?)",
            (OTHER.format(7), LAST),
        )
        add_task(db, OTHER.format(7), article_id=7, state="done", capture_id=70)
        # Article 8 is only linked to: it was never to be fetched.
        add_article(db, 8, OLD.format(8))
        db.commit()


@pytest.mark.parametrize("number", OVERLOOKING)
def test_articles_that_an_earlier_version_overlooked_become_due(
    tmp_path: Path, number: int
) -> None:
    old_archive(tmp_path, number)
    add_overlooked(tmp_path)
    Store(tmp_path).close()
    assert sorted(query(tmp_path, OVERLOOKED)) == [
        (OLD.format(1), "other", 6, "pending"),
        (OLD.format(2), "paper", 2, "done"),
        (OLD.format(3), "paper", 3, "pending"),
        (OLD.format(5), "paper", 5, "pending"),
    ]
    due = "SELECT count(*) FROM frontier WHERE state = 'done' AND not_before <= '2026-09-02'"
    assert query(tmp_path, due) == [(1,)]
    assert query(tmp_path, "SELECT * FROM aliases") == []
    seventh = "SELECT url, state, not_before FROM frontier WHERE article_id = 7 ORDER BY 1"
    assert query(tmp_path, seventh) == [
        (OLD.format(7), "spare", None),
        (OTHER.format(7), "done", LAST),
    ]


@pytest.mark.parametrize("number", OVERLOOKING)
def test_doctor_counts_what_was_overlooked_before_and_after_the_migration(
    tmp_path: Path, number: int
) -> None:
    old_archive(tmp_path, number)
    assert _overlooked(tmp_path) == 0
    add_overlooked(tmp_path)
    assert _overlooked(tmp_path) == 4
    Store(tmp_path).close()
    assert _overlooked(tmp_path) == 4


def _overlooked(folder: Path) -> int:
    with closing(open_reader(folder)) as db:
        return count_overlooked(db)
