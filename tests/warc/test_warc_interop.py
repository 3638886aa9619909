"""Other tools read the same contents in our files as newscrawl."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from newscrawl.warc import pages
from tests.support.archive_cases import HOSTILE, LISTING, PAGE, UNCHANGED, write_pages


def test_warcio_and_fastwarc_read_the_same_and_confirm_every_digest(tmp_path: Path) -> None:
    compressed = replace(
        PAGE,
        body=gzip.compress("<p>Đường sắt</p>".encode() * 5000),
        response_headers=((b"Content-Encoding", b"gzip"), (b"X-Name", "Đ".encode())),
    )
    path, _ = write_pages(tmp_path, PAGE, LISTING, UNCHANGED, compressed, HOSTILE)
    ours = [(r.offset, r.length, r.status, r.payload) for r in pages(path)]
    with path.open("rb") as file:
        assert list(by_warcio(WarcioIterator(file, check_digests="raise"))) == ours
    with path.open("rb") as file:
        assert [(pos, status, payload) for pos, status, payload in by_fastwarc(file)] == [
            (offset, status, payload) for offset, _, status, payload in ours
        ]


def by_warcio(records: WarcioIterator) -> list[tuple[int, int, int, bytes]]:
    found = []
    for record in records:
        payload = record.raw_stream.read()
        place = records.get_record_offset(), records.get_record_length()
        if record.rec_type in {"response", "revisit"}:
            found.append((*place, int(record.http_headers.get_statuscode()), payload))
    return found


def by_fastwarc(file: object) -> list[tuple[int, int, bytes]]:
    found = []
    for record in FastIterator(file, verify_digests=True):  # type: ignore[arg-type]
        if str(record.record_type) in {"response", "revisit"}:
            found.append(
                (record.stream_pos, record.http_headers.status_code or 0, record.reader.read())
            )
    return found
