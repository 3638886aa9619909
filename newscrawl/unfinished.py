"""What is made under a hidden name until it is whole, and what runs that were killed have left of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_PART = re.compile(r"\..+\.(\d{1,10})\.part")


def part_of(target: Path) -> Path:
    """The name beside the target's under which this process makes it: `.both.4711.part`."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def left_over(folder: Path) -> Iterator[Path]:
    """The parts in a folder whose process is no more, by name; nothing needs them, and nothing else is called so."""
    names = sorted(folder.glob(".*.part")) if folder.is_dir() else []
    for path in names:
        found = _PART.fullmatch(path.name)
        if found and not _runs(int(found[1])):
            yield path


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    return True
