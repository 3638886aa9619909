"""Copies records as they are, gzip member by gzip member, into another WARC file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from newscrawl.core.files import file_errors
from newscrawl.warc.files import open_warc
from newscrawl.warc.gzip_members import BadRecord, read_record
from newscrawl.warc.heads import Head

Copied = tuple[Head | None, bytes] | tuple[Head, BadRecord]


def copied_records(folder: Path, warc_file: str, heads: Iterable[Head]) -> Iterator[Copied]:
    """The first record of a file (with None), then each of these records and its request.

    Instead of the bytes of a record that is not whole, the reason is given.
    """
    with open_warc(folder, warc_file) as file, file_errors("read", folder / warc_file):
        info = _warcinfo(file)
        if info:
            yield None, info
        for head in heads:
            try:
                yield head, _with_request(file, head)
            except BadRecord as bad:
                yield head, bad


def size_of(folder: Path, warc_file: str) -> int:
    """The size of a file in bytes."""
    with open_warc(folder, warc_file) as file:
        return file.seek(0, os.SEEK_END)


def _warcinfo(file: BinaryIO) -> bytes:
    """The record that names the program and the site; empty if the file has none."""
    try:
        record = read_record(file, 0)
    except BadRecord:
        return b""
    if record.fields.get("warc-type") != "warcinfo":
        return b""
    return _bytes_at(file, 0, record.length)


def _with_request(file: BinaryIO, head: Head) -> bytes:
    place = head.place
    record = read_record(file, place.offset)
    if record.length != place.length:
        raise BadRecord("bad_length", f"expected a record of {place.length} bytes")
    return _bytes_at(file, place.offset, place.length + _request_length(file, head))


def _request_length(file: BinaryIO, head: Head) -> int:
    """The length of the request that follows a response; 0 if none does (imported pages)."""
    try:
        record = read_record(file, head.place.offset + head.place.length)
    except BadRecord:
        return 0
    is_its_request = record.fields.get("warc-type") == "request" and (
        record.fields.get("warc-concurrent-to") == head.fields.get("warc-record-id")
    )
    return record.length if is_its_request else 0


def _bytes_at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
