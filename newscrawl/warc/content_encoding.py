"""Undoes a content-encoding as Scrapy does, so that a page is the same from the web and a WARC."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from gzip import GzipFile
from io import BytesIO

from newscrawl.core.errors import PageRejected

# Bytes. Scrapy refuses more than 16 MiB in a crawl, so a larger body is a decompression bomb.
MAX_BODY = 64 * 2**20
_CHUNK = 64 * 1024


def decoded(payload: bytes, encodings: str | None) -> bytes:
    """The payload with the encodings of a Content-Encoding header undone, the last one first.

    newscrawl requests gzip and deflate (with and without zlib header). Of a gzip stream that is cut
    off or has a wrong checksum, the readable part is returned. PageRejected `undecodable` for
    anything else, and for decompression bombs.
    """
    for name in reversed(_encoding_names(encodings)):
        decode = _DECODERS.get(name)
        if decode is None:
            raise PageRejected(
                "undecodable", f"expected content-encoding gzip or deflate, found {name[:40]!r}"
            )
        if not payload:
            continue
        try:
            payload = decode(payload)
        except (OSError, EOFError, zlib.error) as error:
            raise PageRejected("undecodable", f"the body is not valid {name}: {error}") from error
    return payload


def _encoding_names(encodings: str | None) -> list[str]:
    names = [name.strip().lower() for name in (encodings or "").split(",")]
    return [name for name in names if name not in {"", "identity"}]


def _gunzip(data: bytes) -> bytes:
    file = GzipFile(fileobj=BytesIO(data))
    body = bytearray()
    while True:
        try:
            part = file.read1(_CHUNK)
        except (OSError, EOFError):
            if not body:
                raise
            break
        if not part:
            break
        body += part
        _check_size(len(body))
    return bytes(body)


def _inflate(data: bytes) -> bytes:
    try:
        body = _decompress(data, zlib.MAX_WBITS)
    except zlib.error:
        # Some servers send deflate without the zlib header that RFC 9110 requires.
        body = _decompress(data, -zlib.MAX_WBITS)
    _check_size(len(body))
    return body


def _decompress(data: bytes, window_bits: int) -> bytes:
    return zlib.decompressobj(window_bits).decompress(data, MAX_BODY + 1)


def _check_size(size: int) -> None:
    if size > MAX_BODY:
        raise PageRejected("undecodable", f"the body decompresses to more than {MAX_BODY} bytes")


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
}
