"""Closes the WARC files that a crash left open, before the next crawl begins."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from newscrawl.core.boundaries import check_plain
from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.files import file_errors, sync_one
from newscrawl.warc.files import OPEN, SUFFIX, TORN, final_name
from newscrawl.warc.gzip_members import Finding, scan

_WINDOW = 2**20
_NO_END = 2**63 - 1  # SQLite has no larger number


@dataclass(frozen=True, slots=True)
class Repair:
    """The result for one file: the bytes kept, and the bytes of its torn tail, now in `torn_file`.

    `findings` are all stretches without a whole record. Those before the tail are kept in place, so
    that the pointers behind them stay valid.
    """

    warc_file: str
    kept_bytes: int
    torn_bytes: int
    torn_file: str | None
    findings: tuple[Finding, ...]

    def lost(self) -> list[tuple[int, int]]:
        """The stretches of the file, as (start, end), that hold no whole record."""
        stretches = [(found.offset, found.offset + found.length) for found in self.findings]
        return [*stretches, (self.kept_bytes, _NO_END)]


def _do_nothing(found: Repair) -> None:
    """The default action before a file is closed."""


def repair(folder: Path, before: Callable[[Repair], None] = _do_nothing) -> list[Repair]:
    """Closes every `.open` file of the folder after its last whole record. Hold the archive's lock.

    The database refers only to whole records, so the tail is not needed. It is kept nevertheless,
    next to the file as `.torn`. A file without a whole record becomes a `.torn` file, and an empty
    one is deleted. A repair that is killed is repeated by the next one. StorageError if there is no
    room for the tail. `before` is called with what was found before the file is changed. If it
    fails, or the process is killed, the file is still open for the next repair.
    """
    return [_close(path, before) for path in sorted(folder.glob(f"*{SUFFIX}{OPEN}"))]


def _close(path: Path, before: Callable[[Repair], None]) -> Repair:
    check_plain(path)
    final = path.with_name(final_name(path))
    torn = path.with_name(final.name + TORN)
    with file_errors("repair", path):
        if final.exists():
            raise ArchiveDamaged(
                f"{final} exists twice, open and closed", "move one of the two away and run again"
            )
        size = path.stat().st_size
        end, findings = _last_whole_record(path)
        is_torn = end < size
        found = Repair(
            warc_file=final.name,
            kept_bytes=end,
            torn_bytes=size - end,
            torn_file=torn.name if is_torn else None,
            findings=findings,
        )
        before(found)
        if is_torn:
            _keep_tail(path, end, torn)
            os.truncate(path, end)
        if end:
            sync_one(path)
            path.rename(final)
        else:
            path.unlink()
        sync_one(path.parent)
    return found


def _last_whole_record(path: Path) -> tuple[int, tuple[Finding, ...]]:
    """The offset of the end of the last whole record, and what is wrong with the file."""
    end = 0
    findings: list[Finding] = []
    with path.open("rb") as file:
        for item in scan(file):
            if isinstance(item, Finding):
                findings.append(item)
            else:
                end = item.offset + item.length
    return end, tuple(findings)


def _keep_tail(path: Path, start: int, torn: Path) -> None:
    """Copies the bytes from `start` on. The copy gets its name once the disk has all of it."""
    unfinished = torn.with_name(torn.name + ".tmp")
    with path.open("rb") as source, unfinished.open("wb") as target:
        source.seek(start)
        while part := source.read(_WINDOW):
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    unfinished.replace(torn)
    sync_one(torn.parent)
