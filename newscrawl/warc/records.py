"""WARC records as bytes, one gzip member each.

WARC/1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/. The block is the HTTP
message as received, content-encoding and all, every header value in its order. Chunking is the one thing the HTTP
client has taken away, so Transfer-Encoding is kept under the name Common Crawl gives it, X-Crawler-Transfer-Encoding
(warcio and pywb would look for chunks otherwise), and a Content-Length beside it likewise.
"""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from urllib.parse import quote

from newscrawl.core.records import Exchange, Headers
from newscrawl.warc.compression import packed

META = "WARC-Newscrawl-Meta"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
FORMAT = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


_SECRET = {b"authorization", b"proxy-authorization", b"cookie"}  # an archive is for passing on
_UNSAFE_URL = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]")
_UNSAFE_TARGET = re.compile(r"[^\x21-\x7e]")
_BREAKS = re.compile(rb"[\r\n\0]+")
_URL_PARTS = re.compile(r"[^:/?#]+://(?:[^/?#]*@)?([^/?#]*)([^#]*)")


@dataclass(frozen=True, slots=True)
class Ids:
    """The URNs of the records that are about to be written."""

    info: str
    response: str
    request: str


def warcinfo_record(urn: str, at: datetime, filename: str, fields: Mapping[str, str]) -> bytes:
    """The first record of a file: who wrote it, how, and for which site."""
    block = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields.items()).encode(
        "utf-8", "replace"
    )
    named = [("WARC-Filename", filename), ("Content-Type", "application/warc-fields")]
    return _record("warcinfo", urn, at, named, block)


def response_record(exchange: Exchange, ids: Ids) -> tuple[bytes, str | None]:
    """The response, or the revisit that a 304 is, and the digest of its payload (None for a 304, which has none)."""
    first = f"HTTP/1.1 {exchange.status} {exchange.reason}".rstrip()
    head = _http_head(first, _without_chunking(exchange.response_headers))
    fields = [*_common(exchange, ids, "response"), (META, _meta(exchange))]
    if exchange.ip:
        fields.append(("WARC-IP-Address", exchange.ip))
    if exchange.status == 304:
        fields.append(("WARC-Profile", NOT_MODIFIED))
        return _record("revisit", ids.response, exchange.fetched_at, fields, head), None
    payload = digest(exchange.body)
    fields.append(("WARC-Payload-Digest", payload))
    return _record(
        "response", ids.response, exchange.fetched_at, fields, head, exchange.body
    ), payload


def request_record(exchange: Exchange, ids: Ids) -> bytes:
    """The request, without credentials; a Host header is added where the HTTP client adds it later."""
    parts = _URL_PARTS.match(exchange.url)
    host, target = parts.groups() if parts else ("", "")
    target = _UNSAFE_TARGET.sub(_quoted, target if target.startswith("/") else "/" + target)
    headers = [pair for pair in exchange.request_headers if pair[0].lower() not in _SECRET]
    if all(name.lower() != b"host" for name, _ in headers):
        headers.insert(0, (b"Host", host.encode("utf-8", "replace")))
    head = _http_head(f"{exchange.method} {target} HTTP/1.1", headers)
    fields = [*_common(exchange, ids, "request"), ("WARC-Concurrent-To", f"<{ids.response}>")]
    return _record("request", ids.request, exchange.fetched_at, fields, head)


def digest(*parts: bytes) -> str:
    """`sha1:` and the base32 that WARC tools write and expect."""
    hashed = sha1(usedforsecurity=False)
    for part in parts:
        hashed.update(part)
    return "sha1:" + b32encode(hashed.digest()).decode("ascii")


def _record(
    kind: str, urn: str, at: datetime, fields: list[tuple[str, str]], *block: bytes
) -> bytes:
    named = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<{urn}>"),
        ("WARC-Date", _date(at)),
        *fields,
        ("WARC-Block-Digest", digest(*block)),
        ("Content-Length", str(sum(map(len, block)))),
    ]
    lines = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in named)
    return packed(f"WARC/1.1\r\n{lines}\r\n".encode("utf-8", "replace"), *block, b"\r\n\r\n")


def _common(exchange: Exchange, ids: Ids, message: str) -> list[tuple[str, str]]:
    return [
        ("WARC-Target-URI", _UNSAFE_URL.sub(_quoted, exchange.url)),
        ("WARC-Warcinfo-ID", f"<{ids.info}>"),
        ("Content-Type", f"application/http; msgtype={message}"),
    ]


def _meta(exchange: Exchange) -> str:
    """What a rebuild needs beyond WARC's own fields, as ASCII on one line; `url` where its header had to escape it."""
    escaped = _UNSAFE_URL.search(exchange.url) is not None
    values = {
        "asked": exchange.asked_url,
        "kind": exchange.kind,
        "category": exchange.category,
        "page": exchange.page,
        "url": exchange.url if escaped else None,
    }
    return json.dumps(
        {name: value for name, value in values.items() if value is not None}, separators=(",", ":")
    )


def _http_head(first: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines = [_one_line(first).encode("latin-1", "replace")]
    for name, value in headers:
        # CR, LF and NUL cannot have come in a header; let through, they would end it and forge the next record.
        lines.append(
            _BREAKS.sub(b" ", name.replace(b":", b" ")).strip() + b": " + _BREAKS.sub(b" ", value)
        )
    return b"\r\n".join([*lines, b"", b""])


def _without_chunking(headers: Headers) -> Headers:
    if all(name.lower() != b"transfer-encoding" for name, _ in headers):
        return headers
    renamed = {b"transfer-encoding", b"content-length"}
    return tuple(
        (b"X-Crawler-" + name if name.lower() in renamed else name, value)
        for name, value in headers
    )


def _date(at: datetime) -> str:
    """UTC to the second, or to the microsecond where there is a fraction (WARC/1.1 allows both)."""
    if at.tzinfo is None:
        raise ValueError(f"expected a time with a zone, got {at.isoformat()}")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _quoted(match: re.Match[str]) -> str:
    return quote(match.group().encode("utf-8", "surrogatepass"))
