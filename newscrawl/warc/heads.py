"""The head of a record: its WARC header and the HTTP header in it, without reading the page."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.files import file_errors
from newscrawl.warc.compression import GZIP
from newscrawl.warc.files import open_warc
from newscrawl.warc.gzip_members import BadRecord, named_values

_MOST = 256 * 1024  # bytes, decompressed; a crawl accepts headers of 64 KiB at most
_CHUNK = 4096
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record is: a file by its final name, and bytes in it."""

    warc_file: str
    offset: int
    length: int

    @classmethod
    def of(cls, place: tuple[str, int, int]) -> Self:
        """The place with this file, offset and length."""
        warc_file, offset, length = place
        return cls(warc_file=warc_file, offset=offset, length=length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The fields of a record, by names in lower case, and its HTTP header if it has one."""

    place: Place
    fields: Mapping[str, str]
    http: bytes

    @property
    def status(self) -> str | None:
        """The status of the HTTP response; None if the record has no HTTP header."""
        parts = self.http.partition(b"\r\n")[0].split(b" ")
        return parts[1].decode("latin-1") if len(parts) > 1 and parts[1].isdigit() else None

    @property
    def media_type(self) -> str | None:
        """The media type in the HTTP header, without its parameters."""
        lines = self.http.partition(b"\r\n")[2]
        value = named_values(lines).get("content-type", "")
        return value.partition(";")[0].strip().lower() or None


def head_at(folder: Path, place: Place) -> Head:
    """The head of the record at a place. ArchiveDamaged if there is none."""
    with (
        open_warc(folder, place.warc_file) as file,
        file_errors("read", folder / place.warc_file),
    ):
        try:
            return read_head(file, place)
        except BadRecord as bad:
            where = f"{folder / place.warc_file}, offset {place.offset}"
            raise ArchiveDamaged(
                f"damaged WARC file: {where}: {bad.message}", "run: newscrawl verify"
            ) from bad


def read_head(file: BinaryIO, place: Place) -> Head:
    """The same from an open file; BadRecord if there is no record."""
    if place.offset < 0:
        raise BadRecord("bad_length", "an offset cannot be negative")
    file.seek(place.offset)
    header, start = _parts(file)
    version, _, lines = header.partition(b"\r\n")
    if not version.startswith(b"WARC/1."):
        raise BadRecord("not_warc", f"expected a WARC record, found {header[:20]!r}")
    return Head(place=place, fields=named_values(lines), http=start.partition(_END)[0])


def _parts(file: BinaryIO) -> tuple[bytes, bytes]:
    """The header of the record, and the beginning of its block: at least the HTTP header."""
    decompressor = zlib.decompressobj(GZIP)
    data = b""
    while len(data) < _MOST and not decompressor.eof and data.count(_END) < 2:
        chunk = file.read(_CHUNK)
        if not chunk:
            break
        try:
            data += decompressor.decompress(chunk, _MOST)
        except zlib.error as error:
            raise BadRecord("damaged", f"a record does not decompress: {error}") from error
    header, end, block = data.partition(_END)
    if not end:
        raise BadRecord("torn", "a record has no end of its header")
    return header, block
