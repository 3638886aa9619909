"""Notebooks of docs/ whose cells are run, as Jupyter runs them: in one namespace, while an event loop runs.

`python -m tests.support.notebooks` writes their outputs again; tests/docs/test_notebook.py runs
them and compares. A cell's output is what it prints, then the `repr` of its last expression.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[2] / "docs" / "python.ipynb"


def played(notebook: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The notebook with what its cells print now, in a folder that has the demo's archive in data/."""
    names: dict[str, Any] = {}

    async def run_all() -> list[dict[str, Any]]:
        return [_run(cell, names) for cell in notebook["cells"]]

    with contextlib.chdir(folder):
        cells = asyncio.run(run_all())
    return notebook | {"cells": cells}


def _run(cell: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] != "code":
        return cell
    *first, last = ast.parse("".join(cell["source"])).body
    out = io.StringIO()
    value = None
    with contextlib.redirect_stdout(out):
        exec(compile(ast.Module(first, []), "<cell>", "exec"), names)  # noqa: S102 - our own notebook
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307
        else:
            exec(compile(ast.Module([last], []), "<cell>", "exec"), names)  # noqa: S102
    outputs: list[dict[str, Any]] = []
    if out.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(out.getvalue())})
    if value is not None:
        data = {"text/plain": _lines(repr(value))}
        outputs.append(
            {"data": data, "execution_count": None, "metadata": {}, "output_type": "execute_result"}
        )
    return cell | {"outputs": outputs}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(
            [sys.executable, "-m", "newscrawl", "--archive", str(Path(made, "data")), "demo"],
            check=True,
            capture_output=True,
        )
        written = played(json.loads(NOTEBOOK.read_text("utf-8")), Path(made))
        NOTEBOOK.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")
