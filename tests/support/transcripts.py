"""Pages of docs/ whose examples are run: every line after `$` in a console block, with what it printed below it.

`python -m tests.support.transcripts` writes them again; tests/docs/test_transcripts.py runs them
and compares. What changes from run to run (the clock, the port, the seconds) is written as a fixed
value.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

DOCS = Path(__file__).parents[2] / "docs"
DAY = "2026-11-24"
_BLOCK = re.compile(
    r"(?:(?<=^```console\n)|(?<=^```pycon\n)).*?(?=^```$)", re.DOTALL | re.MULTILINE
)
HARBOUR_POST = DOCS / "examples" / "harbour-post"
_COMMAND = re.compile(r"^\$ (?:.*\\\n)*.*$", re.MULTILINE)


def saved_page(folder: Path, _demo: Path | None = None) -> None:
    """An article of a paper that nobody has written a site file for."""
    for name in ("page.html", "list.html"):
        shutil.copyfile(HARBOUR_POST / name, folder / name)
        os.utime(folder / name, (1709632800, 1709632800))


def demo_archive(folder: Path, demo: Path) -> None:
    """The archive that `newscrawl demo` made, in data/."""
    shutil.copytree(demo, folder / "data")


PAGES: Mapping[str, Callable[[Path, Path], None]] = {
    "add-a-site.md": saved_page,
    "questions.md": demo_archive,
    "search.md": demo_archive,
    "pandas-duckdb.md": demo_archive,
    "python.md": demo_archive,
}


def played(name: str, demo: Path) -> str:
    """The page with what its commands print now; `demo` is the archive that `newscrawl demo` makes."""
    with tempfile.TemporaryDirectory() as folder, Interpreter(Path(folder)) as python:
        PAGES[name](Path(folder), demo)
        return _BLOCK.sub(
            lambda block: _run_all(block.group(), Path(folder), python),
            (DOCS / name).read_text("utf-8"),
        )


class Interpreter:
    """An interactive Python in a folder, which is started for the first block of a page and ends with the page."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, block: str) -> str:
        """A block with what it prints, or the traceback that ends the interpreter."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.pycon"],
                cwd=self._folder, env=_environment(self._folder), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        with suppress(BrokenPipeError):  # it has ended
            process.stdin.write(f"{json.dumps(block)}\n")
            process.stdin.flush()
        answer = process.stdout.readline()
        return str(json.loads(answer)) if answer else process.stderr.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            self._process.communicate()


def _run_all(block: str, folder: Path, python: Interpreter) -> str:
    """A block with what it prints."""
    if block.startswith(">>>"):
        return _fixed(python.run(block))
    return "".join(
        f"{command}\n{_run(command.removeprefix('$ '), folder)}"
        for command in _COMMAND.findall(block)
    )


def _environment(folder: Path) -> dict[str, str]:
    home = Path(sys.executable).parent
    return {
        "PATH": f"{home}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8", "HOME": str(folder),
        "PYTHONPATH": str(DOCS.parent),  # the code beside these docs, not another checkout's that is installed
    }  # fmt: skip


def _run(command: str, folder: Path) -> str:
    env = _environment(folder)
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return _fixed(done.stdout.replace(f"{folder}/", "").replace(str(folder), "."))


def _fixed(printed: str) -> str:
    today = datetime.now(UTC).date().isoformat()
    printed = re.sub(rf"{today}T\d\d:\d\d:\d\dZ", f"{DAY}T06:00:00Z", printed)
    printed = re.sub(rf"{today} \d\d:\d\d", f"{DAY} 06:00", printed)
    printed = printed.replace(today, DAY)
    # Front pages have the newspaper's day, which begins seven hours before UTC's.
    local_day = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()
    printed = printed.replace(local_day, DAY)
    printed = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8900", printed)
    printed = re.sub(r"\b\d+ s\b", "2 s", printed)
    return printed if not printed or printed.endswith("\n") else f"{printed}\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(
            [sys.executable, "-m", "newscrawl", "--archive", made, "demo"],
            check=True,
            capture_output=True,
        )
        for page in sys.argv[1:] or PAGES:
            (DOCS / page).write_text(played(page, Path(made)), "utf-8")
