"""What an import says: about refused pages beforehand, and about files of other formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.history.test_import import ONE, run
from tests.support.archive_builder import newscrawl
from tests.support.foreign_archives import Stored, archive, story, write
from tests.support.web_archive import WebArchive


def test_a_dry_run_refuses_what_an_import_refuses(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    pages = [
        Stored(url=ONE, at="2020-01-02T04:00:00Z", body=story(1)),
        Stored(url=ONE, at="2020-01-03T04:00:00Z", body=b"<html><body>another design"),
    ]
    path = write(tmp_path, "x.warc.gz", pages)
    dry = run(folder, "--dry-run", path).stdout
    assert "1 article page, " in dry
    assert " 1 refused (no_template 1)" in dry
    assert dry.replace("would import", "imported") == run(folder, path).stdout


def test_a_file_of_another_format_has_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text("{}")
    done = run(archive(tmp_path / "data"), path)
    assert done.exit_code == 3
    assert done.stderr == (
        "error: truth.jsonl: neither a WARC, an ARC nor a WACZ file\n"
        "hint: name WARC, ARC or WACZ files, or a folder with them\n"
    )


def test_an_address_that_cannot_be_reached_is_named_with_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newscrawl.history.addresses.TRIES_WITHOUT_PROGRESS", 1)
    with WebArchive([]) as server:
        gone = server.url
    done = newscrawl(archive(tmp_path / "data"), "import", f"{gone}/x.warc.gz")
    assert done.exit_code == 3
    assert done.stderr == (
        f"error: {gone}/x.warc.gz: cannot connect to {gone} (Connection refused)\n"
        "hint: check the address, and run the command again\n"
    )


def test_an_interrupted_import_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("newscrawl.history.importing.import_files", interrupted)
    path = write(tmp_path, "x.warc.gz", [Stored(url=ONE, at="2020-01-02T04:00:00Z", body=story(1))])
    done = run(archive(tmp_path / "data"), path)
    assert done.exit_code == 6
    assert done.stderr == (
        "the pages that were stored are kept; run the same command again\nStopped.\n"
    )
