"""The records of a WARC file one by one, each in its own gzip member, whatever has happened to the file.

A record counts as whole when its member decompresses to the end, its checksum holds, and it is a WARC record of the
length it claims. What is not whole becomes a Finding, and reading goes on at the next whole record.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"\x1f\x8b\x08"
MAX_RECORD = (
    128 * 2**20
)  # bytes unpacked; responses are limited to 16 MiB, so anything near this is a bomb
_CHUNK = 16 * 1024  # what is read past a member is read again, so small
_WINDOW = 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a WARC file: `length` bytes from `offset` on.

    Codes: 'missing', 'unreadable', 'empty', 'not_gzip' (the whole file), 'torn' (cut off), 'zero_filled', 'garbage',
    'damaged', 'too_large', 'not_warc', 'not_http', 'bad_length', 'bad_date', 'digest', 'no_warcinfo', 'bad_meta'.
    """

    code: str
    offset: int
    length: int
    message: str


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A whole record. Field names are in lower case; `block` is what follows the WARC header."""

    offset: int
    length: int  # of the gzip member
    fields: dict[str, str]
    block: bytes


class BadRecord(Exception):
    """No whole record here; acted on within this package, where it becomes a Finding or an ArchiveDamaged."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def scan(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[RawRecord | Finding]:
    """Every whole record in order, and a Finding for each stretch between them that is none. Never raises on damage.

    After damage a record counts only if it names this file's warcinfo: a page can hold the bytes of a forged record.
    `start` and `end` are where records begin; what is said of damage between them holds for the whole file only.
    """
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        yield Finding("empty", 0, 0, "the file is empty")
    size = size if end is None else min(end, size)
    offset = start
    info: str | None = None
    while offset < size:
        try:
            record = read_record(file, offset)
        except BadRecord as bad:
            end = _next_record(file, offset + 1, size, info)
            yield _finding(file, offset, end, size, bad)
            offset = end
            continue
        yield record
        offset += record.length
        info = info or _info_of(record)


def read_record(file: BinaryIO, offset: int) -> RawRecord:
    """The record that begins at the offset; BadRecord where none does."""
    file.seek(offset)
    unpacker = zlib.decompressobj(31)
    parts: list[bytes] = []
    room, taken = MAX_RECORD, 0
    while not unpacker.eof:
        packed = file.read(_CHUNK)
        if not packed:
            raise BadRecord("torn", "the file ends in the middle of a record")
        taken += len(packed)
        try:
            part = unpacker.decompress(packed, room)
        except zlib.error as error:
            raise BadRecord("damaged", f"a record does not decompress: {error}") from error
        parts.append(part)
        room -= len(part)
        if room <= 0:
            raise BadRecord("too_large", f"a record unpacks to more than {MAX_RECORD} bytes")
    fields, block = _parse(b"".join(parts))
    return RawRecord(offset, taken - len(unpacker.unused_data), fields, block)


def named_values(lines: bytes) -> dict[str, str]:
    """`Name: value` lines as a mapping with names in lower case; of a repeated name the first."""
    values: dict[str, str] = {}
    for line in lines.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            values.setdefault(name.lower(), value.strip(" \t"))
    return values


def _parse(data: bytes) -> tuple[dict[str, str], bytes]:
    end = data.find(b"\r\n\r\n")
    if end < 0 or not data.startswith(b"WARC/1."):
        raise BadRecord("not_warc", f"expected a WARC record, found {data[:20]!r}")
    fields = named_values(data[data.find(b"\r\n") + 2 : end])
    claimed = fields.get("content-length", "")
    length = len(data) - end - 8
    if claimed != str(length) or not data.endswith(b"\r\n\r\n"):
        raise BadRecord(
            "bad_length", f"a record claims {claimed[:20] or 'no'} bytes and has {max(length, 0)}"
        )
    return fields, data[end + 4 : -4]


def _next_record(file: BinaryIO, start: int, size: int, info: str | None) -> int:
    """Where the next whole record after a damaged stretch begins, else the end of the file."""
    while start < size:
        file.seek(start)
        window = file.read(_WINDOW)
        found = window.find(MAGIC)
        while found >= 0:
            if _is_record(file, start + found, info):
                return start + found
            found = window.find(MAGIC, found + 1)
        start += max(1, len(window) - len(MAGIC) + 1)
    return size


def _is_record(file: BinaryIO, offset: int, info: str | None) -> bool:
    try:
        record = read_record(file, offset)
    except BadRecord:
        return False
    return info is None or _info_of(record) == info


def _info_of(record: RawRecord) -> str | None:
    """The id of the warcinfo that the record belongs to, or is."""
    is_info = record.fields.get("warc-type") == "warcinfo"
    return record.fields.get("warc-record-id" if is_info else "warc-warcinfo-id")


def _finding(file: BinaryIO, start: int, end: int, size: int, bad: BadRecord) -> Finding:
    """Names a bad stretch by what it looks like, since zlib calls most of it an incorrect header."""
    file.seek(start)
    looks_packed = file.read(len(MAGIC)) == MAGIC[: size - start]
    code, message = bad.code, bad.message
    if _all_zero(file, start, end):
        code, message = "zero_filled", "a stretch of zeros, as a power cut leaves them"
    elif code == "damaged" and not looks_packed:
        whole = start == 0 and end == size
        code, message = (
            ("not_gzip", "not a gzip file")
            if whole
            else ("garbage", "bytes that belong to no record")
        )
    elif code == "torn" and end < size:
        code, message = "damaged", "a record that does not end where it should"
    return Finding(code, start, end - start, message)


def _all_zero(file: BinaryIO, start: int, end: int) -> bool:
    file.seek(start)
    while start < end:
        part = file.read(min(_WINDOW, end - start))
        if not part or part.count(0) != len(part):
            return False
        start += len(part)
    return True
