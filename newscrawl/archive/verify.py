"""Whether an archive still holds what it said it holds: the database, the full text, and every raw page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged, StorageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import is_locked
from newscrawl.core.processes import Workers, jobs_for
from newscrawl.store.admin.backup_and_check import (
    Flaw,
    Pointer,
    check_database,
    check_full_text,
    pointers,
)
from newscrawl.store.connection import open_reader
from newscrawl.warc import Record, check, read_at, warc_files
from newscrawl.warc.files import final_name

STRETCH = 1_000_000  # bytes of WARC that a worker checks between two results
WORTH_WORKERS = (
    50_000_000  # bytes of WARC: below, starting the processes takes longer than the work
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a WARC file (None: it is not there) and the pointers into it; `end` None: to the end of the file."""

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
) -> Iterator[Flaw]:
    """Every flaw found, one by one; nothing is written and nothing is mended.

    `jobs` processes read the raw pages (None: the cores, if it pays); the flaws come in the order of the files.
    """
    with closing(open_reader(folder)) as db:
        yield from check_database(db)
        if not is_locked(folder):
            yield from check_full_text(folder)
        if warc:
            files = warc_files(ArchiveFolder(folder).warc)
            jobs = jobs_for(jobs, sum(path.stat().st_size for path in files), WORTH_WORKERS)
            with Workers(jobs, __name__, (Stretch, Pointer, Flaw)) as workers:
                yield from _check_files(
                    ArchiveFolder(folder).warc, workers, stretches(files, pointers(db)), on_pages
                )


def _check_files(
    folder: Path, workers: Workers, parts: Iterator[Stretch], on_pages: Callable[[int], None]
) -> Iterator[Flaw]:
    call = partial(_check, folder)
    for path, results in groupby(workers.map(call, parts), key=lambda each: each[0].path):
        done = []
        for stretch, flaws in results:
            done.append((stretch, flaws))
            on_pages(len(stretch.pointers))
        if len(done) > 1 and any(flaws for _, flaws in done):
            # Cut in parts, damage looks like something else.
            done = [(whole := _whole(path, [stretch for stretch, _ in done]), call(whole))]
        for _, flaws in done:
            yield from flaws


def stretches(files: Sequence[Path], pointers: Iterable[Pointer]) -> Iterator[Stretch]:
    """Every file once, whole or in parts of about STRETCH bytes that begin where a pointer says that a record does."""
    left = list(files)
    for name, group in groupby(pointers, key=lambda each: each.warc_file):
        path = next((path for path in left if final_name(path) == name), None)
        if path is not None:
            left.remove(path)
        yield from _cut(path, group)
    yield from (Stretch(path, 0, None, ()) for path in left)


def _cut(path: Path | None, pointers: Iterable[Pointer]) -> Iterator[Stretch]:
    start, held = 0, list[Pointer]()
    for pointer in pointers:
        if pointer.offset - start >= STRETCH:
            yield Stretch(path, start, pointer.offset, tuple(held))
            start, held = pointer.offset, []
        held.append(pointer)
    yield Stretch(path, start, None, tuple(held))


def _whole(path: Path | None, parts: Iterable[Stretch]) -> Stretch:
    return Stretch(path, 0, None, tuple(pointer for part in parts for pointer in part.pointers))


def _check(folder: Path, stretch: Stretch) -> list[Flaw]:
    """What is wrong with pointers and with the records between them, each of which is read once."""
    pages: dict[int, tuple[int, str, str | None]] = {}

    def note(page: Record) -> None:
        pages[page.offset] = page.length, page.url, page.payload_digest

    found = list(check(stretch.path, stretch.start, stretch.end, note)) if stretch.path else []
    flaws = [
        flaw
        for each in stretch.pointers
        if pages.get(each.offset) != (each.length, each.url, each.digest)
        for flaw in check_pointer(folder, each)
    ]
    name = stretch.path.name if stretch.path else ""
    return flaws + [
        Flaw(f"warc_{each.code}", f"{name} at {each.offset}", each.message) for each in found
    ]


def check_pointer(folder: Path, pointer: Pointer) -> Iterator[Flaw]:
    """Whether a capture's pointer leads to the whole record of that very page."""
    where = f"capture {pointer.capture_id} ({pointer.url})"
    try:
        record = read_at(folder, pointer.warc_file, pointer.offset, pointer.length)
    except (ArchiveDamaged, StorageError) as error:
        yield Flaw("pointer", where, error.message)
        return
    if record.url != pointer.url or record.payload_digest != pointer.digest:
        yield Flaw(
            "pointer",
            where,
            f"{pointer.warc_file} at {pointer.offset} holds another page: {record.url}",
        )
