"""Reads the records of a WARC file, each from its own gzip member, even if the file is damaged.

A record is whole if its member decompresses to the end, its checksum is right, and it is a WARC
record of the length that it claims. Anything else becomes a Finding, and reading continues at the
next whole record.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from newscrawl.warc.compression import GZIP

MAGIC = b"\x1f\x8b\x08"
# Bytes of an uncompressed record. Responses are limited to 16 MiB, so a larger record is a bomb.
MAX_RECORD = 128 * 2**20
_CHUNK = 16 * 1024  # small, because what is read beyond a member is read again
_WINDOW = 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a WARC file: `length` bytes from `offset` on.

    Codes: 'missing', 'unreadable', 'empty', 'not_gzip' (the whole file), 'torn' (cut off),
    'zero_filled', 'garbage', 'damaged', 'too_large', 'not_warc', 'not_http', 'bad_length',
    'bad_date', 'digest', 'no_warcinfo', 'bad_meta', 'original' (a revisit without its
    page), 'linked_missing', 'linked_changed' (in the file of somebody else).
    """

    code: str
    offset: int
    length: int
    message: str


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A whole record. Field names are in lower case; `block` is what follows the WARC header.

    `length` is that of the gzip member.
    """

    offset: int
    length: int
    fields: dict[str, str]
    block: bytes


class BadRecord(Exception):
    """There is no whole record here. This package turns it into a Finding or ArchiveDamaged."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def scan(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[RawRecord | Finding]:
    """Every whole record in order, and a Finding for each stretch without one. Damage never raises.

    After damage, a record counts only if it names the warcinfo of this file, because a page can
    contain the bytes of a forged record. `start` and `end` must be the beginnings of records; the
    code of a finding is reliable only for a whole file.
    """
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        yield Finding("empty", 0, 0, "the file is empty")
    if end is not None:
        size = min(end, size)
    offset = start
    info: str | None = None
    while offset < size:
        try:
            record = read_record(file, offset)
        except BadRecord as bad:
            next_offset = _next_record(file, offset + 1, size, info)
            yield _finding(file, bad, start=offset, end=next_offset, size=size)
            offset = next_offset
            continue
        yield record
        offset += record.length
        info = info or _info_of(record)


def read_record(file: BinaryIO, offset: int) -> RawRecord:
    """The record that begins at the offset; BadRecord if there is none."""
    file.seek(offset)
    decompressor = zlib.decompressobj(GZIP)
    parts: list[bytes] = []
    remaining = MAX_RECORD
    bytes_read = 0
    while not decompressor.eof:
        chunk = file.read(_CHUNK)
        if not chunk:
            raise BadRecord("torn", "the file ends in the middle of a record")
        bytes_read += len(chunk)
        try:
            part = decompressor.decompress(chunk, remaining)
        except zlib.error as error:
            raise BadRecord("damaged", f"a record does not decompress: {error}") from error
        parts.append(part)
        remaining -= len(part)
        if remaining <= 0:
            raise BadRecord("too_large", f"a record decompresses to more than {MAX_RECORD} bytes")
    fields, block = _parse(b"".join(parts))
    length = bytes_read - len(decompressor.unused_data)
    return RawRecord(offset, length, fields, block)


def named_values(lines: bytes) -> dict[str, str]:
    """`Name: value` lines as a mapping; names in lower case. Of equal names, the first counts."""
    values: dict[str, str] = {}
    for line in lines.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            values.setdefault(name.lower(), value.strip(" \t"))
    return values


def _parse(data: bytes) -> tuple[dict[str, str], bytes]:
    header_end = data.find(b"\r\n\r\n")
    if header_end < 0 or not data.startswith(b"WARC/1."):
        raise BadRecord("not_warc", f"expected a WARC record, found {data[:20]!r}")
    version_end = data.find(b"\r\n")
    fields = named_values(data[version_end + 2 : header_end])
    claimed = fields.get("content-length", "")
    # A record is its header, an empty line, the block and two line ends.
    length = len(data) - header_end - 8
    if claimed != str(length) or not data.endswith(b"\r\n\r\n"):
        raise BadRecord(
            "bad_length", f"a record claims {claimed[:20] or 'no'} bytes and has {max(length, 0)}"
        )
    return fields, data[header_end + 4 : -4]


def _next_record(file: BinaryIO, start: int, size: int, info: str | None) -> int:
    """The offset of the next whole record after damage; the end of the file if there is none."""
    while start < size:
        file.seek(start)
        window = file.read(_WINDOW)
        position = window.find(MAGIC)
        while position >= 0:
            if _is_record(file, start + position, info):
                return start + position
            position = window.find(MAGIC, position + 1)
        # The next window overlaps this one, because a member may begin at the very end.
        start += max(1, len(window) - len(MAGIC) + 1)
    return size


def _is_record(file: BinaryIO, offset: int, info: str | None) -> bool:
    try:
        record = read_record(file, offset)
    except BadRecord:
        return False
    return info is None or _info_of(record) == info


def _info_of(record: RawRecord) -> str | None:
    """The id of the warcinfo that the record is or belongs to."""
    if record.fields.get("warc-type") == "warcinfo":
        return record.fields.get("warc-record-id")
    return record.fields.get("warc-warcinfo-id")


def _finding(file: BinaryIO, bad: BadRecord, *, start: int, end: int, size: int) -> Finding:
    """Names damage by its appearance, because zlib reports most of it as an incorrect header."""
    code, message = bad.code, bad.message
    if _is_all_zero(file, start, end):
        code, message = "zero_filled", "a stretch of zeros, as a power cut leaves them"
    elif code == "damaged" and not _begins_as_gzip(file, start, size):
        if start == 0 and end == size:
            code, message = "not_gzip", "not a gzip file"
        else:
            code, message = "garbage", "bytes that belong to no record"
    elif code == "torn" and end < size:
        code, message = "damaged", "a record that does not end where it should"
    return Finding(code, start, end - start, message)


def _begins_as_gzip(file: BinaryIO, start: int, size: int) -> bool:
    """Also true for a file that ends within the first bytes of a member."""
    file.seek(start)
    return file.read(len(MAGIC)) == MAGIC[: size - start]


def _is_all_zero(file: BinaryIO, start: int, end: int) -> bool:
    file.seek(start)
    while start < end:
        part = file.read(min(_WINDOW, end - start))
        if not part or part.count(0) != len(part):
            return False
        start += len(part)
    return True
