"""One writing run an archive: an advisory lock that the kernel drops when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from newscrawl.core.errors import ArchiveLocked
from newscrawl.core.files import file_errors
from newscrawl.core.folder import ArchiveFolder


@contextmanager
def archive_lock(folder: Path, purpose: str) -> Iterator[None]:
    """Holds the archive for `purpose`; ArchiveLocked at once where another run does, with what that one is doing.

    The file stays when the lock goes: deleting it would let two runs lock two different files of one name.
    """
    path = ArchiveFolder(folder).lock
    with file_errors("write", path):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveLocked(
                f"another run holds {folder}: {holder(folder) or 'unknown'}",
                "wait for it to end, or stop it",
            ) from None
        # The note is for people only: a full disk must not keep a run from starting, the flock alone decides.
        with suppress(OSError):
            os.truncate(handle, 0)
            os.write(
                handle,
                f"{purpose}, process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode(),
            )
        yield
    finally:
        os.close(handle)


def holder(folder: Path) -> str | None:
    """What the last holder wrote about itself; None where there was none."""
    try:
        return ArchiveFolder(folder).lock.read_text("utf-8", "replace").strip() or None
    except OSError:
        return None


def is_locked(folder: Path) -> bool:
    """Whether a run holds the archive now."""
    try:
        handle = os.open(ArchiveFolder(folder).lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
