"""Content-encoding undone the way Scrapy does it, so that a page reads the same from the web and from a WARC."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from gzip import GzipFile
from io import BytesIO

from newscrawl.core.errors import PageRejected

MAX_BODY = 64 * 2**20  # bytes; Scrapy refuses more than 16 MiB when crawling, so more is a bomb
_CHUNK = 64 * 1024


def decoded(payload: bytes, encodings: str | None) -> bytes:
    """The payload with the encodings of a Content-Encoding header undone, the last one first.

    gzip and deflate (with and without its zlib header) are what newscrawl asks for. Of a gzip stream that is cut off or
    has a wrong checksum comes what can be had. PageRejected `undecodable` for anything else, and for bombs.
    """
    names = [name.strip().lower() for name in (encodings or "").split(",")]
    for name in reversed([name for name in names if name not in {"", "identity"}]):
        decode = _DECODERS.get(name)
        if decode is None:
            raise PageRejected(
                "undecodable", f"expected content-encoding gzip or deflate, found {name[:40]!r}"
            )
        try:
            payload = decode(payload) if payload else b""
        except (OSError, EOFError, zlib.error) as error:
            raise PageRejected(
                "undecodable", f"the body is not the {name} it claims to be: {error}"
            ) from error
    return payload


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
        _limit(len(body))
    return bytes(body)


def _inflate(data: bytes) -> bytes:
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        unpacker = zlib.decompressobj(bits)
        try:
            body = unpacker.decompress(data, MAX_BODY + 1)
        except zlib.error:
            if bits < 0:
                raise
            continue
        _limit(len(body))
        break
    return body


def _limit(size: int) -> None:
    if size > MAX_BODY:
        raise PageRejected("undecodable", f"the body unpacks to more than {MAX_BODY} bytes")


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
}
