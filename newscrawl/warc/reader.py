"""Reads pages back, by pointer or file by file. Pages that differ from their digest are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NoReturn, cast, get_args

from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.files import file_errors
from newscrawl.core.records import Origin, PageKind
from newscrawl.core.text import declared_charset
from newscrawl.warc import linked
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
from newscrawl.warc.records import ANSWER, digest, meta_of
from newscrawl.warc.revisits import payload_of, place_in

Pairs = tuple[tuple[str, str], ...]

_STATUS = re.compile(rb"HTTP/[\d.]+ +(\d{3})(?: (.*))?")
_KINDS: tuple[str, ...] = get_args(PageKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A page as it was fetched, and where it is stored: all that a rebuild needs.

    `payload` is as received; `headers` are in the order received, decoded as Latin-1. Records of
    other crawlers have no `kind`, `category` and `page`, and their `asked_url` is `url`. A 304 has
    an empty payload without a digest. A page that was the same as before has the payload of the
    record that it refers to.
    """

    url: str
    asked_url: str
    kind: PageKind | None
    category: str | None
    page: int | None
    moved_permanently: bool
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
    origin: Origin | None = None  # the foreign record that an imported page was copied from

    @property
    def body(self) -> bytes:
        """The payload without content-encoding; PageRejected if it cannot be decoded."""
        return decoded(self.payload, self.header("content-encoding", joined=True))

    @property
    def charset(self) -> str | None:
        """The charset in the Content-Type header; None if it has none."""
        return declared_charset(self.header("content-type"))

    def header(self, name: str, *, joined: bool = False) -> str | None:
        """The last value of a header, or all values joined by commas; None if there is none."""
        values = [value for key, value in self.headers if key.lower() == name]
        if not values:
            return None
        return ", ".join(values) if joined else values[-1]


def raise_damage(path: Path, finding: Finding) -> NoReturn:
    """Raises an ArchiveDamaged with the finding."""
    if finding.code in (linked.MISSING, linked.CHANGED):
        place = path.parent.parent / linked.FOLDER
        raise ArchiveDamaged(finding.message, f"put that file back, or put it into {place}/")
    where = f"{path}, offset {finding.offset}"
    raise ArchiveDamaged(f"damaged WARC file: {where}: {finding.message}", "run: newscrawl verify")


def read_at(folder: Path, warc_file: str, offset: int, length: int) -> Record:
    """The page at a pointer; ArchiveDamaged if that is not exactly one whole page."""
    with open_warc(folder, warc_file) as file, file_errors("read", folder / warc_file):
        try:
            return _page_at(file, folder, warc_file, offset, length)
        except BadRecord as bad:
            raise_damage(folder / warc_file, Finding(bad.code, offset, length, bad.message))


def pages(
    path: Path, on_damage: Callable[[Path, Finding], None] = raise_damage
) -> Iterator[Record]:
    """Every page of a WARC file, open or closed, in the order of writing. Requests are left out.

    `on_damage` receives each stretch without a whole record, and reading continues behind it. By
    default the first one raises ArchiveDamaged. The file of a running crawl may end in a record
    that is not completely written yet.
    """
    info: Mapping[str, str] = {}
    name = final_name(path)
    with file_errors("read", path), path.open("rb") as file:
        for item in scan(file):
            if isinstance(item, Finding):
                on_damage(path, item)
            elif item.fields.get("warc-type") == "warcinfo":
                info = named_values(item.block)
            elif is_page(item):
                try:
                    yield page_of(item, path.parent, name, info)
                except BadRecord as bad:
                    on_damage(path, Finding(bad.code, item.offset, item.length, bad.message))


def count_pages(path: Path) -> int:
    """How many whole records of pages the file has; their digests are not checked."""
    with file_errors("read", path), path.open("rb") as file:
        return sum(isinstance(item, RawRecord) and is_page(item) for item in scan(file))


def is_page(raw: RawRecord) -> bool:
    """Whether the record is an HTTP response, or a 304 (stored as a revisit)."""
    is_http = raw.fields.get("content-type", "").startswith("application/http")
    return is_http and raw.fields.get("warc-type") in {"response", "revisit"}


def page_of(raw: RawRecord, folder: Path, warc_file: str, info: Mapping[str, str]) -> Record:
    """The page in a record; BadRecord if it differs from the record's header.

    `folder` has the file that a revisit may refer to.
    """
    check_block(raw)
    meta = meta_of(raw.fields)
    head, _, payload = raw.block.partition(b"\r\n\r\n")
    if not head and ANSWER in meta:
        head = meta[ANSWER].encode("latin-1", "replace")
    status_line, *header_lines = head.split(b"\r\n")
    status = _STATUS.fullmatch(status_line)
    if not status:
        raise BadRecord("not_http", f"expected an HTTP response, found {status_line[:20]!r}")
    claimed_digest = raw.fields.get("warc-payload-digest")
    if raw.fields["warc-type"] == "revisit":
        if int(status[1]) == 304:
            claimed_digest = None  # that of the page which has not changed
        elif linked.is_linked(meta):
            payload = linked.linked_payload(folder, meta, claimed_digest)
        elif place_in(raw.fields) is not None:
            payload = payload_of(raw, folder)
    else:
        actual_digest = digest(payload)
        if claimed_digest != actual_digest:
            raise BadRecord(
                "digest",
                f"the digest of the payload is {actual_digest}, the record claims {claimed_digest}",
            )
    target = raw.fields.get("warc-target-uri", "")
    return Record(
        url=meta.get("url", target),
        asked_url=meta.get("asked", target),
        kind=cast(PageKind, meta["kind"]) if meta.get("kind") in _KINDS else None,
        category=meta.get("category"),
        page=int(meta["page"]) if "page" in meta else None,
        moved_permanently="moved" in meta,
        status=int(status[1]),
        reason=(status[2] or b"").decode("latin-1"),
        headers=tuple(_pair(line) for line in header_lines),
        payload=payload,
        fetched_at=_date(raw.fields.get("warc-date", "")),
        payload_digest=claimed_digest,
        block_digest=raw.fields["warc-block-digest"],
        warc_file=warc_file,
        offset=raw.offset,
        length=raw.length,
        warcinfo=info,
        origin=_origin_of(meta),
    )


def _origin_of(meta: Mapping[str, str]) -> Origin | None:
    """The foreign record that a page was copied from; None for a page that a crawl fetched."""
    if "source" not in meta:
        return None
    return Origin(
        source=meta["source"],
        record=meta.get("source_record"),
        address=meta.get("source_address"),
    )


def check_block(raw: RawRecord) -> None:
    """BadRecord if the record's block, which contains the payload, differs from its digest."""
    claimed = raw.fields.get("warc-block-digest")
    actual = digest(raw.block)
    if claimed != actual:
        raise BadRecord(
            "digest", f"the digest of the block is {actual}, the record claims {claimed}"
        )


def _page_at(file: BinaryIO, folder: Path, warc_file: str, offset: int, length: int) -> Record:
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
        info = {}  # the page is whole, even if the first record of the file is damaged
    return page_of(raw, folder, warc_file, info)


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
