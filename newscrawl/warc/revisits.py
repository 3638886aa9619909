"""Revisit records: a page that was the same as before is stored as a reference to its first record.

WARC/1.1 has two profiles. `server-not-modified` is a 304; `identical-payload-digest` is a response
whose payload is that of an earlier one. Replay tools find that record by its address and date.
newscrawl finds it by the file and offset that it has noted beside them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from newscrawl.core.errors import ArchiveDamaged, StorageError
from newscrawl.core.files import file_errors
from newscrawl.warc.compression import GZIP
from newscrawl.warc.files import open_warc, warc_files
from newscrawl.warc.gzip_members import BadRecord, RawRecord, named_values, read_record
from newscrawl.warc.records import digest, meta_of

_HEADER_BYTES = 64 * 1024  # of a record, decompressed; the header of a record of ours is shorter
_CHUNK = 4096


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
class Original:
    """The record of a response that a revisit refers to. `target` and `date` are as it has them."""

    record_id: str
    target: str
    date: str
    payload_digest: str
    place: Place


def original_at(folder: Path, place: Place) -> Original | None:
    """The response at a place, or the one that the revisit there refers to.

    None if there is no such response: it is of another program, or cannot be read.
    """
    try:
        fields = _header_at(folder, place)
        referred = place_in(fields)
        if fields.get("warc-type") == "revisit" and referred is not None:
            place = referred
            fields = _header_at(folder, place)
    except (BadRecord, ArchiveDamaged, StorageError):
        return None
    names = ("warc-record-id", "warc-target-uri", "warc-date", "warc-payload-digest")
    if fields.get("warc-type") != "response" or any(not fields.get(name) for name in names):
        return None
    record_id, target, date, payload_digest = (fields[name] for name in names)
    return Original(
        record_id=record_id, target=target, date=date, payload_digest=payload_digest, place=place
    )


def is_whole(folder: Path, original: Original) -> bool:
    """Whether the record can be read, and its payload is the one that its header names."""
    try:
        raw = _record_at(folder, original.place)
    except (BadRecord, ArchiveDamaged, StorageError):
        return False
    return digest(_payload_of(raw)) == original.payload_digest


def payload_of(raw: RawRecord, folder: Path) -> bytes:
    """The payload of an `identical-payload-digest` revisit, from the record that it refers to.

    The file may have another name since two archives were merged. Then the record is looked for in
    every file of the folder, at its offset. BadRecord if it is not there, or has another payload.
    """
    place = place_in(raw.fields)
    if place is None:
        raise BadRecord("original", "the revisit does not say where its page is stored")
    record_id = raw.fields.get("warc-refers-to")
    claimed = raw.fields.get("warc-payload-digest")
    for original in _candidates(folder, place):
        if original.fields.get("warc-record-id") != record_id:
            continue
        payload = _payload_of(original)
        if digest(payload) == claimed:
            return payload
    raise BadRecord(
        "original",
        f"the page that this revisit refers to is not in {place.warc_file} at {place.offset}",
    )


def place_in(fields: Mapping[str, str]) -> Place | None:
    """Where the record is that a revisit refers to; None if that was not noted."""
    meta = meta_of(fields)
    try:
        return Place(
            warc_file=meta["original_file"],
            offset=int(meta["original_offset"]),
            length=int(meta["original_length"]),
        )
    except (KeyError, ValueError):
        return None


def _candidates(folder: Path, place: Place) -> Iterator[RawRecord]:
    with suppress(BadRecord, ArchiveDamaged):
        yield _record_at(folder, place)
    for path in warc_files(folder):
        with file_errors("read", path), path.open("rb") as file:
            try:
                raw = read_record(file, place.offset)
            except BadRecord:
                continue
        if raw.length == place.length:
            yield raw


def _record_at(folder: Path, place: Place) -> RawRecord:
    with (
        open_warc(folder, place.warc_file) as file,
        file_errors("read", folder / place.warc_file),
    ):
        raw = read_record(file, _checked(place.offset))
    if raw.length != place.length:
        raise BadRecord("bad_length", f"expected a record of {place.length} bytes")
    return raw


def _payload_of(raw: RawRecord) -> bytes:
    return raw.block.partition(b"\r\n\r\n")[2]


def _header_at(folder: Path, place: Place) -> dict[str, str]:
    """The fields of a record's header, without decompressing what follows it."""
    with (
        open_warc(folder, place.warc_file) as file,
        file_errors("read", folder / place.warc_file),
    ):
        file.seek(_checked(place.offset))
        header = _decompressed_header(file)
    version_end = header.find(b"\r\n")
    if not header.startswith(b"WARC/1.") or version_end < 0:
        raise BadRecord("not_warc", f"expected a WARC record, found {header[:20]!r}")
    return named_values(header[version_end + 2 :])


def _checked(offset: int) -> int:
    if offset < 0:
        raise BadRecord("bad_length", "an offset cannot be negative")
    return offset


def _decompressed_header(file: BinaryIO) -> bytes:
    decompressor = zlib.decompressobj(GZIP)
    data = b""
    while len(data) < _HEADER_BYTES and not decompressor.eof:
        chunk = file.read(_CHUNK)
        if not chunk:
            break
        try:
            data += decompressor.decompress(chunk, _HEADER_BYTES)
        except zlib.error as error:
            raise BadRecord("damaged", f"a record does not decompress: {error}") from error
        header, end, _ = data.partition(b"\r\n\r\n")
        if end:
            return header
    raise BadRecord("torn", "a record has no end of its header")
