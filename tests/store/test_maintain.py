"""`newscrawl maintain`: what it does, and that the archive's content does not change."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.folder import DATABASE
from newscrawl.core.lock import archive_lock
from newscrawl.store.admin import maintain as upkeep
from newscrawl.store.write.store import Store
from tests.support.archive_builder import build, newscrawl
from tests.support.store_cases import article, capture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build(tmp_path / "archive")


def steps(folder: Path, *options: str) -> dict[str, dict[str, Any]]:
    result = newscrawl(folder, "maintain", "--json", *options)
    assert result.exit_code == 0, result.output
    return {step["task"]: step for step in json.loads(result.stdout)["steps"]}


def store_many(folder: Path, number: int, sentences: int = 1) -> None:
    """Stores each article in its own transaction."""
    with Store(folder) as store:
        for key in range(100, 100 + number):
            page = article(key, f"Bài số {key} về đường sắt. " * sentences)
            store.articles.save(page, capture(page.url, 5), 1, asked_url=page.url, extractor="test")


def store_until_full_text_is_due(folder: Path) -> None:
    """Each transaction adds a segment, and SQLite merges no fewer than sixteen."""
    for number in range(1, 64):
        if upkeep.due(folder)[0].done:
            return
        store_many(folder, number)
    raise AssertionError("the full-text index never has many segments")


def rows(folder: Path) -> list[str]:
    """The whole content of the archive, except the full-text index."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        return [
            line
            for line in db.iterdump()
            if not line.startswith(('INSERT INTO "articles_fts', "ANALYZE"))
        ]


def test_many_segments_of_full_text_become_one_and_find_the_same(folder: Path) -> None:
    store_until_full_text_is_due(folder)
    found = newscrawl(folder, "search", "duong sat", "--json").stdout
    assert steps(folder)["full text"]["said"].endswith(" before, 1 now")
    assert newscrawl(folder, "search", "duong sat", "--json").stdout == found
    assert not upkeep.due(folder)[0].done


def test_storing_merges_segments_only_if_there_would_be_very_many(folder: Path) -> None:
    newscrawl(folder, "maintain")
    store_many(folder, 10)
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        count = "SELECT count(DISTINCT segid) FROM articles_fts_idx"
        assert db.execute(count).fetchone()[0] > 10
        store_many(folder, 60)
        assert db.execute(count).fetchone()[0] < 20


def test_much_free_space_is_freed(folder: Path) -> None:
    store_many(folder, 40, sentences=2000)
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as db:
        db.execute("UPDATE revisions SET body = NULL")
        db.execute("UPDATE bodies SET body = ''")
    before = upkeep.database_bytes(folder)
    assert steps(folder)["space"]["said"].endswith("MB freed")
    assert upkeep.database_bytes(folder) < before / 2
    again = steps(folder)["space"]
    assert not again["done"]
    assert "left, because that is less than 20%" in again["said"]


def test_maintain_does_not_change_the_content(folder: Path) -> None:
    store_until_full_text_is_due(folder)
    before = rows(folder)
    steps(folder)
    assert [line for line in rows(folder) if "sqlite_stat" not in line] == before
    assert newscrawl(folder, "verify", "--no-warc").exit_code == 0


def test_dry_run_changes_no_byte(folder: Path) -> None:
    store_until_full_text_is_due(folder)
    before = (folder / DATABASE).read_bytes()
    assert steps(folder, "--dry-run")["full text"]["done"]
    assert (folder / DATABASE).read_bytes() == before


def test_log_that_another_program_reads_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newscrawl.store.connection.BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM articles").fetchall()
        store_many(folder, 1)
        log = steps(folder)["log"]
    assert not log["done"]
    assert "another program is reading" in log["said"]
    assert steps(folder)["log"]["done"]


def test_maintain_does_not_disturb_a_running_crawl(folder: Path) -> None:
    with archive_lock(folder, "crawl"):
        result = newscrawl(folder, "maintain")
    assert result.exit_code == 75
    assert "another run has locked" in result.stderr


def test_maintain_makes_no_archive(tmp_path: Path) -> None:
    assert newscrawl(tmp_path / "none", "maintain").exit_code == 2
    assert not (tmp_path / "none").exists()


def test_steps_are_printed_as_a_table(folder: Path) -> None:
    result = newscrawl(folder, "maintain")
    assert [line.split("\t")[0] for line in result.stdout.splitlines()[1:]] == [
        "full text", "space", "statistics", "log",
    ]  # fmt: skip
    assert "MB before" in result.stderr
