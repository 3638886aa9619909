"""What a process costs: CPU, time, memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

NEWSCRAWL = (sys.executable, "-m", "newscrawl")
NEW_ARCHIVE = (
    "import sys, pathlib, newscrawl.store.write.store as store;"
    "store.Store(pathlib.Path(sys.argv[1])).close()"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU (user and system) and wall time of a process in seconds, and its maximum memory in MB."""

    cpu: float
    wall: float
    memory: float


def run(command: Sequence[str], out: Path | None = None) -> Cost:
    """Runs a command with its stdout in a file; CalledProcessError if it fails.

    Linux counts the memory of the parent towards that of a child: a script that measures memory
    should stay small.
    """
    with (out or Path(os.devnull)).open("wb") as file:
        began = monotonic()
        process = subprocess.Popen(command, stdout=file)
        cost = wait_for(process, began)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return cost


def wait_for(process: subprocess.Popen[bytes], began: float) -> Cost:
    """What a process has cost when it has ended; `began` is its start on the monotonic clock."""
    _, status, usage = os.wait4(process.pid, 0)
    wall = monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def crawl_command(
    archive: Path, site: str, base_url: str, *options: str, command: Sequence[str] = NEWSCRAWL
) -> list[str]:
    """The command for a crawl without pauses."""
    return [
        *command,
        "--archive",
        str(archive),
        "crawl",
        site,
        "--base-url",
        base_url,
        "--set",
        "DOWNLOAD_DELAY=0",
        "--quiet",
        *options,
    ]


def new_archive(folder: Path, python: str = sys.executable) -> None:
    """Makes an empty archive in another process, with the newscrawl of `python`.

    sqlite-utils, which makes the schema, imports pandas where it is installed. That is the case
    where newscrawl is developed, and would add 80 MB to the first crawl.
    """
    run([python, "-P", "-c", NEW_ARCHIVE, str(folder)])


def cpu_of_children() -> float:
    """CPU seconds of all processes that this one has waited for, and of their children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory_folder() -> Path | None:
    """A folder whose files are in memory; None if there is none."""
    shared = Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) else None
