"""Runs newscrawl without the right to write: `python -m tests.support.reading ARGS...`, or `--commands JSON` for many.

Root may write whatever the modes of files say. The process therefore gives up root's capabilities first, which works in
any container and needs no mount.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner

from tests.support import forked

VERSION_3 = 0x20080522  # of the structures of capset(2), which have 64 bits in two words


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


def give_up_rights() -> None:
    """From now on, the modes of files apply to this thread and its children, even if it is root's."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = (ctypes.c_uint32 * 6)()
    if libc.capset(ctypes.byref(_Header(VERSION_3, 0)), ctypes.byref(nothing)):
        raise OSError(ctypes.get_errno(), "capset")


def reading_thread() -> ThreadPoolExecutor:
    """One thread of this process that may not write what `read_only` protects."""
    return ThreadPoolExecutor(max_workers=1, initializer=give_up_rights)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Within the block, what the folder has now is read-only, and nothing may be added."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path in paths:
            if path.exists():  # a crawl deletes its log at the end
                path.chmod(modes[path])


def run_without_rights(commands: Sequence[Sequence[str]]) -> list[tuple[int, str, str]]:
    """The exit code, stdout and stderr of each command."""
    done = forked.run("tests.support.reading", "--commands", json.dumps(commands), seconds=300)
    assert done.returncode == 0, done.stderr
    return [tuple(result) for result in json.loads(done.stdout)]


def main() -> None:
    """Runs the command, or those after `--commands`, whose results are printed as JSON."""
    from newscrawl.cli.main import main as newscrawl

    give_up_rights()
    if sys.argv[1] != "--commands":
        newscrawl()
    results = []
    for command in json.loads(sys.argv[2]):
        result = CliRunner().invoke(newscrawl, command)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        results.append((result.exit_code, result.stdout, result.stderr))
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main()
