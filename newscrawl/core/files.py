"""Files and folders that are complete or absent: written under a hidden name, synced, then renamed.

Also finds the hidden files that killed runs left behind.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from newscrawl.core.crashpoints import reach
from newscrawl.core.errors import StorageError, UsageError

_PART = re.compile(r"\..+\.(\d{1,10})\.part")


def part_of(target: Path) -> Path:
    """The hidden name beside the target under which this process writes it: `.both.4711.part`."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def check_new(folder: Path) -> None:
    """UsageError unless the folder is empty or does not exist yet."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} exists and is not an empty folder", "name a folder that does not exist yet"
        )


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A hidden folder that gets the target's name after the block, once it is safely on disk.

    It is removed if the block fails. UsageError if the target exists and is not empty.
    """
    check_new(target)
    target = target.resolve()
    part = part_of(target)
    try:
        part.mkdir(parents=True)
        yield part
        sync(part)
        if target.exists():
            target.rmdir()
        part.replace(target)
        sync_one(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A file that replaces `path` once it is complete. Until then, or on an error, `path` is kept.

    UsageError if `path` cannot be a file. A device or a pipe is written to directly.
    """
    path = path.resolve()
    if path.is_dir() or not path.parent.is_dir():
        problem = "is a folder" if path.is_dir() else "is in a folder that does not exist"
        hint = "name a file in a folder that exists"
        raise UsageError(f"cannot write {path}: it {problem}", hint)
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            yield out
        return
    part = part_of(path)
    try:
        with part.open("xb") as out:
            yield out
            reach("mid_export")
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        _remove(part)
        message = f"cannot write {path}: {error.strerror or error}"
        raise StorageError(message, "check the folder and its free space") from error
    except BaseException:
        _remove(part)
        raise


def _remove(part: Path) -> None:
    with suppress(OSError):
        part.unlink()


@contextmanager
def file_errors(action: str, path: Path) -> Iterator[None]:
    """Turns an OSError inside into a StorageError: `cannot write FILE: No space left on device`."""
    try:
        yield
    except OSError as error:
        hint = "check the disk and the folder's permissions"
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            hint = "free some space and run again"
        raise StorageError(f"cannot {action} {path}: {error.strerror or error}", hint) from error


def sync(folder: Path) -> None:
    """Returns once everything in the folder is safely on disk, including the names."""
    for path in (*folder.rglob("*"), folder):
        sync_one(path)


def left_over(folder: Path) -> Iterator[Path]:
    """The hidden files in a folder whose process has ended, in the order of their names.

    Nothing needs them, and nothing else has such names.
    """
    if not folder.is_dir():
        return
    for path in sorted(folder.glob(".*.part")):
        match = _PART.fullmatch(path.name)
        if match and not _is_running(int(match[1])):
            yield path


def sync_one(path: Path) -> None:
    """Makes a file, or the changed names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # it belongs to another user
    return True
