"""The notebook of docs/ runs on the demo's archive, and its stored outputs are those of today."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.notebooks import NOTEBOOK, played


def test_the_notebook_shows_what_its_cells_give(archive: Path, tmp_path: Path) -> None:
    shutil.copytree(archive, tmp_path / "data")
    stored = json.loads(NOTEBOOK.read_text("utf-8"))
    assert played(stored, tmp_path) == stored, "python -m tests.support.notebooks writes it again"
    assert sum(cell["cell_type"] == "code" for cell in stored["cells"]) >= 8


def test_a_cell_that_fails_fails_the_notebook(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["1 / 0"], "outputs": []}
    with pytest.raises(ZeroDivisionError):
        played({"cells": [cell]}, tmp_path)
