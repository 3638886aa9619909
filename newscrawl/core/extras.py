"""The optional packages of newscrawl, and the command that installs them where it runs.

The command names the packages themselves and not `newscrawl[parquet]`: whether an index has a
package named newscrawl, and whose it is, is not known here. What reads that metadata is imported
when something is missing, since it is slow.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PROJECT = "newscrawl"
# What users can do with an extra; those of developers are not listed.
PURPOSES = {
    "web": "serve",
    "parquet": "Parquet files, .jsonl.zst",
    "dupes": "dupes --update",
    "redis": "crawl --queue, collect",
    "dataframes": "data frames and graphs in Python",
    "ai": "mcp",
    "history": "import, backfill, export wacz and cdxj",
    "fast": "raw pages compressed with less CPU time",
}
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def missing_packages(extra: str) -> list[str]:
    """The requirements of an extra that are not installed: `pyarrow<27,>=18`."""
    missing = []
    for line in _requirements():
        package, _, marker = line.partition(";")
        if _is_for(extra, marker) and not _is_installed(package):
            missing.append(package.strip())
    return missing


def install_hint(extra: str) -> str:
    """What to do where an extra is missing: the command that installs it here."""
    packages = missing_packages(extra)
    return f"install it with: {install_command(packages)}" if packages else "reinstall newscrawl"


def install_command(packages: Sequence[str]) -> str:
    """The command that installs packages beside this newscrawl, by the tool that installed it."""
    parts = Path(sys.prefix).parts
    if "pipx" in parts:
        return shlex.join(["pipx", "inject", PROJECT, *packages])
    from importlib.util import find_spec

    if find_spec("pip") is None:  # an environment of uv
        return shlex.join(["uv", "pip", "install", "--python", sys.executable, *packages])
    return shlex.join([sys.executable, "-m", "pip", "install", *packages])


@contextmanager
def without_modules(*names: str) -> Iterator[None]:
    """Within the block, these modules cannot be imported, unless they already are.

    sqlite-utils imports numpy and pandas, if they are installed, for types that no archive has.
    This adds 0.4 s and 85 MB to a first crawl.
    """
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _requirements() -> list[str]:
    from importlib.metadata import PackageNotFoundError, requires

    try:
        return requires(PROJECT) or []
    except PackageNotFoundError:  # run from a folder that was never installed
        return []


def _is_for(extra: str, marker: str) -> bool:
    """Whether a marker such as `extra == "web"` is that of an extra."""
    return f"extra=='{extra}'" in marker.replace(" ", "").replace('"', "'")


def _is_installed(package: str) -> bool:
    """Whether any version of a package is installed; `package` is its name and range."""
    from importlib.metadata import PackageNotFoundError, distribution

    name = _NAME.match(package)
    assert name is not None, package
    try:
        distribution(name[0])
    except PackageNotFoundError:
        return False
    return True
