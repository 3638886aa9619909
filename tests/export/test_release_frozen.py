"""A release is never changed: writing commands refuse it, and verify compares it with its checksums."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.crawling import newscrawl

NAME = ("--title", "Dataset", "--author", "Somebody")
WRITING = (
    "crawl demo",
    "crawl demo --limit 1 --quiet",
    "collect demo --queue redis://127.0.0.1:9/0",
    "demo",
    "dupes --update",
    "completeness demo --fetch",
    "reextract",
    "reextract --dry-run",
    "maintain",
    "rebuild --from-warc WARC",
    "health --notify",
    "sites new https://paper.example/words-1234567.html --page PAGE",
    "merge RELEASE RELEASE -o RELEASE",
    "release RELEASE --title Dataset --author Somebody",
)


@pytest.fixture(scope="module")
def dataset(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "dataset"
    done = newscrawl("release", str(folder), *NAME, archive=archive)
    assert done.returncode == 0, done.stderr
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("line", WRITING)
def test_writing_command_refuses_a_release(
    archive: Path, dataset: Path, tmp_path: Path, line: str
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<h1>Words</h1>" + "<p>A paragraph of a page, long enough.</p>" * 30, "utf-8")
    values = {"WARC": archive / "warc", "PAGE": page, "RELEASE": dataset}
    before = contents(dataset)
    words = [str(values.get(word, word)) for word in line.split()]
    done = newscrawl(*words, archive=dataset)
    assert done.returncode == 2, done.stderr
    errors = [text for text in done.stderr.splitlines() if text.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    reasons = ("is a release", "is not an empty folder", "is a part of the archive")
    assert any(reason in errors[0] for reason in reasons)
    assert contents(dataset) == before


@pytest.mark.parametrize("more", [(), ("--no-text",)])
def test_whole_release_has_no_errors_and_is_not_changed(
    archive: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    folder = tmp_path / "dataset"
    assert newscrawl("release", str(folder), *NAME, *more, archive=archive).returncode == 0
    before = contents(folder)
    done = newscrawl("verify", archive=folder)
    assert done.stderr.splitlines() == [f"{folder}: no errors found"]
    assert done.returncode == 0
    assert contents(folder) == before


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"demo", b"dema", 1))


@pytest.mark.parametrize(
    ("damage", "where", "message"),
    [
        (lambda folder: edit(folder / "csv" / "articles.csv"), "csv/articles.csv", "its SHA-256"),
        (lambda folder: (folder / "README.md").unlink(), "README.md", "the file is missing"),
        (
            lambda folder: (folder / "SHA256SUMS").write_text(f"{'0' * 64}  ../x\n", "utf-8"),
            "SHA256SUMS, line 1",
            "is not a checksum and a file name",
        ),
    ],
    ids=["changed", "missing", "outside"],
)
def test_changed_release_is_reported(
    dataset: Path, tmp_path: Path, damage: Callable[[Path], None], where: str, message: str
) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(dataset, folder)
    damage(folder)
    done = newscrawl("verify", "--json", archive=folder)
    assert done.returncode == 5, done.stderr
    (flaw,) = json.loads(done.stdout)
    assert (flaw["code"], flaw["where"]) == ("checksum", where)
    assert flaw["message"].startswith(message)


def test_added_file_is_reported_but_no_error(dataset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(dataset, folder)
    (folder / "notes.txt").write_text("mine", "utf-8")
    done = newscrawl("verify", archive=folder)
    assert done.returncode == 0, done.stderr
    assert "note: notes.txt is no part of the release" in done.stderr
