"""The machine that a measurement ran on, and the code that it measured."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

# What does the work, here and in the baselines.
LIBRARIES = (
    "scrapy twisted parsel lxml selectolax isal warcio fastwarc pyarrow rensa dateparser trafilatura newspaper4k"
    " news-please"
).split()


def machine() -> dict[str, Any]:
    """Cores, memory, load of the last minute, and versions of what does the work; nothing that names the machine."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def commit() -> str | None:
    """The commit's short name, with a + where files of the project differ from it; None without git."""
    folder = Path(__file__).parent
    try:
        name = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=folder, capture_output=True, text=True
        )
        changed = subprocess.run(
            ["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True
        )
    except FileNotFoundError:
        return None
    return f"{name.stdout.strip()}{'+' if changed.stdout else ''}" if name.returncode == 0 else None


def _processor() -> str | None:
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return platform.processor() or None
    names = [
        line.partition(":")[2].strip()
        for line in info.read_text("utf-8").splitlines()
        if line[:10] == "model name"
    ]
    return names[0] if names else None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
