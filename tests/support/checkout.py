"""The files of the checkout, by git's own answer, so that .gitignore counts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing

ROOT = Path(__file__).parents[2]


def tracked_files() -> list[str]:
    """Paths of all files that are or could be committed, sorted.

    Skips the running test where git is missing, and in an unpacked source distribution.
    """
    if not (ROOT / ".git").exists():
        pytest.skip("this folder is not a git checkout")
    if shutil.which("git") is None:
        missing("git")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})
