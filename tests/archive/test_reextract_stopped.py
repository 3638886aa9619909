"""A reextract that does not finish says how far it came, and status says so until it is run again."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive.verify import verify
from tests.support import forked
from tests.support.archive_builder import build
from tests.support.crawling import newscrawl, query

MOMENT = "before_commit:20"  # the twentieth article, or a little earlier


@pytest.fixture
def folder(archive: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "archive"
    shutil.copytree(archive, copy)
    return copy


def stopped(folder: Path, signal: str, *more: str) -> subprocess.CompletedProcess[str]:
    """`reextract`, which gets the signal in its midst."""
    faults = {"NEWSCRAWL_TEST_KILL": MOMENT, "NEWSCRAWL_TEST_SIGNAL": signal}
    command = ("--archive", str(folder), "reextract", *more)
    return forked.run("tests.support.crashing", *command, env=faults)


def status(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(newscrawl("status", "--json", archive=folder).stdout)
    return found


@pytest.mark.parametrize("signal", ["TERM", "INT"])
def test_stopped_reextract_is_unfinished_until_it_was_run_again(folder: Path, signal: str) -> None:
    done = stopped(folder, signal)
    assert done.returncode == 6, done.stderr
    ((pages, pages_read),) = query(folder, "SELECT pages, pages_read FROM reextractions")
    assert 0 < pages_read < pages
    repeat = f"newscrawl --archive {folder} reextract demo"
    assert done.stderr.splitlines() == [
        f"demo: {pages_read} of {pages} pages were read",
        f"hint: what was written is kept; to read all pages: {repeat}",
        "Stopped.",
    ]
    assert list(verify(folder)) == []
    found = status(folder)
    (warning,) = found["warnings"]
    assert warning.startswith("reextract of demo, started ")
    assert warning.endswith(f"was stopped after {pages_read} of {pages} pages")
    assert found["next"][0] == f"{repeat} (was not finished)"
    assert newscrawl("reextract", "--dry-run", archive=folder).returncode == 0
    assert status(folder)["warnings"] == [warning]
    assert newscrawl("reextract", archive=folder).returncode == 0
    assert status(folder)["warnings"] == []


def test_killed_reextract_is_unfinished_too(folder: Path) -> None:
    assert stopped(folder, "KILL").returncode == -9
    assert list(verify(folder)) == []
    (warning,) = status(folder)["warnings"]
    assert "was killed before all " in warning
    merged = folder.with_name("merged")
    other = build(folder.with_name("other"))
    done = newscrawl("merge", str(folder), str(other), "-o", str(merged), archive=folder)
    assert done.returncode == 0, done.stderr
    assert warning in status(merged)["warnings"]
    assert newscrawl("reextract", "demo", archive=folder).returncode == 0
    assert status(folder)["warnings"] == []


def test_stopped_dry_run_leaves_no_record(folder: Path) -> None:
    assert newscrawl("reextract", "--dry-run", archive=folder).returncode == 0
    assert query(folder, "SELECT * FROM reextractions") == []
