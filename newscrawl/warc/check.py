"""Checking a WARC file to the last byte: structure, checksums, digests, and what a rebuild would need."""

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
    """Everything wrong with the file, in its order; nothing for a sound one. Never raises, whatever the file holds.

    `on_page` is given every whole page. A part, from where a record begins to where another does, is sound if nothing
    is found; what is wrong if something is, only the whole file tells.
    """
    try:
        with path.open("rb") as file:
            first, reached = start == 0, start
            for found in scan(file, start, end):
                if isinstance(found, Finding):
                    yield found
                    continue
                if first and found.fields.get("warc-type") != "warcinfo":
                    yield Finding(
                        "no_warcinfo",
                        found.offset,
                        found.length,
                        "the file does not say which site it is",
                    )
                first, reached = False, found.offset + found.length
                yield from _wrong_with(found, final_name(path), on_page)
            if end is not None and reached != end:
                yield Finding("damaged", reached, 0, f"expected a record to end at {end}")
    except FileNotFoundError:
        yield Finding("missing", 0, 0, "the file is missing")
    except OSError as error:
        yield Finding("unreadable", 0, 0, f"the file cannot be read: {error.strerror or error}")


def _wrong_with(
    record: RawRecord, name: str, on_page: Callable[[Record], None]
) -> Iterator[Finding]:
    try:
        if is_page(record):
            on_page(page_of(record, name, {}))
        else:
            check_block(record)
    except BadRecord as bad:
        yield Finding(bad.code, record.offset, record.length, bad.message)
