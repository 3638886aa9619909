"""Revisit records: a page that was the same as before is stored as a reference to its first record.

WARC/1.1 has two profiles. `server-not-modified` is a 304; `identical-payload-digest` is a response
whose payload is that of an earlier one. Replay tools find that record by its address and date.
newscrawl finds it by the file and offset that it has noted beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged, StorageError
from newscrawl.core.files import file_errors
from newscrawl.warc.files import final_name, open_warc, warc_files
from newscrawl.warc.gzip_members import BadRecord, RawRecord, read_record
from newscrawl.warc.heads import Head, Place, head_at
from newscrawl.warc.records import digest, meta_of


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
        head = head_at(folder, place)
        referred = place_in(head.fields)
        if head.fields.get("warc-type") == "revisit" and referred is not None:
            head = head_at(folder, referred)
    except (BadRecord, ArchiveDamaged, StorageError):
        return None
    return _original_of(head)


def is_whole(folder: Path, original: Original) -> bool:
    """Whether the record can be read, and its payload is the one that its header names."""
    try:
        raw = _record_at(folder, original.place)
    except (BadRecord, ArchiveDamaged, StorageError):
        return False
    return digest(_payload_of(raw)) == original.payload_digest


def payload_of(raw: RawRecord, folder: Path) -> bytes:
    """The payload of an `identical-payload-digest` revisit, from the record that it refers to.

    BadRecord if that record is not there, or has another payload.
    """
    referred = place_in(raw.fields)
    if referred is None:
        raise BadRecord("original", "the revisit does not say where its page is stored")
    claimed = raw.fields.get("warc-payload-digest")
    for place in _places(folder, referred):
        with suppress(BadRecord, ArchiveDamaged):
            original = _record_at(folder, place)
            payload = _payload_of(original)
            if _is_of(original.fields, raw.fields) and digest(payload) == claimed:
                return payload
    raise BadRecord(
        "original",
        f"the page that this revisit refers to is not in {referred.warc_file} at {referred.offset}",
    )


def referred_place(folder: Path, fields: Mapping[str, str]) -> Place | None:
    """Where the record is that a revisit with these fields refers to; None if it is not there."""
    referred = place_in(fields)
    if referred is None:
        return None
    for place in _places(folder, referred):
        with suppress(BadRecord, ArchiveDamaged):
            if _is_of(head_at(folder, place).fields, fields):
                return place
    return None


def place_in(fields: Mapping[str, str]) -> Place | None:
    """Where the record is that a revisit refers to, as it was noted; None if it was not."""
    meta = meta_of(fields)
    try:
        return Place(
            warc_file=meta["original_file"],
            offset=int(meta["original_offset"]),
            length=int(meta["original_length"]),
        )
    except (KeyError, ValueError):
        return None


def _original_of(head: Head) -> Original | None:
    names = ("warc-record-id", "warc-target-uri", "warc-date", "warc-payload-digest")
    fields = head.fields
    if fields.get("warc-type") != "response" or any(not fields.get(name) for name in names):
        return None
    record_id, target, date, payload_digest = (fields[name] for name in names)
    return Original(
        record_id=record_id,
        target=target,
        date=date,
        payload_digest=payload_digest,
        place=head.place,
    )


def _places(folder: Path, noted: Place) -> Iterator[Place]:
    """Where a record may be: as noted, or in a file that a merge of two archives has renamed."""
    yield noted
    for path in warc_files(folder):
        name = final_name(path)
        if name != noted.warc_file:
            yield replace(noted, warc_file=name)


def _is_of(original: Mapping[str, str], revisit: Mapping[str, str]) -> bool:
    return original.get("warc-record-id") == revisit.get("warc-refers-to")


def _record_at(folder: Path, place: Place) -> RawRecord:
    if place.offset < 0:
        raise BadRecord("bad_length", "an offset cannot be negative")
    with (
        open_warc(folder, place.warc_file) as file,
        file_errors("read", folder / place.warc_file),
    ):
        raw = read_record(file, place.offset)
    if raw.length != place.length:
        raise BadRecord("bad_length", f"expected a record of {place.length} bytes")
    return raw


def _payload_of(raw: RawRecord) -> bytes:
    return raw.block.partition(b"\r\n\r\n")[2]
