"""Programs of others that replay an archive, in an environment of their own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".venv-replay" / "bin"


def replay_tool(name: str) -> str:
    """The path of a program of pywb or wacz.

    Where it is missing, the running test is skipped, or fails under CI=true.
    """
    program = shutil.which(name, path=FOLDER)
    if program is not None:
        return program
    said = f"{name} is not here: make replay-tools"
    if os.environ.get("CI") == "true":
        pytest.fail(said, pytrace=False)
    pytest.skip(said)
