"""The option of commands that can use both cores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def jobs_option(command: F) -> F:
    """Adds --jobs; None where it is not given: the cores, but one process where starting others costs more."""
    text = "Processes to use.  [default: the cores]"
    return click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help=text)(command)
