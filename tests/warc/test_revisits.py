"""Revisit records: when a page is stored as a reference to an earlier record, and how it is read back."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.records import Capture, Exchange
from newscrawl.warc import Place, check, pages, read_at
from tests.support.archive_cases import PAGE, UNCHANGED, article, pointer, write_pages, writer

LATER = PAGE.fetched_at + timedelta(days=1)
SAME = replace(PAGE, fetched_at=LATER, response_headers=((b"X-Day", b"2"),))
STILL = replace(UNCHANGED, fetched_at=LATER)


def write_after(
    folder: Path, first: Exchange, second: Exchange
) -> tuple[Capture, Capture, dict[str, str]]:
    """Two captures in two files, the second written with the place of the first; its WARC fields."""
    _, (before,) = write_pages(folder, first)
    with writer(folder) as warc:
        after = warc.write(second, Place.of(pointer(before)))
    return before, after, fields_at(folder, after)


def fields_at(folder: Path, capture: Capture) -> dict[str, str]:
    """The header of the record that a capture points at."""
    name, offset, length = pointer(capture)
    record = gzip.decompress((folder / name).read_bytes()[offset : offset + length])
    header = record.partition(b"\r\n\r\n")[0].decode()
    return dict(line.split(": ", 1) for line in header.split("\r\n")[1:])


@pytest.fixture
def repeated(tmp_path: Path) -> tuple[Path, Capture, Capture]:
    """A folder with a page and a reference to it, in two files."""
    before, after, _ = write_after(tmp_path, PAGE, SAME)
    return tmp_path, before, after


def test_304_refers_to_its_page_and_has_no_block(tmp_path: Path) -> None:
    _, after, fields = write_after(tmp_path, PAGE, STILL)
    assert fields["WARC-Type"] == "revisit"
    assert fields["WARC-Profile"].endswith("/revisit/server-not-modified")
    assert fields["WARC-Refers-To-Target-URI"] == PAGE.url
    assert fields["WARC-Refers-To-Date"] == "2026-11-24T08:30:05Z"
    assert fields["WARC-Payload-Digest"] == "sha1:4MQVZEUPEQWA5JJRACXNY2Q7YI4GLERY"
    assert fields["Content-Length"] == "0"
    record = read_at(tmp_path, *pointer(after))
    assert (record.status, record.reason, record.payload) == (304, "Not Modified", b"")
    assert record.headers == (("ETag", '"v1"'),)
    assert record.payload_digest is after.payload_digest is None


def test_same_payload_refers_to_its_page_and_is_read_from_there(tmp_path: Path) -> None:
    before, after, fields = write_after(tmp_path, PAGE, SAME)
    assert fields["WARC-Profile"].endswith("/revisit/identical-payload-digest")
    assert fields["WARC-Refers-To"] == fields_at(tmp_path, before)["WARC-Record-ID"]
    assert after.payload_digest == before.payload_digest
    record = read_at(tmp_path, *pointer(after))
    assert (record.status, record.payload, record.headers) == (200, PAGE.body, (("X-Day", "2"),))
    assert (record.payload_digest, record.fetched_at) == (before.payload_digest, LATER)


def test_reference_to_a_reference_leads_to_the_page(
    repeated: tuple[Path, Capture, Capture],
) -> None:
    folder, before, after = repeated
    with writer(folder) as warc:
        third = warc.write(
            replace(STILL, fetched_at=LATER + timedelta(days=1)), Place.of(pointer(after))
        )
        fourth = warc.write(
            replace(SAME, fetched_at=LATER + timedelta(days=2)), Place.of(pointer(after))
        )
    for capture in (third, fourth):
        fields = fields_at(folder, capture)
        assert fields["WARC-Refers-To"] == fields_at(folder, before)["WARC-Record-ID"]
    assert read_at(folder, *pointer(fourth)).payload == PAGE.body


@pytest.mark.parametrize(
    "second",
    [
        replace(SAME, body=b"another page"),
        replace(SAME, fetched_at=PAGE.fetched_at),  # replay finds records by their second
        replace(SAME, body=b""),
    ],
    ids=["other_payload", "same_second", "empty"],
)
def test_other_pages_are_stored_whole(tmp_path: Path, second: Exchange) -> None:
    first = replace(PAGE, body=second.body) if not second.body else PAGE
    _, after, fields = write_after(tmp_path, first, second)
    assert fields["WARC-Type"] == "response"
    assert read_at(tmp_path, *pointer(after)).payload == second.body


def test_304_with_long_headers_keeps_them_in_its_block(tmp_path: Path) -> None:
    headers = ((b"X-Long", b"x" * 5000),)
    _, after, fields = write_after(tmp_path, PAGE, replace(STILL, response_headers=headers))
    assert "WARC-Refers-To" not in fields
    assert read_at(tmp_path, *pointer(after)).headers == (("X-Long", "x" * 5000),)


def test_damaged_page_is_stored_again(tmp_path: Path) -> None:
    path, (before,) = write_pages(tmp_path, PAGE)
    data = bytearray(path.read_bytes())
    data[(before.warc_offset or 0) + (before.warc_length or 0) - 5] ^= 1  # the checksum
    path.write_bytes(data)
    with writer(tmp_path) as warc:
        after = warc.write(SAME, Place.of(pointer(before)))
    assert fields_at(tmp_path, after)["WARC-Type"] == "response"


def test_page_is_found_in_a_file_that_a_merge_has_renamed(
    repeated: tuple[Path, Capture, Capture],
) -> None:
    folder, before, after = repeated
    name = before.warc_file or ""
    (folder / name).rename(folder / name.replace(".warc.gz", "-0123456789ab.warc.gz"))
    with writer(folder) as warc:  # gets the name that is free again
        assert warc.write(article(1, b"<p>of the other archive</p>")).warc_file == name
    assert read_at(folder, *pointer(after)).payload == PAGE.body


def test_lost_page_is_reported(repeated: tuple[Path, Capture, Capture]) -> None:
    folder, before, after = repeated
    (folder / (before.warc_file or "")).unlink()
    with pytest.raises(ArchiveDamaged, match="the page that this revisit refers to is not in"):
        read_at(folder, *pointer(after))
    (path,) = folder.glob("*.warc.gz")
    assert [found.code for found in check(path)] == ["original"]
    assert list(pages(path, lambda path, finding: None)) == []
