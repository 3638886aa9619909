"""Content-encoding of archived pages is undone on reading, or the page is refused."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.warc import pages
from tests.support.archive_cases import PAGE, write_pages

TEXT = "<p>Đường sắt</p>".encode()
RAW_DEFLATE = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("encoding", "payload", "body"),
    [
        (b"gzip", gzip.compress(TEXT, mtime=0), TEXT),
        (b"X-GZip", gzip.compress(TEXT, mtime=0), TEXT),
        (b"deflate", zlib.compress(TEXT), TEXT),
        (b"deflate", RAW_DEFLATE.compress(TEXT) + RAW_DEFLATE.flush(), TEXT),
        (b"deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0), TEXT),
        (b"identity", TEXT, TEXT),
        (b"gzip", b"", b""),
        (b"gzip", gzip.compress(TEXT, mtime=0) + b"garbage", TEXT),
        (b"gzip", gzip.compress(TEXT, mtime=0)[:-6], TEXT),
    ],
)
def test_body_has_no_content_encoding(
    tmp_path: Path, encoding: bytes, payload: bytes, body: bytes
) -> None:
    path, _ = write_pages(
        tmp_path, replace(PAGE, body=payload, response_headers=((b"Content-Encoding", encoding),))
    )
    (record,) = pages(path)
    assert (record.payload, record.body) == (payload, body)


@pytest.mark.parametrize(
    ("encoding", "payload", "message"),
    [
        (b"br", b"\x0b\x02\x80", "expected content-encoding gzip or deflate, found 'br'"),
        (b"zstd", b"\x28\xb5\x2f\xfd", "expected content-encoding gzip or deflate, found 'zstd'"),
        (b"gzip", b"<html>", "the body is not valid gzip"),
        (b"deflate", b"\xff\xff\xff", "the body is not valid deflate"),
        (b"gzip", gzip.compress(bytes(65 * 2**20), 9, mtime=0), "decompresses to more than"),
        (b"deflate", zlib.compress(bytes(65 * 2**20), 9), "decompresses to more than"),
    ],
    ids=["br", "zstd", "no gzip", "no deflate", "gzip bomb", "deflate bomb"],
)
def test_body_that_cannot_be_decoded_is_refused(
    tmp_path: Path, encoding: bytes, payload: bytes, message: str
) -> None:
    path, _ = write_pages(
        tmp_path, replace(PAGE, body=payload, response_headers=((b"Content-Encoding", encoding),))
    )
    (record,) = pages(path)
    assert record.payload == payload
    with pytest.raises(PageRejected, match=message) as caught:
        _ = record.body
    assert caught.value.code == "undecodable"


def test_compressed_body_is_not_compressed_again(tmp_path: Path) -> None:
    body = gzip.compress(TEXT, mtime=0)
    path, _ = write_pages(tmp_path, replace(PAGE, body=body))
    assert body in path.read_bytes()
