"""Protects the pages: which requests are answered, and what a response may do in a browser.

Datasette itself sends none of these headers. It answers requests for any host name, so a page at a
foreign name that resolves to 127.0.0.1 could read the archive. It also redirects `/\\evil.example/`
to evil.example.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

Message = Mapping[str, Any]
Header = tuple[bytes, bytes]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
DATABASE_PAGES = b"/newscrawl"
# Datasette's settings, list of files and forms are of no use to readers. Style sheets are served.
CLOSED = re.compile(rb"/-/(?!static/|static-plugins/)")
LONGEST_TARGET = 16_000  # bytes of path and query: enough for a long SQL statement

# Our pages run the scripts of static/, by their hashes. Datasette's own pages have scripts in the
# page itself and style attributes: their scripts have a nonce, which is new for every response.
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self'{styles}; img-src 'self' data:;"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A page of a site as it was received, in a frame of ours: it runs nothing, requests nothing, and is
# of an origin of its own, so that it can read no page of ours.
RAW_PAGE = re.compile(rb"/article/\d+/raw/\d+")
RAW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:;"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
)
NONCE = "newscrawl_nonce"  # in the scope of a request
HEADERS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused. `allow` are the methods that are not, for status 405."""

    status: int
    message: str
    allow: str = "GET, HEAD"


@dataclass(frozen=True, slots=True)
class Guard:
    """Passes read requests to a known host from this server's pages or from the address bar.

    `names` are the host names that are answered. `any_address`: so is any IP address, because only
    names can be pointed to another machine. `scripts` are the sources of our own scripts, as a
    policy writes them.
    """

    application: Application
    names: frozenset[str]
    any_address: bool
    scripts: str

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.application(scope, receive, send)
        elif scope["type"] == "http":
            scope = {**scope, NONCE: secrets.token_urlsafe(16)}
            guarded_send = with_headers(send, scope, self.scripts)
            refusal = self.refusal(scope)
            if refusal is None:
                await self.application(scope, receive, guarded_send)
            else:
                await refuse(guarded_send, refusal)

    def refusal(self, scope: Mapping[str, Any]) -> Refusal | None:
        """What is wrong with a request; None if it is allowed."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        if not self._is_own_host(_host(headers.get(b"host", b""))):
            return Refusal(421, "Unknown host name. To allow it: newscrawl serve --allow-host NAME")
        if scope["method"] not in ("GET", "HEAD"):
            return Refusal(405, "This archive is read-only: use GET or HEAD.")
        path, query = _path(scope), scope.get("query_string", b"")
        if len(path) + len(query) > LONGEST_TARGET:
            return Refusal(414, "This address is too long.")
        if _is_odd(path):
            return Refusal(400, "This address contains characters that are not allowed.")
        if CLOSED.match(path):
            return Refusal(404, "There is no such page.")
        if _is_forbidden_cross_site(headers, query):
            return Refusal(
                403, "A page of another site requested this. Open the address directly instead."
            )
        return None

    def _is_own_host(self, host: str) -> bool:
        return host in self.names or (self.any_address and _is_address(host))


def _is_forbidden_cross_site(headers: Mapping[bytes, bytes], query: bytes) -> bool:
    """Whether a page of another site requested data, or links to a query with its own SQL."""
    if headers.get(b"sec-fetch-site") not in (b"cross-site", b"same-site"):
        return False
    is_link = headers.get(b"sec-fetch-mode") == b"navigate"
    return not is_link or b"sql" in parse_qs(query, keep_blank_values=True)


def _host(header: bytes) -> str:
    """The name in a Host header, without the port. Malformed values are returned unchanged."""
    host = header.decode("latin-1").lower()
    bracketed = re.fullmatch(r"\[([0-9a-f:.]+)\](?::\d+)?", host)
    if bracketed:
        return bracketed[1]
    return re.sub(r":\d+\Z", "", host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _path(scope: Mapping[str, Any]) -> bytes:
    """The path as the browser sent it, without the query."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0]


def _is_odd(path: bytes) -> bool:
    """Whether a browser could read the path as another host or a new line.

    Backslashes, control characters and leading double slashes do that, encoded or not.
    """
    plain = unquote_to_bytes(path)
    if not path.startswith(b"/") or plain.startswith(b"//") or b"\\" in plain:
        return True
    return any(byte < 0x20 or byte == 0x7F for byte in plain)


def with_headers(send: Send, scope: Mapping[str, Any], scripts: str = "'none'") -> Send:
    """A `send` that adds the headers, and removes redirects to other hosts.

    The scripts of Datasette's pages run by the nonce in the scope, those of other pages by their
    sources.
    """
    styles = ""
    if is_datasette_page(_path(scope)):
        scripts, styles = f"'nonce-{scope[NONCE]}'", " 'unsafe-inline'"
    policy = POLICY.format(scripts=scripts, styles=styles)
    headers = {**HEADERS, "content-security-policy": policy}
    if RAW_PAGE.fullmatch(_path(scope)):
        headers["content-security-policy"] = RAW_POLICY
        headers["x-frame-options"] = "SAMEORIGIN"
        headers["x-dns-prefetch-control"] = "off"

    async def guarded_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _replace(message.get("headers", []), headers)}
        await send(message)

    return guarded_send


def is_datasette_page(path: bytes) -> bool:
    """Whether Datasette itself makes the page at a path: tables, rows and queries."""
    return path == DATABASE_PAGES or path.startswith((DATABASE_PAGES + b"/", DATABASE_PAGES + b"."))


def _replace(sent: Iterable[Header], headers: Mapping[str, str]) -> list[Header]:
    """The sent headers; ours replace those of the same name. Without a Location on another host."""
    kept: list[Header] = []
    for name, value in sent:
        is_ours = name.lower().decode("latin-1") in headers
        is_bad_redirect = name.lower() == b"location" and leaves(value)
        if not is_ours and not is_bad_redirect:
            kept.append((name, value))
    return kept + [(name.encode(), value.encode()) for name, value in headers.items()]


def leaves(location: bytes) -> bool:
    """Whether a browser would follow a Location to another host."""
    is_own_path = re.match(rb"/(?![/\\])", location) is not None
    return not is_own_path or any(byte < 0x20 for byte in location)


async def refuse(send: Send, refusal: Refusal) -> None:
    """Answers a request with why it is refused."""
    body = f"{refusal.message}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    if refusal.status == 405:
        headers.append((b"allow", refusal.allow.encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
