"""WARC files in their folder: their names, and opening a file by name.

A file that is being written has `.open` after its name. Pointers always have the final name, so
they stay valid when the file is closed. Readers look for both names.
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
    """Every WARC file of the folder by name, open ones too; none if the folder does not exist."""
    with file_errors("list", folder):
        paths = [path for path in folder.glob(f"*{SUFFIX}*") if path.is_file()]
    return sorted(path for path in paths if _NAME.fullmatch(final_name(path)))


def final_name(path: Path) -> str:
    """The file's name as pointers have it: without `.open`."""
    return path.name.removesuffix(OPEN)


def open_warc(folder: Path, warc_file: str) -> BinaryIO:
    """The file that a pointer names, open or closed.

    ArchiveDamaged if it does not exist or the name is invalid: the database may come from somewhere
    else, and a name must not lead out of the folder.
    """
    if not _NAME.fullmatch(warc_file):
        raise ArchiveDamaged(
            f"expected the name of a WARC file, found {warc_file!r}", "run: newscrawl verify"
        )
    path = folder / warc_file
    open_path = folder / (warc_file + OPEN)
    with file_errors("read", path):
        # The final name twice: a crawl may close, and so rename, the file between two attempts.
        for candidate in (path, open_path, path):
            try:
                return candidate.open("rb")
            except FileNotFoundError:
                continue
    raise ArchiveDamaged(
        f"{path} is missing", "put the file back from a backup, then run: newscrawl verify"
    )
