"""An index of raw pages in the format CDXJ, as pywb and other replay tools read it.

A line is the address in the order of SURT, the time, and a JSON object. The lines are sorted.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from newscrawl.core.errors import ArchiveDamaged, UsageError
from newscrawl.core.extras import install_hint
from newscrawl.store.filters import Filter
from newscrawl.store.read.raw_pages import RawPage, is_choice, raw_pages
from newscrawl.warc import Head, Place, head_at
from newscrawl.warc.linked import is_linked
from newscrawl.warc.records import LINKED_FILE, meta_of
from newscrawl.warc.revisits import referred_place

_SORTED_AT_ONCE = 100_000  # lines, of about 300 bytes


@dataclass(slots=True)
class Written:
    """How many raw pages were written. Those that cannot be read are left out.

    `linked` pages have their bytes in `linked_files`: an index has them, a WACZ file has not.
    `left_out` has the captures that were left out, by number.
    """

    pages: int = 0
    linked: int = 0
    linked_files: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)
    left_out: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """A record to write, with its head. `page` is None for one that a chosen revisit refers to."""

    head: Head
    page: RawPage | None


def write_cdxj(
    db: sqlite3.Connection,
    warc: Path,
    only: Filter,
    out: BinaryIO,
    tick: Callable[[], None],
) -> Written:
    """Writes the index of the chosen captures; `warc` is the folder of the WARC files."""
    key_of = surt()
    written = Written()

    def lines() -> Iterator[bytes]:
        for record in records(db, warc, only, written):
            written.pages += record.page is not None
            note_link(record.head, written)
            tick()
            yield line_of(record.head, record.head.place, key_of)

    with sorted_lines(lines()) as ordered:
        out.writelines(ordered)
    return written


def records(
    db: sqlite3.Connection, warc: Path, only: Filter, written: Written
) -> Iterator[Indexed]:
    """The chosen records in the order of their bytes.

    Those that chosen revisits refer to are among them, because nothing could be replayed without.
    """
    if not is_choice(only):
        for page in _distinct(raw_pages(db, only)):
            head = _head(warc, _place_of(page), written, page)
            if head is not None:
                yield Indexed(head=head, page=page)
        return
    chosen = {(page.warc_file, page.offset): page for page in raw_pages(db, only)}
    places = {key: _place_of(page) for key, page in chosen.items()}
    for page in chosen.values():
        original = _original(warc, page)
        if original is not None:
            places.setdefault((original.warc_file, original.offset), original)
    for key in sorted(places):
        head = _head(warc, places[key], written, chosen.get(key))
        if head is not None:
            yield Indexed(head=head, page=chosen.get(key))


def note_link(head: Head, written: Written) -> bool:
    """Whether the page of a record is in a linked file, which is noted."""
    meta = meta_of(head.fields)
    if not is_linked(meta):
        return False
    written.linked += 1
    written.linked_files.add(meta[LINKED_FILE])
    return True


def line_of(head: Head, place: Place, key_of: Callable[[str], str]) -> bytes:
    """The line of a record that is at this place."""
    fields = head.fields
    url = fields.get("warc-target-uri", "")
    at = datetime.fromisoformat(fields.get("warc-date", "")).astimezone(UTC)
    is_revisit = fields.get("warc-type") == "revisit"
    values = {
        "url": url,
        "mime": "warc/revisit" if is_revisit else head.media_type or "unk",
        "status": head.status,
        "digest": fields.get("warc-payload-digest"),
        "length": str(place.length),
        "offset": str(place.offset),
        "filename": place.warc_file,
    }
    known = {name: value for name, value in values.items() if value is not None}
    return f"{key_of(url)} {at:%Y%m%d%H%M%S} {json.dumps(known)}\n".encode()


def surt() -> Callable[[str], str]:
    """The function that makes an address the key of an index: `vn,bnews)/tin/1.html`.

    UsageError if the library is missing. It is the one that pywb uses, so that keys are equal.
    """
    try:
        from surt import surt as key_of
    except ImportError as error:
        raise UsageError("an index of addresses needs surt", install_hint("history")) from error

    def key(url: str) -> str:
        return str(key_of(url)).replace(" ", "%20")

    return key


@contextmanager
def sorted_lines(lines: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
    """The lines in order, all of which are taken first. Most are in temporary files meanwhile."""
    with ExitStack() as stack:
        parts: list[Iterable[bytes]] = []
        while part := sorted(islice(lines, _SORTED_AT_ONCE)):
            if len(part) < _SORTED_AT_ONCE:
                parts.append(part)
                break
            file = stack.enter_context(tempfile.TemporaryFile())
            file.writelines(part)
            file.seek(0)
            parts.append(file)
        yield heapq.merge(*parts)


def _distinct(pages: Iterable[RawPage]) -> Iterator[RawPage]:
    """Each record once: a merged archive may have two rows of one."""
    last = ("", -1)
    for page in pages:
        if (page.warc_file, page.offset) != last:
            yield page
        last = (page.warc_file, page.offset)


def _place_of(page: RawPage) -> Place:
    return Place(warc_file=page.warc_file, offset=page.offset, length=page.length)


def _original(warc: Path, page: RawPage) -> Place | None:
    try:
        return referred_place(warc, head_at(warc, _place_of(page)).fields)
    except ArchiveDamaged:
        return None  # reported where the page itself is read


def _head(warc: Path, place: Place, written: Written, page: RawPage | None) -> Head | None:
    try:
        return head_at(warc, place)
    except ArchiveDamaged as error:
        written.unreadable.append(error.message)
        if page is not None:
            written.left_out.add(page.capture_id)
        return None
