"""Checks that an archive still has what it stored: database, full text and raw pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged, NewscrawlError, StorageError
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.core.lock import archive_lock, is_locked
from newscrawl.core.processes import ProcessPool, jobs_for
from newscrawl.store.admin.check import (
    Flaw,
    Pointer,
    can_check_full_text,
    check_database,
    check_full_text,
    open_leniently,
    pointers,
)
from newscrawl.store.connection import Connection
from newscrawl.store.write.store import Store
from newscrawl.warc import Record, check, read_at, warc_files
from newscrawl.warc.files import final_name
from newscrawl.warc.linked import CHANGED, MISSING

STRETCH = 1_000_000  # bytes of WARC that a worker checks between two results
# Bytes of WARC. For less, starting the processes takes longer than the work.
WORTH_WORKERS = 50_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a WARC file, and the pointers into it.

    `path` is None for a file that is missing, `end` is None for a part up to the end of the file.
    """

    path: Path | None
    start: int
    end: int | None
    pointers: tuple[Pointer, ...]


def verify(
    folder: Path,
    *,
    warc: bool = True,
    jobs: int | None = None,
    on_pages: Callable[[int], None] = lambda number: None,
    on_left_out: Callable[[str], None] = lambda message: None,
) -> Iterator[Flaw]:
    """Yields every flaw. Nothing is written, and nothing is repaired.

    `jobs` processes check the raw pages (None: one per core, if that pays). Their flaws come in the
    order of the files. `on_left_out` receives what could not be checked, and why. UsageError if
    there is no archive.
    """
    try:
        yield from check_database(folder)
        yield from _check_index(folder, on_left_out)
        db = open_leniently(folder)
    except NewscrawlError as error:
        if type(error) is not NewscrawlError and not isinstance(error, ArchiveDamaged):
            raise
        yield Flaw("corrupt", DATABASE, error.message)
        db = None
    if not warc:
        return
    warc_folder = ArchiveFolder(folder).warc
    files = warc_files(warc_folder)
    size = sum(path.stat().st_size for path in files)
    records = (Stretch, Pointer, Flaw)
    with (
        nullcontext() if db is None else closing(db),
        ProcessPool(jobs_for(jobs, size, WORTH_WORKERS), __name__, records) as workers,
    ):
        parts = stretches(files, () if db is None else _readable_pointers(db))
        yield from _check_files(warc_folder, workers, parts, on_pages)


def _check_index(folder: Path, on_left_out: Callable[[str], None]) -> Iterator[Flaw]:
    if is_locked(folder):
        on_left_out("the full-text index is not checked while another run holds the archive")
    elif not can_check_full_text(folder):
        on_left_out("the full-text index is not checked, because the archive cannot be written")
    else:
        yield from check_full_text(folder)


def _readable_pointers(db: Connection) -> Iterator[Pointer]:
    """The pointers up to a page of the database that cannot be read, which is a flaw already."""
    with suppress(ArchiveDamaged):
        yield from pointers(db)


def _check_files(
    folder: Path, workers: ProcessPool, parts: Iterator[Stretch], on_pages: Callable[[int], None]
) -> Iterator[Flaw]:
    check_part = partial(_check, folder)
    results = workers.map(check_part, parts)
    for path, file_results in groupby(results, key=lambda result: result[0].path):
        file_parts = []
        flaws: list[Flaw] = []
        for part, part_flaws in file_results:
            file_parts.append(part)
            flaws += part_flaws
            on_pages(len(part.pointers))
        if flaws and len(file_parts) > 1:
            # The kind of damage is known only for the whole file: a part may end in its middle.
            flaws = check_part(_whole_file(path, file_parts))
        yield from flaws


def stretches(files: Sequence[Path], pointers: Iterable[Pointer]) -> Iterator[Stretch]:
    """Each file once, whole or in parts of about STRETCH bytes.

    A part begins at a record to which a pointer leads.
    """
    left = list(files)
    for name, file_pointers in groupby(pointers, key=lambda pointer: pointer.warc_file):
        path = next((path for path in left if final_name(path) == name), None)
        if path is not None:
            left.remove(path)
        yield from _cut(path, file_pointers)
    for path in left:
        yield Stretch(path, 0, None, ())


def _cut(path: Path | None, pointers: Iterable[Pointer]) -> Iterator[Stretch]:
    start = 0
    inside: list[Pointer] = []
    for pointer in pointers:
        if pointer.offset - start >= STRETCH:
            yield Stretch(path, start, pointer.offset, tuple(inside))
            start = pointer.offset
            inside = []
        inside.append(pointer)
    yield Stretch(path, start, None, tuple(inside))


def _whole_file(path: Path | None, parts: Iterable[Stretch]) -> Stretch:
    pointers: list[Pointer] = []
    for part in parts:
        pointers += part.pointers
    return Stretch(path, 0, None, tuple(pointers))


def _check(folder: Path, stretch: Stretch) -> list[Flaw]:
    """The flaws of pointers, then those of the records. Each record is read once."""
    pages: dict[int, tuple[int, str, str | None]] = {}

    def note_page(page: Record) -> None:
        pages[page.offset] = (page.length, page.url, page.payload_digest)

    findings = []
    name = ""
    if stretch.path is not None:
        findings = list(check(stretch.path, stretch.start, stretch.end, note_page))
        name = stretch.path.name
    of_links = {one.offset: one for one in findings if one.code in (MISSING, CHANGED)}
    reported: set[int] = set()
    flaws: list[Flaw] = []
    for pointer in stretch.pointers:
        expected = (pointer.length, pointer.url, pointer.digest)
        if pages.get(pointer.offset) == expected:
            continue
        finding = of_links.get(pointer.offset)
        if finding is None:
            flaws += check_pointer(folder, pointer)
            continue
        # One flaw of the page and its record: both are whole, and the linked file is not there.
        reported.add(pointer.offset)
        code = f"warc_{finding.code}"
        flaws.append(Flaw(code, _where(pointer), finding.message, pointer.capture_id))
    for finding in findings:
        if finding.offset in reported:
            continue
        where = f"{name} at {finding.offset}"
        flaws.append(Flaw(f"warc_{finding.code}", where, finding.message))
    return flaws


def _where(pointer: Pointer) -> str:
    return f"capture {pointer.capture_id} ({pointer.url})"


def check_pointer(folder: Path, pointer: Pointer) -> Iterator[Flaw]:
    """A flaw if the pointer of a capture does not lead to the whole record of its page."""
    where = _where(pointer)
    try:
        record = read_at(folder, pointer.warc_file, pointer.offset, pointer.length)
    except (ArchiveDamaged, StorageError) as error:
        yield Flaw("pointer", where, error.message, pointer.capture_id)
        return
    if record.url != pointer.url or record.payload_digest != pointer.digest:
        message = f"{pointer.warc_file} at {pointer.offset} holds another page: {record.url}"
        yield Flaw("pointer", where, message, pointer.capture_id)


@dataclass(frozen=True, slots=True)
class Repaired:
    """The flaws that `repair_pages` has removed, and the number of pages that are queued again."""

    flaws: tuple[Flaw, ...]
    pages: int


def repair_pages(folder: Path, flaws: Iterable[Flaw], now: datetime) -> Repaired:
    """Gives up the raw pages that cannot be read, and queues their pages again.

    What was read from them is kept, and so are the bytes in the WARC files. Each pointer is checked
    once more, since a crawl may have run in the meantime. ArchiveLocked while one runs, and
    ArchiveDamaged for a damaged database.
    """
    suspects = {flaw.capture_id: flaw for flaw in flaws if flaw.capture_id is not None}
    if not suspects:
        return Repaired((), 0)
    with (
        archive_lock(folder, "verify"),
        Store(folder) as store,
        closing(open_leniently(folder)) as db,
    ):
        store.check_quickly()
        warc = ArchiveFolder(folder).warc
        lost = []
        for pointer in _readable_pointers(db):
            if pointer.capture_id in suspects and any(check_pointer(warc, pointer)):
                lost.append(pointer.capture_id)
        pages = store.captures.give_up(lost, now)
    return Repaired(tuple(suspects[capture_id] for capture_id in lost), pages)
