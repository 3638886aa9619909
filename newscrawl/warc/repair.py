"""Closing what a crash left open, before the next crawl begins."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.files import file_errors, sync_one
from newscrawl.warc.files import OPEN, SUFFIX, TORN, final_name
from newscrawl.warc.gzip_members import Finding, scan

_WINDOW = 2**20


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of a file that was left open: its bytes kept, and its torn tail, now in `torn_file`.

    `findings` are all stretches without a whole record; those before the tail were left where they are, so that
    every pointer behind them still resolves.
    """

    warc_file: str
    kept_bytes: int
    torn_bytes: int
    torn_file: str | None
    findings: tuple[Finding, ...]


def repair(folder: Path) -> list[Repair]:
    """Closes every `.open` file of the folder, cut back to its last whole record. Hold the archive's lock.

    A record is acknowledged only when it is whole, so the tail holds no acknowledged one; even so it is kept, beside
    the file as `.torn`. A file without any whole record becomes its `.torn` entirely, an empty one goes. A kill in the
    middle of a repair does no harm: the next one does it again. StorageError where there is no room for the tail.
    """
    return [_close(path) for path in sorted(folder.glob(f"*{SUFFIX}{OPEN}"))]


def _close(path: Path) -> Repair:
    final = path.with_name(final_name(path))
    torn = path.with_name(final.name + TORN)
    with file_errors("repair", path):
        if final.exists():
            raise ArchiveDamaged(
                f"{final} is there twice, open and closed", "move one of the two away and run again"
            )
        size = path.stat().st_size
        end, findings = _last_whole_record(path)
        if end < size:
            _keep_tail(path, end, torn)
            os.truncate(path, end)
        if end:
            sync_one(path)
            path.rename(final)
        else:
            path.unlink()
        sync_one(path.parent)
    return Repair(final.name, end, size - end, torn.name if end < size else None, findings)


def _last_whole_record(path: Path) -> tuple[int, tuple[Finding, ...]]:
    end = 0
    findings: list[Finding] = []
    with path.open("rb") as file:
        for found in scan(file):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                end = found.offset + found.length
    return end, tuple(findings)


def _keep_tail(path: Path, start: int, torn: Path) -> None:
    """Copies the bytes from `start` on, complete under their name only when they are on the disk."""
    half = torn.with_name(torn.name + ".tmp")
    with path.open("rb") as source, half.open("wb") as target:
        source.seek(start)
        while part := source.read(_WINDOW):
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    half.replace(torn)
    sync_one(torn.parent)
