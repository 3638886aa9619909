"""What an import says: about refused pages beforehand, and about files of other formats."""

from __future__ import annotations

from pathlib import Path

from tests.history.test_import import ONE, run
from tests.support.foreign_archives import Stored, archive, story, write


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
