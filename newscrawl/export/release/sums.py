"""The checksums of a release: written once, and compared with the files later."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from newscrawl.core.files import file_errors
from newscrawl.core.folder import SUMS
from newscrawl.store.admin.check import Flaw

# A line of `sha256sum`; the star is for files that were read as binary.
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def write_sums(folder: Path) -> None:
    """Writes the SHA-256 of every file in the format of `sha256sum -c`."""
    lines = []
    for name in _files(folder):
        lines.append(f"{sha256(folder / name)}  {name}\n")
    (folder / SUMS).write_text("".join(lines), "utf-8")


def check_sums(folder: Path) -> Iterator[Flaw]:
    """A flaw for each file that is missing or differs from its checksum."""
    for number, line in enumerate(_lines(folder), 1):
        match = _LINE.fullmatch(line)
        if match is None or _leads_out(match[2]):
            yield Flaw("checksum", f"{SUMS}, line {number}", "is not a checksum and a file name")
            continue
        expected, name = match.groups()
        path = folder / name
        if not path.is_file():
            yield Flaw("checksum", name, "the file is missing")
            continue
        with file_errors("read", path):
            actual = sha256(path)
        if actual != expected:
            message = f"its SHA-256 is {actual}, but {SUMS} has {expected}"
            yield Flaw("checksum", name, message)


def added_files(folder: Path) -> list[str]:
    """The files in the folder that are no part of the release."""
    names = {match[2] for match in map(_LINE.fullmatch, _lines(folder)) if match}
    return [name for name in _files(folder) if name not in names]


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(folder: Path) -> list[str]:
    return (folder / SUMS).read_text("utf-8", "replace").splitlines()


def _files(folder: Path) -> list[str]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != SUMS]
    return [path.relative_to(folder).as_posix() for path in paths]


def _leads_out(name: str) -> bool:
    return Path(name).is_absolute() or ".." in Path(name).parts
