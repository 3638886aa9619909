"""Builds WARC records as bytes, one gzip member each.

WARC/1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/. The block
is the HTTP message as received, with its content-encoding and every header value in its order. The
HTTP client removes only chunking. Transfer-Encoding is therefore stored under the name that Common
Crawl uses, X-Crawler-Transfer-Encoding, because warcio and pywb would expect chunks otherwise. A
Content-Length beside it is renamed in the same way.

A 304 is a revisit without a block, because replay tools would show the visitor the 304 otherwise:
an empty page. Its status line and headers are in newscrawl's own field of the record.
"""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from newscrawl.core.records import Exchange, Headers
from newscrawl.warc.compression import gzip_member
from newscrawl.warc.gzip_members import BadRecord

if TYPE_CHECKING:
    from newscrawl.warc.revisits import Original

META = "WARC-Newscrawl-Meta"
LINKED_FILE, LINKED_OFFSET = "linked_file", "linked_offset"  # keys in it of a linked page
ANSWER = "answer"  # the key in it of the status line and headers of a 304
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
FORMAT = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


_LONGEST_ANSWER = 4000  # bytes: some tools read no header lines of more than 8 KiB
_SECRET = {b"authorization", b"proxy-authorization", b"cookie"}  # archives are shared
_UNSAFE_URL = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]")
_UNSAFE_TARGET = re.compile(r"[^\x21-\x7e]")
_BREAKS = re.compile(rb"[\r\n\0]+")
_URL_PARTS = re.compile(r"[^:/?#]+://(?:[^/?#]*@)?([^/?#]*)([^#]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record in a file of somebody else. `record_id`, `target` and `date` are as it has them."""

    path: Path
    offset: int
    record_id: str
    target: str
    date: str


@dataclass(frozen=True, slots=True)
class Ids:
    """The URNs of the records of one exchange, and of the warcinfo that they belong to."""

    info: str
    response: str
    request: str


def warcinfo_record(urn: str, at: datetime, filename: str, fields: Mapping[str, str]) -> bytes:
    """The first record of a file: which program wrote it, how, and for which site."""
    lines = [f"{name}: {_one_line(value)}\r\n" for name, value in fields.items()]
    block = "".join(lines).encode("utf-8", "replace")
    warc_fields = [("WARC-Filename", filename), ("Content-Type", "application/warc-fields")]
    return _record("warcinfo", urn, at, warc_fields, [block])


def response_record(
    exchange: Exchange, ids: Ids, original: Original | Link | None = None
) -> tuple[bytes, str | None]:
    """The record of the response, and the digest of its payload.

    `original` is an earlier record of the same page, or the one that has the bytes of a linked
    page. A 304 becomes a revisit record, which has no
    payload; its digest is None. So does a response with the payload of the original.
    """
    status_line = f"HTTP/1.1 {exchange.status} {exchange.reason}".rstrip()
    head = _http_head(status_line, _without_chunking(exchange.response_headers))
    if isinstance(original, Link):
        return _linked(exchange, ids, head, original)
    if exchange.status == 304:
        return _not_modified(exchange, ids, head, original), None
    payload_digest = digest(exchange.body)
    fields = [("WARC-Payload-Digest", payload_digest)]
    if original is None or not exchange.body or original.payload_digest != payload_digest:
        block = [head, exchange.body]
        record = _response(exchange, ids, kind="response", block=block, fields=fields)
        return record, payload_digest
    fields += _revisit_fields(IDENTICAL, original)
    notes = _place_notes(original)
    record = _response(exchange, ids, kind="revisit", block=[head], fields=fields, notes=notes)
    return record, payload_digest


def _not_modified(exchange: Exchange, ids: Ids, head: bytes, original: Original | None) -> bytes:
    """The revisit of a 304. Its block is the 304 if there is no original that could be replayed."""
    if original is None or len(head) > _LONGEST_ANSWER:
        fields = [("WARC-Profile", NOT_MODIFIED)]
        return _response(exchange, ids, kind="revisit", block=[head], fields=fields)
    fields = [
        ("WARC-Payload-Digest", original.payload_digest),
        *_revisit_fields(NOT_MODIFIED, original),
    ]
    answer = head.removesuffix(b"\r\n\r\n").decode("latin-1")
    notes = {ANSWER: answer, **_place_notes(original)}
    return _response(exchange, ids, kind="revisit", block=[], fields=fields, notes=notes)


def _place_notes(original: Original) -> dict[str, str | int]:
    return {
        "original_file": original.place.warc_file,
        "original_offset": original.place.offset,
        "original_length": original.place.length,
    }


def _linked(exchange: Exchange, ids: Ids, head: bytes, link: Link) -> tuple[bytes, str | None]:
    """A page that stays in the file of somebody else: a revisit of the record there."""
    payload_digest = digest(exchange.body)
    fields = [("WARC-Payload-Digest", payload_digest), *_revisit_fields(IDENTICAL, link)]
    notes: dict[str, str | int] = {LINKED_FILE: str(link.path), LINKED_OFFSET: link.offset}
    record = _response(exchange, ids, kind="revisit", block=[head], fields=fields, notes=notes)
    return record, payload_digest


def _revisit_fields(profile: str, original: Original | Link) -> list[tuple[str, str]]:
    return [
        ("WARC-Profile", profile),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.target),
        ("WARC-Refers-To-Date", original.date),
    ]


def _response(
    exchange: Exchange,
    ids: Ids,
    *,
    kind: str,
    block: Sequence[bytes],
    fields: Iterable[tuple[str, str]],
    notes: Mapping[str, str | int] | None = None,
) -> bytes:
    meta = (META, _meta(exchange, notes or {}))
    address = [("WARC-IP-Address", exchange.ip)] if exchange.ip else []
    all_fields = [*_common(exchange, ids, "response"), meta, *address, *fields]
    return _record(kind, ids.response, exchange.fetched_at, all_fields, block)


def request_record(exchange: Exchange, ids: Ids) -> bytes:
    """The record of the request, without credentials.

    A Host header is added if the HTTP client adds it only when it sends the request.
    """
    parts = _URL_PARTS.match(exchange.url)
    host, target = parts.groups() if parts else ("", "")
    if not target.startswith("/"):
        target = "/" + target
    target = _UNSAFE_TARGET.sub(_quoted, target)
    headers = [pair for pair in exchange.request_headers if pair[0].lower() not in _SECRET]
    if not any(name.lower() == b"host" for name, _ in headers):
        headers.insert(0, (b"Host", host.encode("utf-8", "replace")))
    head = _http_head(f"{exchange.method} {target} HTTP/1.1", headers)
    fields = [*_common(exchange, ids, "request"), ("WARC-Concurrent-To", f"<{ids.response}>")]
    return _record("request", ids.request, exchange.fetched_at, fields, [head])


def digest(*parts: bytes) -> str:
    """SHA-1 in the form that WARC tools write and expect: `sha1:` and base32."""
    hashed = sha1(usedforsecurity=False)
    for part in parts:
        hashed.update(part)
    return "sha1:" + b32encode(hashed.digest()).decode("ascii")


def _record(
    kind: str, urn: str, at: datetime, fields: Iterable[tuple[str, str]], block: Sequence[bytes]
) -> bytes:
    """A record in one gzip member. A compressed body must be a part of its own, see gzip_member."""
    all_fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<{urn}>"),
        ("WARC-Date", date_text(at)),
        *fields,
        ("WARC-Block-Digest", digest(*block)),
        ("Content-Length", str(sum(len(part) for part in block))),
    ]
    lines = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in all_fields)
    header = f"WARC/1.1\r\n{lines}\r\n".encode("utf-8", "replace")
    return gzip_member(header, *block, b"\r\n\r\n")


def _common(exchange: Exchange, ids: Ids, message: str) -> list[tuple[str, str]]:
    return [
        ("WARC-Target-URI", _UNSAFE_URL.sub(_quoted, exchange.url)),
        ("WARC-Warcinfo-ID", f"<{ids.info}>"),
        ("Content-Type", f"application/http; msgtype={message}"),
    ]


def meta_of(fields: Mapping[str, str]) -> dict[str, str]:
    """What newscrawl noted about the fetch, with numbers as text; empty for other crawlers.

    BadRecord if it cannot be read.
    """
    text = fields.get(META.lower())
    if text is None:
        return {}
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRecord("bad_meta", f"{META} is not JSON: {error}") from error
    if not _is_meta(values):
        raise BadRecord(
            "bad_meta", f"{META} is not an object of strings and a page number: {text[:80]!r}"
        )
    return {name: str(value) for name, value in values.items()}


def _is_meta(values: object) -> bool:
    """Strict types, because `True` is an `int` for isinstance."""
    if not isinstance(values, dict):
        return False
    types = {type(value) for value in values.values()}
    return types <= {str, int} and type(values.get("page", 0)) is int


def _meta(exchange: Exchange, notes: Mapping[str, str | int]) -> str:
    """What a rebuild needs in addition to the fields of WARC, as JSON on one line of ASCII.

    It contains the URL only if WARC-Target-URI had to escape it.
    """
    is_escaped = _UNSAFE_URL.search(exchange.url) is not None
    values: dict[str, str | int | None] = {
        "asked": exchange.asked_url,
        "kind": exchange.kind,
        "category": exchange.category,
        "page": exchange.page,
        "url": exchange.url if is_escaped else None,
        "moved": "permanently" if exchange.moved_permanently else None,
    }
    if exchange.origin is not None:
        values["source"] = exchange.origin.source
        values["source_record"] = exchange.origin.record
        values["source_address"] = exchange.origin.address
    values.update(notes)
    known = {name: value for name, value in values.items() if value is not None}
    return json.dumps(known, separators=(",", ":"))


def _http_head(first_line: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines = [_one_line(first_line).encode("latin-1", "replace")]
    for name, value in headers:
        # HTTP allows no CR, LF and NUL in a header. Here they could end it and forge a record.
        safe_name = _BREAKS.sub(b" ", name.replace(b":", b" ")).strip()
        safe_value = _BREAKS.sub(b" ", value)
        lines.append(safe_name + b": " + safe_value)
    return b"\r\n".join([*lines, b"", b""])


def _without_chunking(headers: Headers) -> Headers:
    """The headers with Transfer-Encoding and Content-Length renamed if the message was chunked."""
    if not any(name.lower() == b"transfer-encoding" for name, _ in headers):
        return headers
    renamed = []
    for name, value in headers:
        if name.lower() in (b"transfer-encoding", b"content-length"):
            name = b"X-Crawler-" + name
        renamed.append((name, value))
    return tuple(renamed)


def date_text(at: datetime) -> str:
    """UTC to the second, or to the microsecond if there is a fraction. WARC/1.1 allows both."""
    if at.tzinfo is None:
        raise ValueError(f"expected a time with a zone, got {at.isoformat()}")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _quoted(match: re.Match[str]) -> str:
    return quote(match.group().encode("utf-8", "surrogatepass"))
