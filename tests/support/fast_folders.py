"""Where tests put their files: in memory if there is room, because SQLite waits for the disk at every commit.

A killed process loses no more there than on a disk. What a power cut loses is simulated: tests/support/powercut.py.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2_000_000_000  # a whole run leaves about 400 MB


def use_memory() -> None:
    """Moves pytest's temporary folders into memory, unless the caller has chosen another place."""
    if MEMORY.is_dir() and _can_hold_tests(MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def _can_hold_tests(folder: Path) -> bool:
    """Containers often have a small /dev/shm from which no program can be run."""
    has_room = shutil.disk_usage(folder).free > ROOM_BYTES
    runs_programs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return has_room and runs_programs and os.access(folder, os.W_OK)
