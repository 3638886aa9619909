"""Raw pages as one WACZ file: WARC files, an index and a list of pages, for ReplayWeb.page.

https://specs.webrecorder.net/wacz/1.1.1/. The file is written from front to back, with one record
at a time in memory.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from typing import IO, BinaryIO

from newscrawl.core.times import to_utc_text
from newscrawl.core.version import VERSION
from newscrawl.export.cdxj import (
    Indexed,
    Written,
    line_of,
    note_link,
    records,
    sorted_lines,
    surt,
)
from newscrawl.store.filters import Filter
from newscrawl.store.read.raw_pages import (
    RawPage,
    ReadPage,
    category_names,
    read_pages,
    site_titles,
)
from newscrawl.warc import Head, Place
from newscrawl.warc.copying import copied_records, size_of
from newscrawl.warc.gzip_members import BadRecord
from newscrawl.warc.records import meta_of

WACZ_VERSION = "1.1.1"
_WINDOW = 2**20
_INDEX = "index.cdx.gz"
_LINES = 3000  # of the index in each compressed block: a reader loads one block for an address


def write_wacz(
    db: sqlite3.Connection,
    warc: Path,
    only: Filter,
    out: BinaryIO,
    tick: Callable[[], None],
    *,
    now: datetime,
) -> Written:
    """Writes the captures that the filter chooses; `warc` is the folder of the WARC files."""
    written = Written()
    with zipfile.ZipFile(out, "w", allowZip64=True) as archive:
        package = _Package(archive, now)
        copy = _Copy(db, warc, package, written, tick)
        # Sorting takes all lines first, so that all WARC files are written before the index.
        with sorted_lines(copy.lines(only)) as lines:
            _write_index(package, lines)
        read = (page for page in read_pages(db, only) if page.capture_id not in written.left_out)
        _write_pages(package, read, copy.listings)
        package.write_description(_title(db, only))
    return written


class _Package:
    """The ZIP file. Every part is listed with its size and digest in the description."""

    def __init__(self, archive: zipfile.ZipFile, now: datetime) -> None:
        self._archive = archive
        self._now = now
        self._resources: list[dict[str, object]] = []

    @contextmanager
    def part(self, path: str, largest: int, *, compressed: bool = False) -> Iterator[_Part]:
        """A new part of at most `largest` bytes.

        WARC files and the index are not compressed again, so that readers can jump to any record.
        """
        info = zipfile.ZipInfo(path, self._now.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        # Whether the header needs the form for more than 2 GiB has to be known before. It must not
        # have it without need: ReplayWeb.page would look for the part 20 bytes before its place.
        info.file_size = largest
        with self._archive.open(info, "w") as file:
            part = _Part(file)
            yield part
        self._resources.append(
            {
                "name": path.rpartition("/")[2].lower(),
                "path": path,
                "hash": part.digest,
                "bytes": part.size,
            }
        )

    def add(self, path: str, file: BinaryIO, *, compressed: bool = False) -> None:
        """Adds what was written to a temporary file."""
        size = file.tell()
        file.seek(0)
        with self.part(path, size, compressed=compressed) as part:
            while data := file.read(_WINDOW):
                part.write(data)

    def write_description(self, title: str) -> None:
        """Writes datapackage.json and its digest."""
        created = to_utc_text(self._now)
        description = {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "title": title,
            "created": created,
            "modified": created,
            "software": f"newscrawl/{VERSION}",
            "resources": self._resources,
        }
        text = json.dumps(description, indent=2, ensure_ascii=False).encode()
        digest = {"path": "datapackage.json", "hash": _digest(text)}
        for name, data in (
            ("datapackage.json", text),
            ("datapackage-digest.json", json.dumps(digest, indent=2).encode()),
        ):
            self._archive.writestr(zipfile.ZipInfo(name, self._now.timetuple()[:6]), data)


class _Part:
    """A part that is being written: its size and digest so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Appends bytes."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written."""
        return f"sha256:{self._hash.hexdigest()}"


class _Copy:
    """Copies the records into the package. `listings` are the lines of category pages."""

    def __init__(
        self,
        db: sqlite3.Connection,
        warc: Path,
        package: _Package,
        written: Written,
        tick: Callable[[], None],
    ) -> None:
        self._db, self._warc, self._package = db, warc, package
        self._written, self._tick = written, tick
        self._names = category_names(db)
        self._key_of = surt()
        self.listings: list[bytes] = []

    def lines(self, only: Filter) -> Iterator[bytes]:
        """Writes a WARC file for each of the archive; the lines of the index."""
        indexed = records(self._db, self._warc, only, self._written)
        for warc_file, of_file in groupby(indexed, lambda each: each.head.place.warc_file):
            largest = size_of(self._warc, warc_file)
            with self._package.part(f"archive/{warc_file}", largest) as part:
                yield from self._lines_of_file(warc_file, of_file, part)

    def _lines_of_file(
        self, warc_file: str, of_file: Iterable[Indexed], part: _Part
    ) -> Iterator[bytes]:
        pages: dict[int, RawPage] = {}

        def heads() -> Iterator[Head]:
            for each in of_file:
                if note_link(each.head, self._written):
                    self._leave_out(each.page)
                    continue
                if each.page is not None:
                    pages[each.page.offset] = each.page
                yield each.head

        for head, data in copied_records(self._warc, warc_file, heads()):
            if isinstance(data, BadRecord):
                assert head is not None
                where = f"{self._warc / warc_file}, offset {head.place.offset}"
                self._written.unreadable.append(f"damaged WARC file: {where}: {data.message}")
                self._leave_out(pages.get(head.place.offset))
                continue
            start = part.size
            part.write(data)
            if head is None:
                continue
            page = pages.pop(head.place.offset, None)
            if page is not None:
                self._written.pages += 1
                self._tick()
                self._note_listing(page, head)
            place = Place(warc_file=warc_file, offset=start, length=head.place.length)
            yield line_of(head, place, self._key_of)

    def _leave_out(self, page: RawPage | None) -> None:
        if page is not None:
            self._written.left_out.add(page.capture_id)

    def _note_listing(self, page: RawPage, head: Head) -> None:
        """Keeps the line of a category page that was sent as a whole."""
        if page.kind != "listing" or page.status == 304:
            return
        meta = meta_of(head.fields)
        key = meta.get("category", "")
        title = self._names.get((page.site, key), key)
        number = int(meta.get("page", "1"))
        if number > 1:
            title = f"{title} ({number})"
        self.listings.append(_page_line(page.capture_id, page.url, page.seen_at, title, None))


def _write_index(package: _Package, lines: Iterator[bytes]) -> None:
    """The index in compressed blocks, and the first line of each block with its place."""
    blocks: list[bytes] = []
    with tempfile.TemporaryFile() as file:
        part = _Part(file)
        while block := list(islice(lines, _LINES)):
            data = gzip.compress(b"".join(block), mtime=0)
            key, time, _ = block[0].split(b" ", 2)
            place = {
                "offset": part.size,
                "length": len(data),
                "digest": _digest(data),
                "filename": _INDEX,
            }
            blocks.append(b" ".join([key, time, json.dumps(place).encode()]) + b"\n")
            part.write(data)
        package.add(f"indexes/{_INDEX}", file)
    header = {"format": "cdxj-gzip-1.0", "filename": _INDEX}
    with tempfile.TemporaryFile() as file:
        file.write(b"!meta 0 " + json.dumps(header).encode() + b"\n")
        file.writelines(blocks)
        package.add("indexes/index.idx", file, compressed=True)


def _write_pages(
    package: _Package, articles: Iterable[ReadPage], listings: Iterable[bytes]
) -> None:
    """The list of pages: each version of an article with its text, and the category pages."""
    header = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(header).encode() + b"\n")
        for page in articles:
            title = page.title or ""
            file.write(_page_line(page.capture_id, page.url, page.seen_at, title, page.text))
        file.writelines(listings)
        package.add("pages/pages.jsonl", file, compressed=True)


def _page_line(capture_id: int, url: str, seen_at: str, title: str, text: str | None) -> bytes:
    page = {"id": str(capture_id), "url": url, "ts": seen_at, "title": title}
    if text is not None:
        page["text"] = text
    return json.dumps(page, ensure_ascii=False).encode() + b"\n"


def _title(db: sqlite3.Connection, only: Filter) -> str:
    """The names of the sites."""
    return ", ".join(site_titles(db, only.site)) or "newscrawl"


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
