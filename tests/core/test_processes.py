"""Several processes have the same results, problems and errors as one, and all of them end."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from newscrawl.archive.verify import verify
from newscrawl.core.errors import NewscrawlError, PageRejected, SiteFileError
from newscrawl.store.admin.check import Flaw
from tests.support.crawling import crawl_both_editions, newscrawl, query
from tests.support.normalised import differences

SECONDS = 60  # in which a process ends on a busy machine


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both editions of the newspaper, and a site file of the archive with other headlines."""
    folder = tmp_path_factory.mktemp("archive")
    crawl_both_editions(folder, "--discover", "category,feed,sitemap")
    package = Path(__file__).parents[2] / "newscrawl"
    bnews = (package / "sites" / "bnews.toml").read_text("utf-8")
    (folder / "sites").mkdir()
    changed = bnews.replace('title = ["h1.font-42", ', 'title = ["json-ld:description", ')
    assert changed != bnews
    (folder / "sites" / "bnews.toml").write_text(changed, "utf-8")
    (folder / "sites" / "demo.toml").write_text(
        (package / "demo" / "demo.toml").read_text("utf-8"), "utf-8"
    )
    return folder


def copy_of(archive: Path, target: Path) -> Path:
    return Path(shutil.copytree(archive, target))


@pytest.fixture
def running() -> Iterator[subprocess.Popen[str]]:
    """Two busy workers in their own process group. Their output ends with the last of them."""
    command = [sys.executable, "-m", "tests.support.working"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, start_new_session=True) as process:  # type: ignore[call-overload]
        yield process
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_reextraction_in_three_processes_has_the_result_of_one(
    archive: Path, tmp_path: Path
) -> None:
    said = []
    for jobs in ("1", "3"):
        folder = copy_of(archive, tmp_path / jobs)
        done = newscrawl("reextract", "--jobs", jobs, "--json", archive=folder)
        assert done.returncode == 0, done.stderr
        said.append(json.loads(done.stdout))
    assert said[0] == said[1]
    assert said[0][0]["changed_pages"] >= 40
    assert differences(tmp_path / "1", tmp_path / "3") == []


def test_a_rebuild_in_three_processes_has_the_result_of_one(archive: Path, tmp_path: Path) -> None:
    said = []
    for jobs in ("1", "3"):
        done = newscrawl(
            "rebuild",
            "--from-warc",
            str(archive / "warc"),
            "--jobs",
            jobs,
            "--json",
            archive=tmp_path / jobs,
        )
        assert done.returncode == 0, done.stderr
        said.append(json.loads(done.stdout))
    assert said[0] == said[1]
    assert differences(tmp_path / "1", tmp_path / "3") == []
    for table in ("captures", "articles", "links"):
        rows = f"SELECT * FROM {table} ORDER BY 1, 2, 3"
        assert query(tmp_path / "1", rows) == query(tmp_path / "3", rows)


def test_a_rebuild_reports_a_bad_site_file_in_one_line(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "demo.toml").write_text("colour = 3\n", "utf-8")
    done = newscrawl(
        "rebuild", "--from-warc", str(archive / "warc"), "--jobs", "2", archive=tmp_path
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "error: " in done.stderr
    assert "colour" in done.stderr


@pytest.mark.parametrize("damage", ["none", "pointer", "flipped", "cut", "missing"])
def test_verify_finds_the_same_damage_in_parts_as_in_whole_files(
    archive: Path, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(archive, tmp_path / "copy")
    name, offset = query(
        folder,
        "SELECT warc_file, warc_offset FROM captures WHERE kind = 'article' ORDER BY id LIMIT 1 OFFSET 30",
    )[0]
    path = folder / "warc" / name
    data = bytearray(path.read_bytes())
    if damage == "pointer":
        with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
            db.execute("UPDATE captures SET warc_offset = warc_offset + 1 WHERE id IN (20, 40)")
    elif damage == "flipped":
        data[offset + 40] ^= 0xFF
        path.write_bytes(data)
    elif damage == "cut":
        path.write_bytes(data[: offset + 40])
    elif damage == "missing":
        path.unlink()
    whole = flaws(folder, 1)
    monkeypatch.setattr("newscrawl.archive.verify.STRETCH", 10_000)
    assert flaws(folder, 1) == flaws(folder, 3) == whole
    assert bool(whole) == (damage != "none")


def flaws(folder: Path, jobs: int) -> list[Flaw]:
    return list(verify(folder, jobs=jobs))


def test_ctrl_c_ends_all_processes_with_one_message(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    running.stdout.readline()
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=SECONDS)
    assert said.count("Traceback") == 1
    assert said.rstrip().endswith("KeyboardInterrupt")


def test_workers_end_when_the_writer_is_killed(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    running.stdout.readline()
    running.kill()
    running.communicate(timeout=SECONDS)


@pytest.mark.parametrize(
    "error",
    [
        NewscrawlError("what", "do this"),
        PageRejected("not_article", "what"),
        SiteFileError("x.toml", [("key", "wrong")], "do this"),
    ],
)
def test_an_error_from_another_process_is_unchanged(error: NewscrawlError) -> None:
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is type(error)
    assert (vars(found), found.args) == (vars(error), error.args)
