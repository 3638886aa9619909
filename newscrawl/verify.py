"""Whether an archive still holds what it said it holds: the database, the full text, and every raw page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from .archive import check, read_at, warc_files
from .errors import ArchiveDamaged, StorageError
from .lock import is_locked
from .store.connection import open_reader
from .store.maintenance import Flaw, Pointer, check_database, check_full_text, pointers

WARC = "warc"


def verify(folder: Path, *, warc: bool = True) -> Iterator[Flaw]:
    """Every flaw found, one by one; nothing is written and nothing is mended."""
    with closing(open_reader(folder)) as db:
        yield from check_database(db)
        if not is_locked(folder):
            yield from check_full_text(folder)
        if warc:
            for pointer in pointers(db):
                yield from check_pointer(folder / WARC, pointer)
    if warc:
        for path in warc_files(folder / WARC):
            for finding in check(path):
                yield Flaw(f"warc_{finding.code}", f"{path.name} at {finding.offset}", finding.message)


def check_pointer(folder: Path, pointer: Pointer) -> Iterator[Flaw]:
    """Whether a capture's pointer leads to the whole record of that very page."""
    where = f"capture {pointer.capture_id} ({pointer.url})"
    try:
        record = read_at(folder, pointer.warc_file, pointer.offset, pointer.length)
    except (ArchiveDamaged, StorageError) as error:
        yield Flaw("pointer", where, error.message)
        return
    if record.url != pointer.url or record.payload_digest != pointer.digest:
        yield Flaw("pointer", where, f"{pointer.warc_file} at {pointer.offset} holds another page: {record.url}")
