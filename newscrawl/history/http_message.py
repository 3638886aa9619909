"""HTTP messages as foreign archives store them, made such as newscrawl's own WARC files have them.

Archives differ in what they undo: some keep the chunks of the transfer, some have removed them;
some have decompressed the body and kept the header that says that it is compressed.
"""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from dataclasses import dataclass

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Headers
from newscrawl.warc.content_encoding import decoded
from newscrawl.warc.gzip_members import BadRecord
from newscrawl.warc.linked import is_in_chunks, joined_chunks
from newscrawl.warc.reader import Record

CUT = "cut"  # the reason code of a page that its archive has only a part of
_STATUS = re.compile(rb"HTTP/[\d.]+ +(\d{3})(?: +(.*))?")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_GZIP = b"\x1f\x8b"
# Records of Common Crawl's news data set of 2018 are this much shorter than their page
# (commoncrawl/news-crawl). Nothing is lost if the end tag of the page has begun before that.
_MISCOUNTED, _HTML_END = 2, b"</htm"
_STEP = 4096  # bytes of a compressed body that are decompressed at once


class NotHttp(Exception):
    """A block that is no HTTP response."""


class Cut(Exception):
    """A response that is not whole. No text of an article comes from a part of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A response. `body` has its content-encoding, but no chunks."""

    status: int
    reason: str
    headers: Headers
    body: bytes


def message_of(block: bytes, *, truncated: bool = False, bodiless: bool = False) -> Message:
    """The response in a record. NotHttp for anything else; Cut if the body is not whole.

    `truncated`: the record says that it was cut. `bodiless`: its body is that of another record.
    """
    end = _HEAD_END.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    status_line, *lines = re.split(rb"\r?\n", head)
    status = _STATUS.match(status_line)
    if status is None:
        raise NotHttp(f"expected an HTTP response, found {status_line[:20]!r}")
    headers = _headers(lines)
    if not bodiless:
        if truncated:
            raise Cut("the archive has cut it")
        body = _whole_body(body, headers)
        _check_gzip(body, headers)
        headers = _true_headers(headers, body)
    return Message(
        status=int(status[1]),
        reason=(status[2] or b"").decode("latin-1").strip(),
        headers=headers,
        body=body,
    )


def with_page(message: Message, headers: Headers, body: bytes) -> Message:
    """A revisit with the page that it refers to: how its body is encoded is said by that page."""
    encodings = (b"content-encoding", b"transfer-encoding", b"content-length")
    kept = [pair for pair in message.headers if pair[0].lower() not in encodings]
    of_page = [pair for pair in headers if pair[0].lower() in encodings]
    if _value(tuple(kept), b"content-type") is None:
        of_page += [pair for pair in headers if pair[0].lower() == b"content-type"]
    return Message(
        status=message.status, reason=message.reason, headers=(*kept, *of_page), body=body
    )


def with_record(message: Message, record: Record) -> Message:
    """A revisit with the page of the record that it refers to."""
    headers = tuple(
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in record.headers
    )
    return with_page(message, headers, record.payload)


def _headers(lines: list[bytes]) -> Headers:
    headers: list[tuple[bytes, bytes]] = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if line[:1] in (b" ", b"\t") and headers:  # a folded line
            headers[-1] = (headers[-1][0], headers[-1][1] + b" " + line.strip())
        elif colon:
            headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _value(headers: Headers, name: bytes) -> bytes | None:
    values = [value for key, value in headers if key.lower() == name]
    return values[-1] if values else None


def _whole_body(body: bytes, headers: Headers) -> bytes:
    """The body without chunks. Cut if it is shorter than the server announced."""
    coding = (_value(headers, b"transfer-encoding") or b"").lower()
    if b"chunked" in coding:
        return _joined(body) if is_in_chunks(body) else body
    length = _value(headers, b"content-length")
    if length is None or not length.isdigit() or len(body) >= int(length):
        return body
    if _value(headers, b"content-encoding") and not _is_compressed(headers, body):
        return body  # the length of the compressed body, which the archive has decompressed
    if int(length) - len(body) == _MISCOUNTED and _HTML_END in body[-len(_HTML_END) - 2 :]:
        return body
    raise Cut(f"{len(body):,} of {int(length):,} bytes")


def _joined(body: bytes) -> bytes:
    try:
        return joined_chunks(body)
    except BadRecord as bad:
        raise Cut(bad.message) from bad


def _check_gzip(body: bytes, headers: Headers) -> None:
    """Cut if the body is compressed and its stream has no end. What is damaged is read later."""
    if not body.startswith(_GZIP) or not _is_compressed(headers, body):
        return
    decompressor = zlib.decompressobj(wbits=31)
    position = 0
    with suppress(zlib.error):
        while not decompressor.eof and position < len(body):
            decompressor.decompress(body[position : position + _STEP])
            position += _STEP
        if not decompressor.eof:
            raise Cut("its compressed body has no end")


def _is_compressed(headers: Headers, body: bytes) -> bool:
    """Whether the body is still encoded as its header says."""
    encoding = (_value(headers, b"content-encoding") or b"").lower().strip()
    if encoding in (b"", b"identity"):
        return False
    if encoding in (b"gzip", b"x-gzip"):
        return body.startswith(_GZIP)
    try:
        decoded(body, encoding.decode("latin-1"))
    except PageRejected:
        return body.lstrip()[:1] != b"<"
    return True


def _true_headers(headers: Headers, body: bytes) -> Headers:
    """The headers, renamed where they describe a body that the archive has changed.

    The name is that which Common Crawl uses.
    """
    if not body or _is_compressed(headers, body) or not _value(headers, b"content-encoding"):
        return headers
    changed = (b"content-encoding", b"content-length")
    return tuple(
        (b"X-Crawler-" + name if name.lower() in changed else name, value)
        for name, value in headers
    )
