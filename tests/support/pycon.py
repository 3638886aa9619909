"""Prints what the `>>>` lines on stdin print in an interactive Python, with the lines themselves.

A line `#---` divides what only has to be run from what is to be printed.
"""

from __future__ import annotations

import contextlib
import doctest
import io
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
    earlier, _, block = sys.stdin.read().partition("#---\n")
    known: dict[str, Any] = {}
    shown(earlier, known)
    sys.stdout.write(shown(block, known))
