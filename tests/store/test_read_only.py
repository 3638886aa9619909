"""A database that cannot be written is read without a file beside it, and never as a mixture of two states."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.core.errors import ArchiveLocked, StorageError
from newscrawl.core.lock import archive_lock
from newscrawl.store.connection import Connection, open_reader
from newscrawl.store.write.store import Store
from tests.support.archive_builder import build
from tests.support.reading import read_only, reading_thread, run_without_rights

LOG, INDEX = "newscrawl.db-wal", "newscrawl.db-shm"
LATE = "INSERT INTO sites (site, name, domain, language, timezone) VALUES ('late', '', '', '', '')"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive whose last writer has closed it: no log and no index."""
    folder = build(tmp_path / "archive")
    assert not (folder / LOG).exists()
    return folder


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    """A thread that may not write."""
    with reading_thread() as executor:
        yield executor


def killed(archive: Path, folder: Path) -> Path:
    """A copy of the archive as a killed run leaves it: the site `late` is in the log alone."""
    with closing(sqlite3.connect(archive / "newscrawl.db", isolation_level=None)) as db:
        db.execute(LATE)
        shutil.copytree(archive, folder)
    assert (folder / LOG).stat().st_size > 0
    return folder


def sites(folder: Path) -> list[str]:
    with closing(open_reader(folder)) as db:
        return [row["site"] for row in db.execute("SELECT site FROM sites ORDER BY site")]


def without_index(folder: Path) -> None:
    (folder / INDEX).unlink()


@pytest.mark.parametrize(
    "prepare",
    [lambda folder: None, without_index, lambda folder: (folder / INDEX).write_bytes(b"")],
    ids=["log and index", "log", "log and empty index"],
)
def test_log_of_a_killed_run_is_read(
    archive: Path, tmp_path: Path, thread: ThreadPoolExecutor, prepare: Callable[[Path], None]
) -> None:
    folder = killed(archive, tmp_path / "killed")
    prepare(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with read_only(folder):
        assert thread.submit(sites, folder).result() == ["late", "other", "paper"]
        after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert after == before


@pytest.mark.parametrize(
    "prepare",
    [
        lambda folder: None,
        lambda folder: (folder / LOG).touch(),
        lambda folder: (folder / INDEX).write_bytes(bytes(32768)),
        lambda folder: [(folder / name).touch() for name in (LOG, INDEX)],
    ],
    ids=["neither", "empty log", "index", "both empty"],
)
def test_closed_database_is_read(
    archive: Path, thread: ThreadPoolExecutor, prepare: Callable[[Path], None]
) -> None:
    prepare(archive)
    names = sorted(path.name for path in archive.iterdir())
    with read_only(archive):
        assert thread.submit(sites, archive).result() == ["other", "paper"]
    assert sorted(path.name for path in archive.iterdir()) == names


def test_read_only_file_in_a_writable_folder_gets_no_files_beside_it(
    archive: Path, thread: ThreadPoolExecutor
) -> None:
    """They would have the modes of the database, and later prevent its owner from writing."""
    (archive / "newscrawl.db").chmod(0o444)
    assert thread.submit(sites, archive).result() == ["other", "paper"]
    assert not (archive / LOG).exists()
    assert not (archive / INDEX).exists()


def test_private_copy_is_removed_with_those_of_killed_processes(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = killed(archive, tmp_path / "killed")
    (folder / INDEX).unlink()
    copies = tmp_path / "copies"
    abandoned = copies / ".newscrawl-copy.x.999999999.part"
    abandoned.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(copies))
    with read_only(folder):
        (result,) = run_without_rights([["--archive", str(folder), "status"]])
    assert result[0] == 0
    assert list(copies.iterdir()) == []


def test_reader_of_a_closed_database_notices_a_writer(
    archive: Path, thread: ThreadPoolExecutor
) -> None:
    with read_only(archive):
        db: Connection = thread.submit(open_reader, archive).result()
    with Store(archive) as store:
        store.db.execute(LATE)
    with pytest.raises(ArchiveLocked, match="while it was read"):
        thread.submit(db.close).result()


def test_live_database_is_read_with_its_writer(archive: Path, thread: ThreadPoolExecutor) -> None:
    with archive_lock(archive, "crawl"), Store(archive) as store:
        store.db.execute(LATE)
        with read_only(archive):
            assert thread.submit(sites, archive).result() == ["late", "other", "paper"]


def test_database_of_a_run_that_is_starting_is_never_read_without_locks(
    archive: Path, thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newscrawl.store.connection.OPENING_SECONDS", 0.1)
    with (
        archive_lock(archive, "crawl"),
        read_only(archive),
        pytest.raises(ArchiveLocked, match="another run is opening"),
    ):
        thread.submit(sites, archive).result()


def test_temporary_folder_without_room_is_named(
    archive: Path, tmp_path: Path, thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = killed(archive, tmp_path / "killed")
    (folder / INDEX).unlink()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("newscrawl.store.connection.OPENING_SECONDS", 0.1)
    with read_only(folder), pytest.raises(StorageError, match="TMPDIR"):
        thread.submit(sites, folder).result()
