"""Checks a WARC file to its last byte: structure, checksums, digests, and what a rebuild needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from newscrawl.warc.files import final_name
from newscrawl.warc.gzip_members import BadRecord, Finding, RawRecord, scan
from newscrawl.warc.reader import Record, check_block, is_page, page_of


def check(
    path: Path,
    start: int = 0,
    end: int | None = None,
    on_page: Callable[[Record], None] = lambda page: None,
) -> Iterator[Finding]:
    """Everything that is wrong with the file, in its order. Never raises, whatever the file holds.

    `on_page` receives every whole page. `start` and `end` select a part of the file and must be the
    beginnings of records. A part without findings is sound; the kind of a finding is reliable only
    for a whole file.
    """
    try:
        yield from _check(path, start, end, on_page)
    except FileNotFoundError:
        yield Finding("missing", 0, 0, "the file is missing")
    except OSError as error:
        yield Finding("unreadable", 0, 0, f"the file cannot be read: {error.strerror or error}")


def _check(
    path: Path, start: int, end: int | None, on_page: Callable[[Record], None]
) -> Iterator[Finding]:
    name = final_name(path)
    expects_warcinfo = start == 0
    reached = start
    with path.open("rb") as file:
        for item in scan(file, start, end):
            if isinstance(item, Finding):
                yield item
                continue
            if expects_warcinfo and item.fields.get("warc-type") != "warcinfo":
                message = "the file does not name its site"
                yield Finding("no_warcinfo", item.offset, item.length, message)
            expects_warcinfo = False
            reached = item.offset + item.length
            yield from _check_record(item, path.parent, name, on_page)
    if end is not None and reached != end:
        yield Finding("damaged", reached, 0, f"expected a record to end at {end}")


def _check_record(
    record: RawRecord, folder: Path, name: str, on_page: Callable[[Record], None]
) -> Iterator[Finding]:
    try:
        if is_page(record):
            on_page(page_of(record, folder, name, {}))
        else:
            check_block(record)
    except BadRecord as bad:
        yield Finding(bad.code, record.offset, record.length, bad.message)
