"""What a backfill says when it cannot go on, and which pages `home` stands for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.history.test_backfill import QUICK, SITE, arguments, rows, wayback
from tests.support.archive_builder import newscrawl
from tests.support.foreign_archives import archive


def test_an_archive_that_cannot_be_reached_is_named_with_the_cause(tmp_path: Path) -> None:
    with wayback() as server:
        gone = server.url
    command = ["backfill", "paper", "--from", "wayback", "--endpoint", gone, *QUICK]
    command += ["--set", "RETRY_TIMES=1"]
    done = newscrawl(archive(tmp_path / "data"), *command)
    cause = f"cannot connect to {gone} (Connection refused)"
    assert done.exit_code == 3
    assert done.stderr == (
        f"note: {cause}; the request will be repeated\n"
        "error: paper from the Wayback Machine: the index gave no answer"
        f" (connection: {cause})\n"
        "hint: check --endpoint; what was read is kept; run the same command later\n"
    )


def test_a_limit_within_the_index_is_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newscrawl.history.wayback.LINES", 3)
    folder = archive(tmp_path / "data")
    with wayback() as server:
        done = newscrawl(folder, *arguments(server, "--quiet", "--max-requests", "2"))
        assert (done.exit_code, done.stderr) == (6, "")
        assert done.stdout == (
            "paper from the Wayback Machine: stopped before the index was read, 2 requests, budget,"
            " exit code 6; the same command resumes here\n"
        )
        done = newscrawl(folder, *arguments(server, "--json", "--max-requests", "1"))
    result = json.loads(done.stdout)
    assert (result["reason"], result["left"], result["requests"]) == ("budget", None, 1)


def test_a_plan_without_requests_says_so(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with wayback() as server:
        newscrawl(folder, *arguments(server))
        done = newscrawl(folder, *arguments(server, "--dry-run"))
    assert done.stdout.splitlines()[1:] == ["  no requests to make"]


def test_the_home_page_can_be_chosen(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with wayback() as server:
        done = newscrawl(folder, *arguments(server, "--category", "home"))
    assert done.exit_code == 0, done.stderr
    listed = rows(folder, "SELECT url FROM captures WHERE article_id IS NULL")
    assert (f"{SITE}/",) in listed
    assert not any("/news/" in str(url) for (url,) in listed)
