"""How to start newscrawl as a process, whatever folder that process begins in.

`python -m newscrawl` puts the current folder first on the import path. Where a folder named
newscrawl lies there, such as a checkout in the home directory from which cron starts its commands,
Python takes that folder for the package, and every run ends with an ImportError.
"""

from __future__ import annotations

import os
import shlex
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "newscrawl"
SAFE_PATH_VARIABLE = "PYTHONSAFEPATH"


def program() -> list[str]:
    """The command line of newscrawl with absolute paths: the installed script or `python -P -m`."""
    script = _script()
    if script is not None:
        return [str(script)]
    return [sys.executable, "-P", "-m", NAME]


def called_as() -> str:
    """How to call newscrawl again in this shell: `newscrawl` if the shell finds it by this name."""
    running = Path(sys.argv[0])
    if running.name == NAME and running.is_file():
        return _typed(running)
    if running.name == "__main__.py" and running.parent.name == NAME:
        return f"{_typed(Path(sys.executable))} -m {NAME}"
    return NAME


def _typed(program: Path) -> str:
    """The name of a program in a folder of $PATH; else its path, short where it is below here."""
    path = program.absolute()
    here = Path.cwd()
    if str(path.parent) in os.environ.get("PATH", "").split(os.pathsep):
        return shlex.quote(path.name)
    if path.parent != here and path.is_relative_to(here):
        return shlex.quote(str(path.relative_to(here)))
    return shlex.quote(str(path))


def _script() -> Path | None:
    """The script that is running, or the one beside this Python; None where neither is there."""
    running = Path(sys.argv[0])
    if running.name == NAME and running.is_file() and os.access(running, os.X_OK):
        return running.absolute()
    installed = Path(sysconfig.get_path("scripts"), NAME)
    return installed if os.access(installed, os.X_OK) else None


@contextmanager
def safe_import_path() -> Iterator[None]:
    """Python processes that are started inside import nothing from the current folder."""
    before = os.environ.get(SAFE_PATH_VARIABLE)
    os.environ[SAFE_PATH_VARIABLE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE_PATH_VARIABLE]
        else:
            os.environ[SAFE_PATH_VARIABLE] = before
