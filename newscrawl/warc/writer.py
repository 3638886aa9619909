"""Writes WARC files: append only, one crawl per file, only whole records.

`write` returns when the operating system has the bytes, which then survive a kill -9 of newscrawl.
`sync` makes them survive a power cut. Call it before the database commits the pointers to them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from newscrawl.core.errors import StorageError
from newscrawl.core.files import file_errors, sync_one
from newscrawl.core.records import Capture, Exchange
from newscrawl.warc.files import OPEN, SUFFIX
from newscrawl.warc.heads import Place
from newscrawl.warc.records import (
    FORMAT,
    Ids,
    Link,
    date_text,
    digest,
    request_record,
    response_record,
    warcinfo_record,
)
from newscrawl.warc.revisits import Original, is_whole, original_at

SECOND = len("2026-11-24T08:30:05")  # of a WARC-Date without its fraction


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _new_id() -> str:
    return uuid4().urn


def _create(path: Path) -> FileIO:
    return FileIO(path, "xb")


class WarcWriter:
    """The WARC files of one crawl, for one thread. The first write creates the folder and the file.

    A failed append is cut off, so that the file ends in a whole record and writing can continue. If
    that fails too, or if fsync fails (what it lost is unknown), later writes are refused, and the
    file keeps `.open` for the repair. Tests pass `new_id` and `clock` for reproducible bytes, and
    `opener` for disks that fail.
    """

    def __init__(
        self,
        folder: Path,
        *,
        site: str,
        base_url: str,
        version: str,
        crawl_id: int,
        robots: str = "obey",
        operator: str | None = None,
        contact: str | None = None,
        max_bytes: int = 1_000_000_000,
        clock: Callable[[], datetime] = _now,
        new_id: Callable[[], str] = _new_id,
        opener: Callable[[Path], FileIO] = _create,
    ) -> None:
        self._folder = folder
        self._info = {
            "software": f"newscrawl/{version}",
            "format": "WARC File Format 1.1",
            "conformsTo": FORMAT,
            "robots": robots,
            "site": site,
            "base-url": base_url,
            "crawl": str(crawl_id),
        }
        if operator or contact:
            # WARC/1.1: contact information for the operator, preferably a name and an address.
            self._info["operator"] = ", ".join(filter(None, [operator, contact]))
        if contact:
            self._info["contact"] = contact
        self._site = re.sub(r"[^A-Za-z0-9.]+", "_", site)[:80].lstrip(".") or "_"
        self._crawl_id = crawl_id
        self._max_bytes = max_bytes
        self._clock = clock
        self._new_id = new_id
        self._opener = opener
        self._serial = 0
        self._file: FileIO | None = None
        self._path = folder  # the path of the current file, with `.open`
        self._info_id = ""
        self._end = 0  # the end of the last whole record
        self._unsynced = False
        self._name_unsynced = False
        self._refusal: str | None = None

    def write(self, exchange: Exchange, original: Place | Link | None = None) -> Capture:
        """Appends the response and its request, and returns a Capture that points at the response.

        `original` is where an earlier response of the same page is. A response that says the same
        becomes a reference to it. A linked page becomes a reference to the file that has it. An
        imported page has no request, because nobody knows what was
        sent. After a StorageError nothing has been added.
        """
        if self._refusal:
            raise self._refused()
        if self._end >= self._max_bytes:
            self._close_file()
        file = self._file or self._open_file()
        ids = Ids(self._info_id, self._new_id(), self._new_id())
        referred = self._original(exchange, original) if isinstance(original, Place) else original
        response, payload_digest = response_record(exchange, ids, referred)
        warcinfo = self._warcinfo() if self._end == 0 else b""
        offset = self._end + len(warcinfo)
        request = b"" if exchange.origin else request_record(exchange, ids)
        self._append(file, warcinfo + response + request)
        return Capture(
            url=exchange.url,
            kind=exchange.kind,
            status=exchange.status,
            fetched_at=exchange.fetched_at,
            etag=exchange.header(b"etag"),
            last_modified=exchange.header(b"last-modified"),
            warc_file=self._path.name.removesuffix(OPEN),
            warc_offset=offset,
            warc_length=len(response),
            payload_digest=payload_digest,
            moved_permanently=exchange.moved_permanently,
            origin=exchange.origin,
        )

    def _original(self, exchange: Exchange, place: Place) -> Original | None:
        """The response that a revisit may refer to; None if this one needs a copy of its own.

        Replay tools find it by its time, so it must be of another second. No copy is saved unless
        the first one has been read.
        """
        original = original_at(self._folder, place)
        if original is None or original.date[:SECOND] == date_text(exchange.fetched_at)[:SECOND]:
            return None
        if exchange.status == 304:
            return original
        is_same = digest(exchange.body) == original.payload_digest
        return original if is_same and is_whole(self._folder, original) else None

    def sync(self) -> None:
        """Makes everything written so far survive a power cut.

        StorageError also if an earlier fsync failed: a second one may succeed without having
        written what the first one lost.
        """
        if self._file is None or not self._unsynced:
            return
        if self._refusal:
            raise self._refused()
        try:
            with file_errors("write", self._path):
                os.fsync(self._file.fileno())
                if self._name_unsynced:
                    sync_one(self._folder)
        except StorageError:
            self._refusal = "an earlier fsync failed, so its last records may be lost"
            raise
        self._unsynced = False
        self._name_unsynced = False

    def close(self) -> None:
        """Gives the current file its final name. Later writes are refused; may be called again."""
        try:
            self._close_file()
        finally:
            self._refusal = self._refusal or "the writer is closed"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _refused(self) -> StorageError:
        return StorageError(
            f"cannot write {self._path}: {self._refusal}", "run again: the next run repairs it"
        )

    def _open_file(self) -> FileIO:
        """A new file under the next free name.

        After a backup was restored, a crawl may have the number of an earlier one.
        """
        with file_errors("create a WARC file in", self._folder):
            if not self._folder.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                # Without its name in the parent, all files of the new folder would be lost.
                sync_one(self._folder.parent)
            started = self._clock().astimezone(UTC).strftime("%Y%m%d%H%M%S")
            while self._file is None:
                name = f"{self._site}-{started}-{self._crawl_id}-{self._serial:05d}{SUFFIX}"
                self._path = self._folder / (name + OPEN)
                if not (self._folder / name).exists() and not self._path.exists():
                    self._file = self._opener(self._path)
                self._serial += 1
        self._info_id = self._new_id()
        self._end = 0
        self._name_unsynced = True
        return self._file

    def _warcinfo(self) -> bytes:
        return warcinfo_record(
            self._info_id, self._clock(), self._path.name.removesuffix(OPEN), self._info
        )

    def _append(self, file: FileIO, data: bytes) -> None:
        try:
            with file_errors("write", self._path):
                unwritten = memoryview(data)
                while unwritten:
                    written = file.write(unwritten) or 0
                    unwritten = unwritten[written:]
        except BaseException:
            self._cut_back(file)
            raise
        self._end += len(data)
        self._unsynced = True

    def _cut_back(self, file: FileIO) -> None:
        try:
            file.truncate(self._end)
            file.seek(self._end)
        except OSError as error:
            self._refusal = f"an earlier write failed half-way ({error.strerror or error})"

    def _close_file(self) -> None:
        file = self._file
        if file is None:
            return
        try:
            if self._refusal is None:
                self.sync()
        finally:
            self._file = None
            with file_errors("close", self._path):
                file.close()
        if self._refusal is None:
            with file_errors("rename", self._path):
                self._rename()

    def _rename(self) -> None:
        """Gives the closed file its final name. A file without any record is deleted."""
        if self._end:
            self._path.rename(self._folder / self._path.name.removesuffix(OPEN))
        else:
            self._path.unlink()
        sync_one(self._folder)
