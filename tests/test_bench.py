"""Measurements keep one form of results, and the command that runs them knows all. What they find is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BENCH = ROOT / "bench"
SCRIPTS = sorted(path.stem for path in BENCH.glob("*.py") if path.stem != "__main__")


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BENCH), *words], capture_output=True, text=True, check=False
    )


def test_the_readme_and_the_command_have_every_script() -> None:
    read = (BENCH / "README.md").read_text("utf-8")
    assert [name for name in SCRIPTS if f"| `{name}.py` |" not in read] == []
    known = bench("no-such-script").stderr.rpartition("there are ")[2].strip().split(", ")
    assert sorted([*known, "seeding"]) == SCRIPTS  # seeding.py measures nothing


def test_a_script_writes_what_the_table_shows(tmp_path: Path) -> None:
    ran = bench("timestamps", "--results", str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    result = json.loads((tmp_path / "timestamps.json").read_text("utf-8"))
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
    wrong = next(figure for figure in result["figures"] if figure["name"] == "damaged times: wrong")
    assert wrong == {"name": "damaged times: wrong", "value": 0, "unit": "of 10,000", "baseline": "",
                     "bound": "at most", "target": 0, "met": True, "rounds": []}  # fmt: skip
    shown = bench("--table", "--results", str(tmp_path)).stdout
    assert (
        shown.split()
        == "script figure value wanted timestamps damaged times: wrong 0 of 10,000 at most 0 met".split()
    )


def test_what_cannot_be_measured_says_why(tmp_path: Path) -> None:
    """A page folder that is not there is no failure, and no figure either."""
    script, result = str(BENCH / "pages.py"), tmp_path / "pages.json"
    ran = subprocess.run(
        [sys.executable, script, "--pages", str(tmp_path / "none"), "--json", str(result)],
        check=False,
    )
    assert ran.returncode == 0
    written = json.loads(result.read_text("utf-8"))
    assert (written["skipped"], written["figures"]) == ("no folder of saved pages (--pages)", [])
    assert (
        "not measured: no folder of saved pages"
        in bench("--table", "pages", "--results", str(tmp_path)).stdout
    )
