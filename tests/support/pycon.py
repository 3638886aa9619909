"""Prints what `>>>` lines print in an interactive Python, with the lines themselves.

Each line of stdin is one block as a JSON string, answered by such a line. Names are kept from block to block.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import sys
from typing import Any


def shown(source: str, names: dict[str, Any]) -> str:
    """The examples with what each prints, in order."""
    told = []
    for example in doctest.DocTestParser().get_examples(source):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(example.source, "<page>", "single"), names)  # noqa: S102
        lines = example.source.rstrip("\n").split("\n")
        told += [f">>> {lines[0]}", *(f"... {line}".rstrip() for line in lines[1:])]
        told += out.getvalue().rstrip("\n").split("\n") if out.getvalue() else []
    return "\n".join(told) + "\n"


if __name__ == "__main__":
    known: dict[str, Any] = {}
    for line in sys.stdin:
        answer = json.dumps(shown(json.loads(line), known))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
