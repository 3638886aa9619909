"""Responses that browsers need not load again (ETag), or load faster (gzip)."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newscrawl.web.security import Application, Header, Message, Receive, Send, is_datasette_page

SMALLEST = 600  # bytes: a shorter body would hardly become smaller
LEVEL = 5  # of gzip: 6 takes a third longer for one percent
TEXTS = (b"text/", b"application/json", b"application/atom+xml", b"image/svg+xml")
STATIC = b"/-/static"
ONE_YEAR = b"public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Encoder:
    """Compresses texts, and answers with 304 what the browser has already.

    A streamed response is compressed piece by piece, and has no ETag.
    """

    application: Application

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        await self.application(scope, receive, _Response(scope, send).send)


class _Response:
    """One response on its way: its head is sent with the first part of its body."""

    def __init__(self, scope: Mapping[str, Any], send: Send) -> None:
        headers = {name.lower(): value for name, value in scope["headers"]}
        self._accepts_gzip = b"gzip" in headers.get(b"accept-encoding", b"")
        self._known_tag = headers.get(b"if-none-match")
        path = scope["path"].encode()
        # A page of Datasette has a nonce for its scripts, so that it never has the same bytes.
        self._has_nonce = is_datasette_page(path)
        # The addresses of static files on our pages have the hash of their content.
        self._is_fixed = path.startswith(STATIC) and bool(scope.get("query_string"))
        self._send = send
        self._start: Message = {}
        self._compressor: Any = None
        self._has_begun = False

    async def send(self, message: Message) -> None:
        """Takes the message of the application, and sends what the browser gets."""
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] != "http.response.body":
            await self._send(message)
        elif self._has_begun:
            await self._send(self._next(message))
        elif message.get("more_body"):
            self._has_begun = True
            await self._begin_stream()
            await self._send(self._next(message))
        else:
            await self._send_whole(message.get("body", b""))

    async def _send_whole(self, body: bytes) -> None:
        headers = self._headers()
        status = self._start["status"]
        if status == 200 and not self._has_nonce:
            tag = b'W/"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
            headers = [*_without(headers, b"etag"), (b"etag", tag)]
            if self._known_tag is not None and tag in self._known_tag:
                await self._send_head(304, _without(headers, b"content-length"))
                await self._send({"type": "http.response.body", "body": b""})
                return
        if self._is_compressible(headers) and len(body) >= SMALLEST:
            body = gzip.compress(body, LEVEL, mtime=0)
            headers = _encoded(headers)
            headers.append((b"content-length", str(len(body)).encode()))
        await self._send_head(status, headers)
        await self._send({"type": "http.response.body", "body": body})

    async def _begin_stream(self) -> None:
        headers = self._headers()
        if self._is_compressible(headers):
            self._compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
            headers = _encoded(headers)
        await self._send_head(self._start["status"], headers)

    def _next(self, message: Message) -> Message:
        """The next part of a stream, compressed if the first one was."""
        if self._compressor is None:
            return message
        body = self._compressor.compress(message.get("body", b""))
        if not message.get("more_body"):
            body += self._compressor.flush()
        return {**message, "body": body}

    async def _send_head(self, status: int, headers: list[Header]) -> None:
        await self._send({**self._start, "status": status, "headers": headers})

    def _headers(self) -> list[Header]:
        headers = list(self._start.get("headers", []))
        if self._is_fixed and self._start["status"] == 200:
            headers = [*_without(headers, b"cache-control"), (b"cache-control", ONE_YEAR)]
        return headers

    def _is_compressible(self, headers: list[Header]) -> bool:
        known = {name.lower(): value for name, value in headers}
        is_text = known.get(b"content-type", b"").startswith(TEXTS)
        return self._accepts_gzip and is_text and b"content-encoding" not in known


def _without(headers: list[Header], name: bytes) -> list[Header]:
    return [each for each in headers if each[0].lower() != name]


def _encoded(headers: list[Header]) -> list[Header]:
    """The headers of a compressed response whose length is not known yet."""
    kept = _without(headers, b"content-length")
    return [*kept, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
