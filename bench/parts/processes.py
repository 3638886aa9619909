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


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU (user and system) and of the clock, and the most memory in MB, of one process."""

    cpu: float
    wall: float
    memory: float


def run(command: Sequence[str], out: Path | None = None) -> Cost:
    """Runs a command to its end, its stdout into a file; CalledProcessError where it fails.

    A child's memory counts from that of the process that starts it: a script that measures memory stays small.
    """
    with (out or Path(os.devnull)).open("wb") as file:
        began = monotonic()
        process = subprocess.Popen(command, stdout=file)
        _, status, usage = os.wait4(process.pid, 0)
        wall = monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def cpu_of_children() -> float:
    """CPU seconds of all processes that this one has waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_memory() -> Path | None:
    """A folder whose files lie in memory; None where there is none, for the usual place of temporary files."""
    shared = Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) else None
