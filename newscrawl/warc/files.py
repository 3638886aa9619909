"""WARC files in their folder: names, opening by name, and turning the disk's errors into ours.

A file that is being written has `.open` after its name. Pointers always hold the final name, so that they stay
right when the file is closed: whoever reads looks for both.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.files import file_errors

SUFFIX = ".warc.gz"
OPEN = ".open"
TORN = ".torn"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.warc\.gz")


def warc_files(folder: Path) -> list[Path]:
    """Every WARC file of the folder by name, those still open too; none where the folder does not exist."""
    with file_errors("list", folder):
        found = [path for path in folder.glob(f"*{SUFFIX}*") if path.is_file()]
    return sorted(path for path in found if _NAME.fullmatch(final_name(path)))


def final_name(path: Path) -> str:
    """The file's name as pointers have it: without `.open`."""
    return path.name.removesuffix(OPEN)


def open_warc(folder: Path, warc_file: str) -> BinaryIO:
    """The file that a pointer names, open or closed; ArchiveDamaged where there is none, or where the name is none.

    The name comes from a database that may have been made elsewhere: it may not lead out of the folder.
    """
    if not _NAME.fullmatch(warc_file):
        raise ArchiveDamaged(
            f"expected the name of a WARC file, found {warc_file!r}", "run: newscrawl verify"
        )
    path = folder / warc_file
    with file_errors("read", path):
        # The final name twice: the file may be closed, and so renamed, between the first look and the second.
        for candidate in (path, folder / (warc_file + OPEN), path):
            try:
                return candidate.open("rb")
            except FileNotFoundError:
                continue
    raise ArchiveDamaged(
        f"{path} is missing", "put the file back from a backup, then run: newscrawl verify"
    )
