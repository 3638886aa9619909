"""A consistent copy of the database."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from newscrawl.core.boundaries import check_output
from newscrawl.core.errors import UsageError
from newscrawl.core.files import file_errors, part_of
from newscrawl.core.folder import ArchiveFolder
from newscrawl.store.connection import copy_into, open_reader


def backup(folder: Path, target: Path) -> int:
    """Copies the database to `target`, even while a crawl writes; the size of the copy in bytes.

    `cp` would miss what is still in the write-ahead log. The copy is made beside the target, then
    renamed, so that an earlier backup of that name is kept until the new one is complete.
    """
    database = ArchiveFolder(folder).database
    if target.exists() and database.exists() and target.samefile(database):
        raise UsageError(f"{target} is the database itself", "name another file")
    check_output(target, folder)
    if target.is_dir():
        raise UsageError(f"{target} is a folder", "name a file in it")
    if not target.absolute().parent.is_dir():
        raise UsageError(
            f"cannot write {target}: it is in a folder that does not exist",
            "name a file in a folder that exists",
        )
    part = part_of(target)
    with closing(open_reader(folder)) as db, file_errors("write", target):
        try:
            part.unlink(missing_ok=True)
            copy_into(db, part)
            with part.open("rb") as copy:
                os.fsync(copy.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return target.stat().st_size
