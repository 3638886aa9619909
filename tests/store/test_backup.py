"""A backup is one state of a sound database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.core.errors import ArchiveDamaged
from newscrawl.store.admin import backup as backup_module
from tests.support.archive_builder import build


def test_backup_is_of_one_moment_and_has_no_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = build(tmp_path / "archive")
    steps = []

    def write(*_: int) -> None:
        steps.append(1)
        with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
            db.execute("UPDATE articles SET title = 'Later'")

    monkeypatch.setattr(backup_module, "PAGES_AT_ONCE", 20)
    monkeypatch.setattr(backup_module, "_let_signals_through", write)
    target = tmp_path / "copy.db"
    backup_module.backup(folder, target)
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("SELECT count(*) FROM articles WHERE title = 'Later'").fetchone() == (
            0,
        )
    assert len(steps) > 2


def test_backup_of_a_damaged_database_keeps_the_earlier_one(tmp_path: Path) -> None:
    folder = build(tmp_path / "archive")
    target = tmp_path / "copy.db"
    backup_module.backup(folder, target)
    earlier = target.read_bytes()
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'links'").fetchone()[0]
        page_bytes = db.execute("PRAGMA page_size").fetchone()[0]
    with (folder / "newscrawl.db").open("r+b") as file:
        file.seek((root - 1) * page_bytes)
        file.write(b"\xff" * page_bytes)
    with pytest.raises(ArchiveDamaged, match=r"archive/newscrawl\.db is damaged"):
        backup_module.backup(folder, target)
    assert target.read_bytes() == earlier
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "copy.db"]
