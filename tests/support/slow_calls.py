"""Functions that another process calls: slow, failing and deadly ones."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from newscrawl.core.errors import PageRejected


def spin() -> NoReturn:
    """Never ends, and uses CPU."""
    while True:
        pass


def swallow() -> NoReturn:
    """Ignores the first interruption."""
    try:
        spin()
    finally:
        spin()


def grow() -> NoReturn:
    """Uses more and more memory."""
    held: list[bytes] = []
    while True:
        held.append(b"x" * 1_000_000)


def wait() -> None:
    """Uses no CPU for a long time."""
    threading.Event().wait(600)


def fail(message: str) -> NoReturn:
    raise PageRejected("code", message)


def end_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def folder() -> tuple[str, list[str]]:
    """The current folder, and where modules are searched for."""
    return str(Path.cwd()), sys.path


def spin_on_page(site: object, page: object, *args: object) -> NoReturn:
    """A reader that never ends."""
    spin()
