"""WARC files that are written and read back: bytes, names, pointers and encodings."""

from __future__ import annotations

import gzip
from base64 import b32encode
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from newscrawl.core.errors import ArchiveDamaged, StorageError
from newscrawl.core.records import Capture, Exchange
from newscrawl.warc import check, pages, read_at, warc_files
from tests.support.archive_cases import (
    HOSTILE,
    LISTING,
    PAGE,
    START,
    UNCHANGED,
    article,
    pointer,
    write_pages,
    writer,
)

EXPECTED = """\
WARC/1.1
WARC-Type: warcinfo
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>
WARC-Date: 2026-11-24T08:30:00Z
WARC-Filename: news-20261124083000-7-00000.warc.gz
Content-Type: application/warc-fields
WARC-Block-Digest: sha1:4D4E4OQSRK4FZWPA6FUKUIJNFKPU4VSU
Content-Length: 217

software: newscrawl/0.1.0
format: WARC File Format 1.1
conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
robots: obey
site: news
base-url: https://news.example
crawl: 7


WARC/1.1
WARC-Type: response
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000002>
WARC-Date: 2026-11-24T08:30:05Z
WARC-Target-URI: https://news.example/a-1.htm
WARC-Warcinfo-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>
Content-Type: application/http; msgtype=response
WARC-Newscrawl-Meta: {"asked":"https://news.example/a-1.htm?from=home","kind":"article"}
WARC-Payload-Digest: sha1:4MQVZEUPEQWA5JJRACXNY2Q7YI4GLERY
WARC-Block-Digest: sha1:MLHL7OAYQVUC4RHW62SV4BJVJNCOOT57
Content-Length: 163

HTTP/1.1 200 OK
Content-Type: text/html; charset=UTF-8
Set-Cookie: a=1
Set-Cookie: b=2
ETag: "v1"
Last-Modified: Mon, 23 Nov 2026 10:00:00 GMT

<h1>Tin</h1>

WARC/1.1
WARC-Type: request
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000003>
WARC-Date: 2026-11-24T08:30:05Z
WARC-Target-URI: https://news.example/a-1.htm
WARC-Warcinfo-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>
Content-Type: application/http; msgtype=request
WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000002>
WARC-Block-Digest: sha1:VBMSHZIJBYNSMGUBJGPBEPJJKET7UPWV
Content-Length: 100

GET /a-1.htm HTTP/1.1
Host: news.example
User-Agent: newscrawl
Accept-Encoding: gzip, deflate



"""


def test_page_becomes_exactly_these_bytes(tmp_path: Path) -> None:
    path, _ = write_pages(tmp_path, PAGE)
    assert gzip.decompress(path.read_bytes()).decode() == EXPECTED.replace("\n", "\r\n")


def test_capture_points_at_its_response(tmp_path: Path) -> None:
    path, (capture,) = write_pages(tmp_path, PAGE)
    assert capture == Capture(
        url=PAGE.url,
        kind="article",
        status=200,
        fetched_at=PAGE.fetched_at,
        etag='"v1"',
        last_modified="Mon, 23 Nov 2026 10:00:00 GMT",
        warc_file="news-20261124083000-7-00000.warc.gz",
        warc_offset=capture.warc_offset,
        warc_length=capture.warc_length,
        payload_digest="sha1:" + b32encode(sha1(PAGE.body).digest()).decode(),
    )
    member = path.read_bytes()[
        capture.warc_offset : (capture.warc_offset or 0) + (capture.warc_length or 0)
    ]
    assert gzip.decompress(member).endswith(b"<h1>Tin</h1>\r\n\r\n")


def test_record_contains_everything_of_its_exchange(tmp_path: Path) -> None:
    path, captures = write_pages(tmp_path, PAGE, LISTING, UNCHANGED)
    read = [read_at(tmp_path, *pointer(capture)) for capture in captures]
    assert read == list(pages(path))
    for record, exchange, capture in zip(read, (PAGE, LISTING, UNCHANGED), captures, strict=True):
        for name in (
            "url",
            "asked_url",
            "kind",
            "category",
            "page",
            "status",
            "reason",
            "fetched_at",
            "body",
        ):
            assert getattr(record, name) == getattr(exchange, name), name
        assert record.headers == tuple(
            (key.decode(), value.decode()) for key, value in exchange.response_headers
        )
        assert record.payload_digest == capture.payload_digest
        assert (record.warc_file, record.offset, record.length) == pointer(capture)
        assert record.warcinfo["site"] == "news"
        assert record.warcinfo["base-url"] == "https://news.example"
    assert [record.charset for record in read] == ["UTF-8", "UTF-8", None]


def test_pointer_is_valid_before_and_after_the_file_is_closed(tmp_path: Path) -> None:
    with writer(tmp_path) as warc:
        capture = warc.write(PAGE)
        assert [path.name for path in warc_files(tmp_path)] == [
            "news-20261124083000-7-00000.warc.gz.open"
        ]
        before = read_at(tmp_path, *pointer(capture))
    assert [path.name for path in warc_files(tmp_path)] == ["news-20261124083000-7-00000.warc.gz"]
    assert read_at(tmp_path, *pointer(capture)) == before


def test_a_304_is_a_revisit_without_payload(tmp_path: Path) -> None:
    path, (capture,) = write_pages(tmp_path, UNCHANGED)
    text = gzip.decompress(path.read_bytes()).decode()
    assert "WARC-Type: revisit\r\n" in text
    assert "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n" in text
    assert "WARC-Payload-Digest" not in text
    assert (capture.status, capture.payload_digest) == (304, None)


def test_full_file_is_followed_by_another(tmp_path: Path) -> None:
    with writer(tmp_path, max_bytes=2000) as warc:
        captures = [warc.write(article(number)) for number in range(6)]
    assert [path.name for path in warc_files(tmp_path)] == [
        f"news-20261124083000-7-0000{n}.warc.gz"
        for n in range(len({c.warc_file for c in captures}))
    ]
    assert len(warc_files(tmp_path)) > 1
    assert [read_at(tmp_path, *pointer(c)).url for c in captures] == [
        article(n).url for n in range(6)
    ]
    assert all(
        record.warcinfo["site"] == "news" for path in warc_files(tmp_path) for record in pages(path)
    )


def test_crawl_without_responses_leaves_no_file(tmp_path: Path) -> None:
    with writer(tmp_path / "warc"):
        pass
    assert not (tmp_path / "warc").exists()


def test_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    first, _ = write_pages(tmp_path, PAGE)
    before = first.read_bytes()
    with writer(tmp_path) as warc:
        assert warc.write(LISTING).warc_file == "news-20261124083000-7-00001.warc.gz"
    assert first.read_bytes() == before


@pytest.mark.parametrize(
    "site", ["../../etc/x", "127.0.0.1:8000", "-rf", "", ".", "a\0b", "đ" * 300]
)
def test_site_name_does_not_lead_out_of_the_folder(tmp_path: Path, site: str) -> None:
    with writer(tmp_path / "warc", site=site) as warc:
        capture = warc.write(PAGE)
    assert [path.name for path in (tmp_path / "warc").iterdir()] == [capture.warc_file]
    assert read_at(tmp_path / "warc", *pointer(capture)).url == PAGE.url


@pytest.mark.parametrize(
    "name",
    [
        "../secret.warc.gz",
        "/etc/passwd",
        "",
        ".",
        "..",
        "a/b.warc.gz",
        "a\0.warc.gz",
        ".x.warc.gz",
        "x.db",
    ],
)
def test_pointer_does_not_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    outside, (capture,) = write_pages(tmp_path, PAGE)
    outside.rename(tmp_path / "secret.warc.gz")
    (tmp_path / "warc").mkdir()
    with pytest.raises(ArchiveDamaged, match="expected the name of a WARC file"):
        read_at(tmp_path / "warc", name, *pointer(capture)[1:])


def test_pointer_that_is_wrong_by_one_is_refused(tmp_path: Path) -> None:
    _, (first, second) = write_pages(tmp_path, PAGE, LISTING)
    name, offset, length = pointer(second)
    wrong = [
        (offset + 1, length),
        (offset, length - 1),
        (offset, 10**18),
        (0, pointer(first)[1]),
        (-1, 5),
        (10**9, 5),
    ]
    for pair in wrong:
        with pytest.raises(ArchiveDamaged, match="damaged WARC file"):
            read_at(tmp_path, name, *pair)
    with pytest.raises(ArchiveDamaged, match="is missing"):
        read_at(tmp_path, "gone.warc.gz", offset, length)


def test_transfer_encoding_is_stored_under_another_name(tmp_path: Path) -> None:
    headers = ((b"transfer-encoding", b"chunked"), (b"Content-Length", b"99"), (b"Server", b"x"))
    path, _ = write_pages(tmp_path, replace(PAGE, response_headers=headers))
    (record,) = pages(path)
    assert record.headers == (
        ("X-Crawler-transfer-encoding", "chunked"),
        ("X-Crawler-Content-Length", "99"),
        ("Server", "x"),
    )
    with path.open("rb") as file:
        assert [
            r.content_stream().read() for r in WarcioIterator(file) if r.rec_type == "response"
        ] == [PAGE.body]


def test_credentials_of_a_request_are_not_archived(tmp_path: Path) -> None:
    headers = (
        (b"Authorization", b"secret"),
        (b"cookie", b"secret"),
        (b"Proxy-Authorization", b"secret"),
    )
    path, _ = write_pages(
        tmp_path, replace(PAGE, url="https://me:pw@news.example/x", request_headers=headers)
    )
    request = gzip.decompress(path.read_bytes()).split(b"\r\n\r\nGET ")[1]
    assert request.strip() == b"/x HTTP/1.1\r\nHost: news.example"


def test_line_breaks_in_headers_and_urls_do_not_forge_records(tmp_path: Path) -> None:
    path, _ = write_pages(tmp_path, HOSTILE, PAGE)
    assert list(check(path)) == []
    first, second = pages(path)
    assert (first.url, first.asked_url, first.body) == (
        HOSTILE.url,
        HOSTILE.asked_url,
        HOSTILE.body,
    )
    assert first.headers == (("X Forged", "1 WARC/1.1"), ("A B", "c"))
    assert second.url == PAGE.url
    with path.open("rb") as file:
        assert [r.rec_type for r in WarcioIterator(file)] == [
            "warcinfo",
            *["response", "request"] * 2,
        ]


def test_time_of_any_zone_is_stored_in_utc_with_its_fraction(tmp_path: Path) -> None:
    hanoi = datetime(2026, 11, 24, 15, 30, 5, 250000, tzinfo=timezone(timedelta(hours=7)))
    path, _ = write_pages(tmp_path, replace(PAGE, fetched_at=hanoi))
    (record,) = pages(path)
    assert record.fetched_at == hanoi
    assert record.fetched_at.isoformat() == "2026-11-24T08:30:05.250000+00:00"
    with writer(tmp_path) as warc, pytest.raises(ValueError, match="expected a time with a zone"):
        warc.write(replace(PAGE, fetched_at=START.replace(tzinfo=None)))


def test_closed_writer_refuses_pages(tmp_path: Path) -> None:
    with writer(tmp_path) as warc:
        warc.write(PAGE)
    warc.close()
    with pytest.raises(StorageError, match="the writer is closed"):
        warc.write(PAGE)


HEADER_VALUE = st.binary(max_size=30).map(
    lambda raw: bytes(b for b in raw if b not in b"\r\n\0").strip(b" \t")
)
EXCHANGES = st.builds(
    replace,
    st.sampled_from([PAGE, LISTING]),
    body=st.binary(max_size=300),
    url=st.text(max_size=40).map("https://news.example/".__add__),
    asked_url=st.text(max_size=40),
    response_headers=st.lists(
        st.tuples(st.sampled_from([b"A", b"a", b"X-Y"]), HEADER_VALUE), max_size=4
    ).map(tuple),
)


@given(exchanges=st.lists(EXCHANGES, min_size=1, max_size=3))
def test_written_pages_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, exchanges: list[Exchange]
) -> None:
    path, _ = write_pages(tmp_path_factory.mktemp("warc"), *exchanges)
    assert list(check(path)) == []
    read = [(r.url, r.asked_url, r.body, r.headers) for r in pages(path)]
    assert read == [(e.url, e.asked_url, e.body, as_latin(e)) for e in exchanges]


def as_latin(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode(), value.decode("latin-1")) for name, value in exchange.response_headers
    )
