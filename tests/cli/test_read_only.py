"""What only reads works where nothing can be written, however the last run ended, and during a crawl."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.cli.main import COMMANDS
from newscrawl.demo.server import DemoServer
from tests.support.archive_builder import build
from tests.support.crawling import query, start
from tests.support.reading import read_only, run_without_rights
from tests.support.web_site import served

LOG, INDEX = "newscrawl.db-wal", "newscrawl.db-shm"
# Every command that reads an archive, and its exit code. OUT is a folder that can be written, OTHER another archive,
# EDITED an article that has been edited.
READING: Mapping[str, int] = {
    "search duong sat": 0,
    "volume duong": 0,
    "show #1": 0,
    "show #1 --html": 0,
    "links #1": 0,
    "diff EDITED": 0,
    "front demo": 0,
    "completeness": 0,
    "dupes": 0,
    "export articles -o OUT/articles.csv": 0,
    "export graph -o OUT/graph.gexf": 0,
    "status": 0,
    "problems": 0,
    "health": 0,
    "schedule demo": 0,
    "doctor": 4,  # no crawl could write to this folder
    "verify": 0,
    "backup OUT/backup.db": 0,
    "merge ARCHIVE OTHER -o OUT/merged": 0,
    "release OUT/dataset --title Dataset --author Somebody": 0,
    "reextract --dry-run": 0,
    "import --dry-run ARCHIVE/warc": 0,
    "maintain --dry-run": 0,
    "crawl demo --dry-run": 0,
}
# `serve` is tested beside them; these need a right to write, no archive, or a folder of another kind.
NOT_READING = {
    "backfill", "collect", "demo", "serve", "rebuild", "rehydrate", "sites", "extract", "parse-time", "mcp",
}  # fmt: skip
PAGES = ("/", "/search?q=duong", "/article/1", "/front/demo", "/charts", "/newscrawl/articles.json")


def test_every_command_is_here() -> None:
    tested = {line.split()[0] for line in READING}
    assert tested | NOT_READING == {name for names in COMMANDS.values() for name in names}


def contents(archive: Path) -> dict[str, bytes]:
    """Every file that a run could change."""
    return {
        str(path.relative_to(archive)): path.read_bytes()
        for path in sorted(archive.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def edited(archive: Path) -> str:
    """An article with two revisions."""
    ((number,),) = query(archive, "SELECT min(article_id) FROM revisions WHERE revision > 1")
    return f"#{number}"


def failures(
    archive: Path, out: Path, edited: str, codes: Mapping[str, int] = READING
) -> dict[str, str]:
    """The commands that end with another code than they should, and what they print."""
    other = build(out / "other")
    values = {
        "OUT": str(out), "ARCHIVE": str(archive), "OTHER": str(other), "EDITED": edited,
    }  # fmt: skip
    commands = []
    for line in codes:
        for name, value in values.items():
            line = line.replace(name, value)
        commands.append(["--archive", str(archive), *line.split()])
    results = run_without_rights(commands)
    found = {}
    for (line, expected), (code, _, stderr) in zip(codes.items(), results, strict=True):
        if code != expected:
            found[line] = f"exit code {code}: {stderr}"
    return found


def page_codes(archive: Path) -> list[int]:
    codes = []
    with served(archive, module="tests.support.reading") as address:
        for page in PAGES:
            with urllib.request.urlopen(address + page, timeout=20) as answer:
                codes.append(answer.status)
    return codes


def closed(archive: Path, folder: Path) -> None:
    """An archive without the log and the index."""
    shutil.copytree(archive, folder, ignore=shutil.ignore_patterns(LOG, INDEX))


def killed(archive: Path, folder: Path) -> None:
    """An archive with a log and an index that a killed run left."""
    copy = folder.with_name("copy")
    closed(archive, copy)
    with closing(sqlite3.connect(copy / "newscrawl.db", isolation_level=None)) as db:
        db.execute("UPDATE articles SET image_url = 'https://example.org/late.jpg' WHERE id = 1")
        shutil.copytree(copy, folder)
    assert (folder / LOG).stat().st_size > 0


def killed_without_index(archive: Path, folder: Path) -> None:
    """The same, copied without the index, which is no part of the data."""
    killed(archive, folder)
    (folder / INDEX).unlink()


@pytest.mark.parametrize("prepare", [closed, killed, killed_without_index])
def test_reading_commands_work_where_nothing_can_be_written(
    archive: Path, edited: str, tmp_path: Path, prepare: Callable[[Path, Path], None]
) -> None:
    folder = tmp_path / "archive"
    prepare(archive, folder)
    before = contents(folder)
    with read_only(folder):
        assert failures(folder, tmp_path, edited) == {}
        assert page_codes(folder) == [200] * len(PAGES)
    assert contents(folder) == before


def test_reading_commands_work_on_a_read_only_folder_during_a_crawl(
    archive: Path, edited: str, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, which can write a folder that is read-only for the readers")
    folder = tmp_path / "archive"
    closed(archive, folder)
    with DemoServer() as server:
        options = ("--refetch", "--base-url", server.base_url)
        slow = ("--set", "DOWNLOAD_DELAY=3", "--set", "CONCURRENT_REQUESTS=1")  # ends within 3 s
        crawl = start("crawl", "demo", *options, *slow, archive=folder)
        try:
            wait_for_a_fetch(folder)
            during = dict(READING)
            for line in READING:
                if line.startswith("merge"):
                    during[line] = 75  # a merge waits for the end of the crawl
            with read_only(folder):
                assert failures(folder, tmp_path, edited, during) == {}
                assert page_codes(folder) == [200] * len(PAGES)
            assert crawl.poll() is None, "the crawl ended too early for this test"
        finally:
            crawl.send_signal(signal.SIGINT)
            _, messages = crawl.communicate(timeout=60)
    assert crawl.returncode == 6, messages


def wait_for_a_fetch(folder: Path) -> None:
    """Returns once the crawl has written something."""
    deadline = time.monotonic() + 60
    while query(folder, "SELECT count(*) FROM crawls WHERE finished_at IS NULL") == [(0,)]:
        assert time.monotonic() < deadline, "no crawl within a minute"


@pytest.mark.parametrize("command", ["verify", "reextract --dry-run"])
def test_archive_of_a_killed_run_is_not_changed_by_a_check(
    archive: Path, edited: str, tmp_path: Path, command: str
) -> None:
    """In a folder that can be written: SQLite would move the log into the database."""
    folder = tmp_path / "archive"
    killed(archive, folder)
    before = contents(folder)
    assert failures(folder, tmp_path, edited, {command: 0}) == {}
    after = contents(folder)
    del before[INDEX], after[INDEX]  # the memory that processes share, which is no data
    assert after == before
