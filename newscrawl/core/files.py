"""What is made under a hidden name until it is whole, and what runs that were killed have left of it."""

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
    """The name beside the target's under which this process makes it: `.both.4711.part`."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def check_new(folder: Path) -> None:
    """UsageError where there is something already in the place of a folder that is to be made."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} exists and is not an empty folder", "name a folder that does not exist yet"
        )


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A hidden folder, which gets the target's name when the block has ended and the disk has all of it.

    Nothing is left of it where the block fails. UsageError where the target is there and not empty.
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
    """A file that replaces `path` once it is complete. Until then, and on any error, `path` is kept.

    UsageError if `path` cannot be a file. A device or a pipe is written to directly.
    """
    path = path.resolve()
    if path.is_dir() or not path.parent.is_dir():
        problem = "is a folder" if path.is_dir() else "is in a folder that does not exist"
        raise UsageError(
            f"cannot write {path}: it {problem}", "name a file in a folder that exists"
        )
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
        raise StorageError(
            f"cannot write {path}: {error.strerror or error}", "check the folder and its space"
        ) from error
    except BaseException:
        _remove(part)
        raise


def _remove(part: Path) -> None:
    with suppress(OSError):
        part.unlink()


@contextmanager
def file_errors(action: str, path: Path) -> Iterator[None]:
    """Makes a StorageError of every OSError inside: `cannot write FILE: No space left on device`."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        hint = (
            "free some space and run again"
            if full
            else "check the disk and the folder's permissions"
        )
        raise StorageError(f"cannot {action} {path}: {error.strerror or error}", hint) from error


def sync(folder: Path) -> None:
    """Returns once the disk has all of the folder, its names too."""
    for path in (*folder.rglob("*"), folder):
        sync_one(path)


def left_over(folder: Path) -> Iterator[Path]:
    """The parts in a folder whose process is no more, by name; nothing needs them, and nothing else is called so."""
    names = sorted(folder.glob(".*.part")) if folder.is_dir() else []
    for path in names:
        found = _PART.fullmatch(path.name)
        if found and not _runs(int(found[1])):
            yield path


def sync_one(path: Path) -> None:
    """Makes a file, or the new, renamed and removed names of a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    return True
