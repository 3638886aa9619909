"""The machine on which a script ran, and the code that it measured."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

# The libraries that do most of the work, here and in the baselines.
LIBRARIES = (
    "scrapy",
    "twisted",
    "parsel",
    "lxml",
    "isal",
    "pyarrow",
    "rensa",
    "dateparser",
    "trafilatura",
)


def machine() -> dict[str, Any]:
    """Cores, memory, load and versions; nothing that identifies the machine."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def commit() -> str | None:
    """The short name of the commit, with a + if files differ from it; None without git."""
    try:
        name = _git("rev-parse", "--short", "HEAD")
        changes = _git("status", "--porcelain")
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return f"{name}+" if changes else name


def _git(*arguments: str) -> str:
    folder = Path(__file__).parent
    finished = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()


def _processor() -> str | None:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
