"""How to read a database that this process cannot write, without creating a file beside it.

SQLite reads a database in WAL mode only with the two files beside it, `-wal` and `-shm`, and
creates the missing ones. Where it cannot, the database is read as it is (immutable), or from a
private copy if part of it is still in the log.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from newscrawl.core.errors import ArchiveLocked
from newscrawl.core.files import file_errors, left_over
from newscrawl.core.lock import holder, is_locked

COPY_ATTEMPTS = 5  # a crawl that writes at each of them is not ending
COPY_PREFIX = ".newscrawl-copy."

# What differs after a write: inode, size and time of modification; None for a file that is absent.
FileState = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Access:
    """How to open a database for reading.

    `path`: the archive's database. `file`: that file, or a private copy of it. `unlocked_state`:
    the state of a file that is opened as immutable, which has to be the same after reading.
    """

    path: Path
    file: Path
    unlocked_state: FileState = None

    @property
    def uri(self) -> str:
        """The file as SQLite's URI."""
        options = "mode=ro"
        if self.unlocked_state is not None:
            options += "&immutable=1"
        return f"{self.file.resolve().as_uri()}?{options}"

    @property
    def is_stale(self) -> bool:
        """Whether the file was written although nobody could know that it is being read."""
        return self.unlocked_state is not None and _state(self.path) != self.unlocked_state

    def check(self) -> None:
        """ArchiveLocked if what was read may be a mixture of two states."""
        if self.is_stale:
            raise ArchiveLocked(
                f"another run wrote {self.path} while it was read without locks",
                "run the command again",
            )


def access_to(path: Path) -> Access:
    """How to read the database now.

    ArchiveLocked while a run has the lock, but has not opened the database yet or has just closed
    it: try again soon.
    """
    if can_write(path):
        return Access(path, path)
    log = path.with_name(f"{path.name}-wal")
    index = path.with_name(f"{path.name}-shm")
    if log.exists() and index.exists():
        # SQLite shares the index with a running crawl, and ignores one that nobody uses.
        return Access(path, path)
    state = _state(path)
    if is_locked(path.parent):
        raise ArchiveLocked(
            f"another run is opening {path}: {holder(path.parent) or 'unknown'}",
            "run the command again",
        )
    if _size(log) == 0:
        return Access(path, path, unlocked_state=state)
    return Access(path, _private_copy(path, state, _state(log)))


def can_write(path: Path) -> bool:
    """Whether this process can write the database and create files beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@lru_cache(maxsize=2)
def _private_copy(path: Path, state: FileState, log_state: FileState) -> Path:
    """A copy of the database and its log, in a temporary folder of this process.

    The states belong to the copy, so that a later one of a changed database is another copy.
    """
    parent = Path(tempfile.gettempdir())
    _remove_old_copies(parent)
    names = (path.name, f"{path.name}-wal")
    with file_errors(f"copy to {parent} (set TMPDIR to use another folder)", path):
        folder = Path(tempfile.mkdtemp(prefix=COPY_PREFIX, suffix=f".{os.getpid()}.part"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for _ in range(COPY_ATTEMPTS):
            before = [_state(path.with_name(name)) for name in names]
            for name in names:
                shutil.copyfile(path.with_name(name), folder / name)
            if before == [_state(path.with_name(name)) for name in names]:
                return folder / path.name
    raise ArchiveLocked(f"another program is writing {path}", "run the command again later")


def _remove_old_copies(parent: Path) -> None:
    """Removes the copies of processes that were killed."""
    for folder in left_over(parent):
        if folder.name.startswith(COPY_PREFIX) and folder.lstat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)


def _state(path: Path) -> FileState:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
