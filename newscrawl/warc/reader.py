"""Reading pages back: by pointer, and file by file. Nothing is given out that does not match its digest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast, get_args

from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.files import file_errors
from newscrawl.core.records import PageKind
from newscrawl.warc.content_encoding import decoded
from newscrawl.warc.files import final_name, open_warc
from newscrawl.warc.gzip_members import (
    BadRecord,
    Finding,
    RawRecord,
    named_values,
    read_record,
    scan,
)
from newscrawl.warc.records import META, digest

Pairs = tuple[tuple[str, str], ...]

_STATUS = re.compile(rb"HTTP/[\d.]+ +(\d{3})(?: (.*))?")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_KINDS: tuple[str, ...] = get_args(PageKind)


@dataclass(frozen=True, slots=True)
class Record:
    """A page as it was fetched, and where it lies: what a Capture was made of, so that a rebuild needs no more.

    `payload` is as received; `headers` are in the order received, decoded as Latin-1. A file of another crawler has
    no `kind`, `category` and `page`, and `asked_url` is then `url`. A 304 has an empty payload and no digest of it.
    """

    url: str
    asked_url: str
    kind: PageKind | None
    category: str | None
    page: int | None
    status: int
    reason: str
    headers: Pairs
    payload: bytes = field(repr=False)
    fetched_at: datetime
    payload_digest: str | None
    block_digest: str
    warc_file: str
    offset: int
    length: int
    warcinfo: Mapping[str, str] = field(repr=False)

    @property
    def body(self) -> bytes:
        """The payload free of content-encoding; PageRejected where it cannot be decoded."""
        return decoded(self.payload, self.header("content-encoding", joined=True))

    @property
    def charset(self) -> str | None:
        """What the Content-Type header claims."""
        found = _CHARSET.search(self.header("content-type") or "")
        return found.group(1) if found else None

    def header(self, name: str, *, joined: bool = False) -> str | None:
        """The last value of a header, or all of them joined by commas; None where it is not there."""
        values = [value for key, value in self.headers if key.lower() == name]
        return ", ".join(values) if joined and values else values[-1] if values else None


def raise_damage(path: Path, finding: Finding) -> None:
    """Makes an ArchiveDamaged of a Finding."""
    where = f"{path}, offset {finding.offset}"
    raise ArchiveDamaged(f"damaged WARC file: {where}: {finding.message}", "run: newscrawl verify")


def read_at(folder: Path, warc_file: str, offset: int, length: int) -> Record:
    """The page that a pointer names; ArchiveDamaged where it does not resolve to exactly one whole page."""
    with open_warc(folder, warc_file) as file, file_errors("read", folder / warc_file):
        try:
            return _page_at(file, warc_file, offset, length)
        except BadRecord as bad:
            raise_damage(folder / warc_file, Finding(bad.code, offset, length, bad.message))
            raise


def pages(
    path: Path, on_damage: Callable[[Path, Finding], None] = raise_damage
) -> Iterator[Record]:
    """Every page of a WARC file, open or closed, in the order it was written; requests are passed over.

    `on_damage` is told of each stretch that holds no whole record, and reading goes on behind it; without it the
    first one ends the reading. The file of a running crawl may end in a record that is only half there yet.
    """
    info: Mapping[str, str] = {}
    with file_errors("read", path), path.open("rb") as file:
        for found in scan(file):
            if isinstance(found, Finding):
                on_damage(path, found)
            elif found.fields.get("warc-type") == "warcinfo":
                info = named_values(found.block)
            elif is_page(found):
                try:
                    yield page_of(found, final_name(path), info)
                except BadRecord as bad:
                    on_damage(path, Finding(bad.code, found.offset, found.length, bad.message))


def is_page(raw: RawRecord) -> bool:
    """Whether the record is an HTTP response, or the 304 that stands for one."""
    http = raw.fields.get("content-type", "").startswith("application/http")
    return http and raw.fields.get("warc-type") in {"response", "revisit"}


def page_of(raw: RawRecord, warc_file: str, info: Mapping[str, str]) -> Record:
    """The page that a record holds; BadRecord where it is not what its header says."""
    check_block(raw)
    head, _, payload = raw.block.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    status = _STATUS.fullmatch(first)
    if not status:
        raise BadRecord("not_http", f"expected an HTTP response, found {first[:20]!r}")
    payload_digest = raw.fields.get("warc-payload-digest")
    if raw.fields["warc-type"] == "response" and payload_digest != digest(payload):
        raise BadRecord(
            "digest", f"the payload's digest is {digest(payload)}, the record says {payload_digest}"
        )
    target = raw.fields.get("warc-target-uri", "")
    meta = meta_of(raw)
    return Record(
        url=meta.get("url", target),
        asked_url=meta.get("asked", target),
        kind=cast(PageKind, meta["kind"]) if meta.get("kind") in _KINDS else None,
        category=meta.get("category"),
        page=int(meta["page"]) if "page" in meta else None,
        status=int(status[1]),
        reason=(status[2] or b"").decode("latin-1"),
        headers=tuple(_pair(line) for line in lines),
        payload=payload,
        fetched_at=_date(raw.fields.get("warc-date", "")),
        payload_digest=payload_digest,
        block_digest=raw.fields["warc-block-digest"],
        warc_file=warc_file,
        offset=raw.offset,
        length=raw.length,
        warcinfo=info,
    )


def check_block(raw: RawRecord) -> None:
    """BadRecord where the record's block, which holds its payload, is not what its digest says."""
    claimed, actual = raw.fields.get("warc-block-digest"), digest(raw.block)
    if claimed != actual:
        raise BadRecord("digest", f"the block's digest is {actual}, the record says {claimed}")


def meta_of(raw: RawRecord) -> dict[str, str]:
    """What newscrawl noted of the fetch, numbers as text; empty in other crawlers' records, BadRecord if unreadable."""
    text = raw.fields.get(META.lower())
    if text is None:
        return {}
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRecord("bad_meta", f"{META} is not JSON: {error}") from error
    fits = isinstance(values, dict) and all(type(value) in (str, int) for value in values.values())
    if not fits or type(values.get("page", 0)) is not int:
        raise BadRecord(
            "bad_meta", f"{META} is not an object of texts and a page number: {text[:80]!r}"
        )
    return {name: str(value) for name, value in values.items()}


def _page_at(file: BinaryIO, warc_file: str, offset: int, length: int) -> Record:
    if offset < 0:
        raise BadRecord("bad_length", "an offset cannot be negative")
    raw = read_record(file, offset)
    if raw.length != length:
        raise BadRecord(
            "bad_length", f"expected a record of {length} bytes, found one of {raw.length}"
        )
    if not is_page(raw):
        raise BadRecord(
            "not_http", f"expected a page, found a {raw.fields.get('warc-type')} record"
        )
    try:
        info = named_values(read_record(file, 0).block)
    except BadRecord:
        info = {}  # the page is whole, whatever has become of the file's first record
    return page_of(raw, warc_file, info)


def _pair(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(":")
    return name, value.strip(" \t")


def _date(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadRecord("bad_date", f"expected a UTC time in WARC-Date, found {text[:40]!r}")
    return at
