"""Checking a WARC file to the last byte: structure, checksums, digests, and what a rebuild would need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .members import BadRecord, Finding, RawRecord, scan
from .reader import check_block, is_page, page_of


def check(path: Path) -> Iterator[Finding]:
    """Everything wrong with the file, in its order; nothing for a sound one. Never raises, whatever the file holds."""
    try:
        with path.open("rb") as file:
            first = True
            for found in scan(file):
                if isinstance(found, Finding):
                    yield found
                    continue
                if first and found.fields.get("warc-type") != "warcinfo":
                    yield Finding("no_warcinfo", found.offset, found.length, "the file does not say which site it is")
                first = False
                yield from _wrong_with(found)
    except FileNotFoundError:
        yield Finding("missing", 0, 0, "the file is missing")
    except OSError as error:
        yield Finding("unreadable", 0, 0, f"the file cannot be read: {error.strerror or error}")


def _wrong_with(record: RawRecord) -> Iterator[Finding]:
    try:
        if is_page(record):
            page_of(record, "", {})
        else:
            check_block(record)
    except BadRecord as bad:
        yield Finding(bad.code, record.offset, record.length, bad.message)
