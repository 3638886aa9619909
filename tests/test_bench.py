"""Measurements have one form of results, and the command knows all of them. Figures are not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BENCH = ROOT / "bench"
SCRIPTS = sorted(path.stem for path in BENCH.glob("*.py") if path.stem != "__main__")
QUICK = ("--strings", "5", "--rounds", "2")


def python(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_readme_and_command_have_every_script() -> None:
    readme = (BENCH / "README.md").read_text("utf-8")
    assert [name for name in SCRIPTS if f"| `{name}.py` |" not in readme] == []
    message = python(BENCH, "no-such-script").stderr
    known = message.rpartition("there are ")[2].strip().split(", ")
    assert sorted([*known, "seeding"]) == SCRIPTS  # seeding.py measures nothing


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_prints_its_help(name: str) -> None:
    finished = python(BENCH / f"{name}.py", "--help")
    assert finished.returncode == 0, finished.stderr
    assert f"bench/{name}.py" in finished.stdout


def test_script_writes_what_the_table_shows(tmp_path: Path) -> None:
    path = tmp_path / "time_formats.json"
    finished = python(BENCH / "time_formats.py", *QUICK, "--json", path)
    assert finished.returncode == 0, finished.stderr
    result = json.loads(path.read_text("utf-8"))
    assert set(result) == {
        "script",
        "date",
        "seconds",
        "commit",
        "machine",
        "arguments",
        "skipped",
        "figures",
    }
    figure = result["figures"][0]
    assert figure["name"] == "bnews, %H:%M' - %d/%m/%Y: times as fast as"
    assert (figure["unit"], figure["baseline"]) == ("x", "dateparser.parse")
    assert len(figure["rounds"]) == 2
    table = python(BENCH, "--table", "--results", tmp_path).stdout
    assert "time_formats  bnews, %H:%M' - %d/%m/%Y: times as fast as" in table
    assert "x dateparser.parse" in table


def test_skipped_measurement_has_a_reason(tmp_path: Path) -> None:
    result = {"script": "workers", "skipped": "redis-server is not installed", "figures": []}
    (tmp_path / "workers.json").write_text(json.dumps(result), "utf-8")
    table = python(BENCH, "--table", "--results", tmp_path).stdout
    assert table.split() == "workers not measured: redis-server is not installed".split()


def test_crawl_accounts_for_parts_that_exist(tmp_path: Path) -> None:
    """The parts of `crawl.py --parts` are methods named by their classes, which may change."""
    program = BENCH / "parts" / "accounted_crawl.py"
    finished = python(program, tmp_path / "parts.json", "--version")
    assert "AttributeError" not in finished.stderr
    assert json.loads((tmp_path / "parts.json").read_text("utf-8"))


def test_site_for_crawls_has_any_number_of_articles() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from urllib.request import urlopen\n"
        "from parts.target import serving\n"
        "with serving(101) as target:\n"
        "    print(len(set(target.urls)), all(urlopen(url).status == 200 for url in target.urls))\n"
    )
    finished = python("-c", code, BENCH)
    assert finished.stdout == "101 True\n", finished.stderr
