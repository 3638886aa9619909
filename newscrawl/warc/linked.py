"""Pages whose bytes stay in a WARC file of somebody else: read there, and checked by their digest.

A record of our own refers to the page by the path of the file and the offset in it. If the file has
moved, it is looked for under its name in the folder `linked/` of the archive.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from newscrawl.warc.compression import GZIP
from newscrawl.warc.gzip_members import MAGIC, MAX_RECORD, BadRecord, named_values
from newscrawl.warc.records import LINKED_FILE, LINKED_OFFSET, digest

FOLDER = "linked"
MISSING, CHANGED = "linked_missing", "linked_changed"
_MOST_BEHIND = 8  # bytes: two line ends, or some more in files of Common Crawl
_CHUNK = 16 * 1024
_HEADER_END = b"\r\n\r\n"
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_CHUNKED = re.compile(rb"^transfer-encoding:.*chunked", re.IGNORECASE | re.MULTILINE)


def is_linked(meta: Mapping[str, str]) -> bool:
    """Whether a record says that its page is in a file of somebody else."""
    return LINKED_FILE in meta


def linked_payload(warc: Path, meta: Mapping[str, str], payload_digest: str | None) -> bytes:
    """The payload that a record with this META refers to. BadRecord if it is not there any more.

    `warc` is the folder of the archive's WARC files.
    """
    noted = Path(meta[LINKED_FILE])
    offset = int(meta.get(LINKED_OFFSET, "0"))
    moved = warc.parent / FOLDER / noted.name
    path = noted if _is_file(noted) else moved
    if not _is_file(path):
        raise BadRecord(MISSING, f"the linked file {noted} is missing")
    try:
        with path.open("rb") as file:
            payload = payload_at(file, offset)
    except OSError as error:
        raise BadRecord(
            MISSING, f"the linked file {path} cannot be read: {error.strerror or error}"
        ) from error
    actual = digest(payload)
    if actual != payload_digest:
        raise BadRecord(
            CHANGED,
            f"the linked file {path} has another page at {offset}: its digest is {actual}, the"
            f" archive has {payload_digest}",
        )
    return payload


def _is_file(path: Path) -> bool:
    """Whether it can be read without waiting. A stranger may have named a pipe or a device."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def payload_at(file: BinaryIO, offset: int) -> bytes:
    """The payload of the response at an offset, without chunks. BadRecord if there is none.

    The file may be compressed record by record, or not at all.
    """
    file.seek(offset)
    is_compressed = file.read(len(MAGIC)) == MAGIC
    file.seek(offset)
    data = _decompressed(file) if is_compressed else _plain(file)
    header, end, block = data.partition(_HEADER_END)
    claimed = named_values(header).get("content-length", "")
    if not end or not header.startswith(b"WARC/1.") or not claimed.isdecimal():
        raise BadRecord("not_warc", f"expected a WARC record, found {data[:20]!r}")
    if len(block) > int(claimed) + _MOST_BEHIND:
        raise BadRecord("not_alone", "the record is compressed together with others")
    block = block[: int(claimed)]
    if len(block) < int(claimed):
        raise BadRecord("torn", "the file ends in the middle of a record")
    head_end = _HEAD_END.search(block)
    if head_end is None:
        raise BadRecord("not_http", f"expected an HTTP response, found {block[:20]!r}")
    body = block[head_end.end() :]
    says_chunked = _CHUNKED.search(block[: head_end.start()]) is not None
    return joined_chunks(body) if says_chunked and is_in_chunks(body) else body


def is_in_chunks(body: bytes) -> bool:
    """Whether a body begins with a chunk. Some archives remove chunks and keep the header."""
    return _CHUNK_SIZE.match(body) is not None


def joined_chunks(body: bytes) -> bytes:
    """The body of a message in chunks. BadRecord if its last chunk is missing."""
    parts: list[bytes] = []
    position = 0
    while True:
        size = _CHUNK_SIZE.match(body, position)
        if size is None:
            raise BadRecord("cut", "its last chunk is missing")
        number = int(size[1], 16)
        if number == 0:
            return b"".join(parts)
        start = size.end()
        part = body[start : start + number]
        if len(part) < number:
            raise BadRecord("cut", "a chunk is not whole")
        parts.append(part)
        position = start + number + len(b"\r\n")


def _decompressed(file: BinaryIO) -> bytes:
    decompressor = zlib.decompressobj(GZIP)
    data = bytearray()
    while not decompressor.eof:
        chunk = file.read(_CHUNK)
        if not chunk:
            raise BadRecord("torn", "the file ends in the middle of a record")
        try:
            data += decompressor.decompress(chunk, MAX_RECORD)
        except zlib.error as error:
            raise BadRecord("damaged", f"a record does not decompress: {error}") from error
        if len(data) > MAX_RECORD:
            raise BadRecord("too_large", f"a record decompresses to more than {MAX_RECORD} bytes")
    return bytes(data)


def _plain(file: BinaryIO) -> bytes:
    """The header and the block of an uncompressed record."""
    data = file.read(_CHUNK)
    header, end, _ = data.partition(_HEADER_END)
    claimed = named_values(header).get("content-length", "")
    if not end or not claimed.isdecimal() or int(claimed) > MAX_RECORD:
        raise BadRecord("not_warc", f"expected a WARC record, found {data[:20]!r}")
    size = len(header) + len(_HEADER_END) + int(claimed)
    return (data + file.read(max(0, size - len(data))))[:size]
