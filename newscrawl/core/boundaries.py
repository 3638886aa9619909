"""What keeps the files of an archive inside its folder, and other files out of their place.

An archive may come from a stranger: its folder may hold symbolic links, and its database any text.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged, UsageError
from newscrawl.core.folder import CONFIG, DATABASE, ArchiveFolder

# Of the database SQLite writes these, named by what follows the database's name.
DATABASE_PARTS = ("", "-wal", "-shm", "-journal")
# The parts of an archive that no command overwrites because a user names them as output.
IN_USE = ("lock", "warc", "logs", "sites", CONFIG)
# A part of a file's name that comes from a database: no separators, no leading dot, not endless.
_SAFE = re.compile(r"[\w\[][\w.:\[\]-]{0,199}")


def check_links(folder: Path) -> None:
    """ArchiveDamaged if a command that writes to the archive would follow a link out of it.

    All that newscrawl writes by itself is looked at: the lock, the database, the WARC files and the
    logs. They are files and folders, never symbolic links, pipes or devices.
    """
    archive = ArchiveFolder(folder)
    for path in (archive.lock, *_database_parts(archive), archive.warc, archive.logs):
        check_plain(path)
    for part in (archive.warc, archive.logs):
        for path in _entries(part):
            check_plain(path)


def check_plain(path: Path) -> None:
    """ArchiveDamaged if the path is something else than a file, a folder, or nothing."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return  # what does not exist, or may not be looked at, is reported by its user
    if stat.S_ISLNK(mode):
        raise ArchiveDamaged(
            f"{path} is a symbolic link, which newscrawl does not follow in an archive",
            "replace the link by the file itself",
        )
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise ArchiveDamaged(f"{path} is neither a file nor a folder", "move it away")


def check_plain_tree(folder: Path) -> None:
    """The same for everything in a folder."""
    check_plain(folder)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            check_plain(Path(parent, name))


def check_output(target: Path, archive: Path | None = None) -> None:
    """UsageError if a command's output would replace a part of an archive that is in use.

    That is `archive`, and any other folder that has an archive's database.
    """
    path = target.resolve()
    if path.exists() and not path.is_file() and not path.is_dir():
        return  # a device or a pipe
    for folder in (path, *path.parents):
        is_asked = archive is not None and folder == archive.resolve()
        if not is_asked and not (folder / DATABASE).is_file():
            continue
        if folder == path or _is_in_use(path, folder):
            raise UsageError(
                f"{target} is a part of the archive {folder}", "name a file that is not in use"
            )


def safe_part(text: str) -> str:
    """The text, to be a part of a file's name. ArchiveDamaged if it could lead elsewhere."""
    if not _SAFE.fullmatch(text) or len(os.fsencode(text)) > 200:
        raise ArchiveDamaged(
            f"expected the name of a site, found {text[:80]!r} in the database",
            "list every flaw with: newscrawl verify",
        )
    return text


def _is_in_use(path: Path, folder: Path) -> bool:
    first = path.relative_to(folder).parts[0]
    database_names = [DATABASE + part for part in DATABASE_PARTS]
    if first in IN_USE or first in database_names:
        return True
    parts = [*_database_parts(ArchiveFolder(folder)), folder / "lock", folder / CONFIG]
    return path.exists() and any(part.exists() and part.samefile(path) for part in parts)


def _database_parts(archive: ArchiveFolder) -> Iterator[Path]:
    for part in DATABASE_PARTS:
        yield archive.path / (DATABASE + part)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
