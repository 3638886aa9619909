"""The lock of an archive: one run at a time may write.

It is an advisory lock, which the kernel releases when the process ends, even if it is killed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from newscrawl.core.boundaries import check_links
from newscrawl.core.errors import ArchiveLocked, UsageError
from newscrawl.core.files import file_errors
from newscrawl.core.folder import ArchiveFolder

# A link or a pipe in the place of the lock is neither followed nor waited for.
_READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@contextmanager
def archive_lock(folder: Path, purpose: str) -> Iterator[None]:
    """Locks the archive for `purpose` during the block.

    ArchiveLocked at once if another run has the lock; the message has the purpose of that run.
    ArchiveDamaged if writing to the archive would follow a link out of it.
    UsageError if the folder is a release.

    The file remains after the lock is released: if it were deleted, two runs could lock two
    different files of the same name.
    """
    refuse_release(folder)
    path = ArchiveFolder(folder).lock
    check_links(folder)
    with file_errors("write", path):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note = holder(folder)
            raise ArchiveLocked(
                f"another run has locked {folder}: {note or 'unknown'}",
                "wait until it ends, or stop it",
                since=_began_at(note or ""),
            ) from None
        note = f"{purpose}, process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n"
        # The note only informs. The flock alone decides, so a full disk does not stop a run.
        with suppress(OSError):
            os.truncate(handle, 0)
            os.write(handle, note.encode())
        yield
    finally:
        os.close(handle)


def refuse_release(folder: Path) -> None:
    """UsageError if the folder is a release."""
    if ArchiveFolder(folder).is_release:
        raise UsageError(
            f"{folder} is a release, which is never changed",
            "name the archive from which it was made with --archive DIR",
        )


def holder(folder: Path) -> str | None:
    """The note of the last run that locked the archive; None if there was none."""
    try:
        return ArchiveFolder(folder).lock.read_text("utf-8", "replace").strip() or None
    except OSError:
        return None


def _began_at(note: str) -> datetime | None:
    """The time in a note; None if the note could not be written, or is not a note."""
    try:
        began_at = datetime.fromisoformat(note.rpartition("since ")[2])
    except ValueError:
        return None
    return began_at if began_at.tzinfo else None


def is_locked(folder: Path) -> bool:
    """Whether a run has the lock now."""
    try:
        handle = os.open(ArchiveFolder(folder).lock, _READING)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
