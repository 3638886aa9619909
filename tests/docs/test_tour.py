"""The README's tour, run word for word on a fresh demo archive, as a newcomer would in an empty folder."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.support import forked

README = Path(__file__).parents[2] / "README.md"


def tour() -> list[str]:
    """The tour's commands but for those that go to the internet or read what these brought (`--archive press`)."""
    section = README.read_text("utf-8").partition("## A five-minute tour")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    lines = [
        line for block in blocks for line in block.splitlines() if line.startswith("newscrawl ")
    ]
    return [line for line in lines if "--archive press" not in line]


def run(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Runs one command in the folder; `> FILE` at its end is done here."""
    words = shlex.split(line)[1:]
    target = None
    if ">" in words:
        target, words = folder / words[words.index(">") + 1], words[: words.index(">")]
    done = forked.run(forked.NEWSCRAWL, *words, folder=folder)
    if target is not None:
        target.write_text(done.stdout, "utf-8")
    return done


# The least number of rows in the files that the tour writes.
WRITTEN = {"articles.csv": 80, "links.jsonl": 80, "rice.csv": 5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder in which `newscrawl demo` has run."""
    folder = tmp_path_factory.mktemp("newcomer")
    done = run(folder, "newscrawl demo")
    assert done.returncode == 0, done.stderr
    assert "demo: 79 new" in done.stdout
    return folder


def test_the_tour_has_every_reading_command() -> None:
    assert {line.split()[1] for line in tour()} >= {
        "status",
        "search",
        "show",
        "links",
        "problems",
        "export",
    }


@pytest.mark.parametrize("line", tour())
def test_command_of_the_tour_works(folder: Path, line: str) -> None:
    done = run(folder, line)
    assert (done.returncode, "error:" in done.stderr) == (0, False), done.stderr
    written = {folder / name: rows for name, rows in WRITTEN.items() if name in line}
    assert done.stdout.strip() or written
    for path, rows in written.items():
        assert len(path.read_text("utf-8").splitlines()) > rows


def test_nothing_of_the_demo_is_a_problem_but_what_it_planted(folder: Path) -> None:
    codes = {
        group["code"]: group["count"]
        for group in json.loads(run(folder, "newscrawl problems --json").stdout)["groups"]
    }
    assert codes == {"http_404": 1, "http_410": 1, "impossible": 1}


def test_search_finds_the_same_with_and_without_marks(folder: Path) -> None:
    plain, marked = (
        run(folder, f'newscrawl search "{words}" --json') for words in ("duong sat", "đường sắt")
    )
    found = [set(re.findall(r'"key": "(\d+)"', done.stdout)) for done in (plain, marked)]
    assert found[0] == found[1]
    assert "235425" in found[0]


def test_what_the_demo_says_to_try_next_works(folder: Path) -> None:
    said = run(folder, "newscrawl demo").stdout.partition("Try next:")[2]
    lines = [line.partition("newscrawl ")[2] for line in said.strip().splitlines()]
    assert len(lines) == 9
    for line in lines[:-1]:  # the last one serves until it is stopped
        done = run(folder, f"newscrawl {line}")
        assert (done.returncode, bool(done.stdout or "articles.csv" in line)) == (0, True), (
            done.stderr
        )


@pytest.mark.needs("sqlite3")
def test_sql_of_the_quickstart_works(folder: Path) -> None:
    line = re.findall(
        r"^sqlite3 .*$", (README.parent / "docs" / "quickstart.md").read_text("utf-8"), re.MULTILINE
    )[0]
    words = [word.replace("press/", "data/") for word in shlex.split(line)]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    rows = done.stdout.splitlines()
    assert len(rows) == 7
    assert rows[0].startswith("2026-10-07|")
