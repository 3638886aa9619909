"""Revisits of other archives: with a block, without one, and with a 304, as different programs write them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.history.test_import import ONE, revisions, rows, run
from tests.support.foreign_archives import Stored, archive, story

PAGE = Stored(url=ONE, at="2020-01-02T04:00:00Z", body=story(1))
REFERS = {"WARC-Refers-To-Target-URI": ONE, "WARC-Refers-To-Date": PAGE.at}
AGAIN = Stored(url=ONE, at="2020-03-01T00:00:00Z", revisit=True, fields=REFERS)
UNCHANGED = Stored(
    url=ONE,
    at=AGAIN.at,
    status="304 Not Modified",
    headers=((b"ETag", b"1"),),
    revisit=True,
    fields=REFERS,
)


def without_block(record: Stored) -> bytes:
    """The record as newscrawl writes one of a 304."""
    header = record.warc.partition(b"\r\n\r\n")[0]
    length = b"Content-Length: %d" % len(record.message)
    return header.replace(length, b"Content-Length: 0") + b"\r\n\r\n\r\n\r\n"


@pytest.mark.parametrize(
    "revisit",
    [AGAIN.warc, UNCHANGED.warc, without_block(AGAIN)],
    ids=["same_payload", "not_modified", "without_block"],
)
@pytest.mark.parametrize("is_first", [False, True])
def test_a_revisit_shows_the_page_that_it_refers_to(
    tmp_path: Path, revisit: bytes, is_first: bool
) -> None:
    records = [revisit, PAGE.warc] if is_first else [PAGE.warc, revisit]
    file = tmp_path / "x.warc.gz"
    file.write_bytes(b"".join(map(gzip.compress, records)))
    folder = archive(tmp_path / "data")
    assert run(folder, file).exit_code == 0
    assert revisions(folder) == [(PAGE.at, "A bridge opens")]
    assert rows(folder, "SELECT fetched_at FROM articles WHERE key = '1'") == [(AGAIN.at,)]
