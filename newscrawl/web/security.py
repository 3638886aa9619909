"""What stands between a browser and the pages: who may ask, what may be asked, and what an answer may do there.

Datasette sends none of these headers, takes any Host (so that a name of somebody else's that leads to 127.0.0.1 could
read the archive), and redirects `/\\evil.example/` to evil.example.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

Message = Mapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
DATABASE_PAGES = b"/newscrawl"
# Datasette's switches, its list of files and its forms: of no use to a reader. Style sheets stay.
CLOSED = re.compile(rb"/-/(?!static/|static-plugins/)")
LONGEST_TARGET = 16_000  # bytes of path and query: a long SQL statement has room

# No page runs a script. Datasette's own pages colour their headings with style attributes.
POLICY = (
    "default-src 'none'; style-src 'self'{styles}; img-src 'self' data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
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
    """Why a request is not answered."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets through what is asked of this server by name, for reading, from its own pages or the address bar.

    `names`: the hosts that may be asked for. `any_address`: any IP address too, since only a name can be made to lead
    elsewhere.
    """

    application: Application
    names: frozenset[str]
    any_address: bool

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.application(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self.refusal(scope)
            guarded = _with_headers(send, _path(scope))
            if refusal is not None:
                await _refuse(guarded, refusal)
            else:
                await self.application(scope, receive, guarded)

    def refusal(self, scope: Mapping[str, Any]) -> Refusal | None:
        """What is wrong with a request; None where nothing is."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        if not self._knows(_host(headers.get(b"host", b""))):
            return Refusal(
                421,
                "This server does not answer for that host name. See: newscrawl serve --allow-host",
            )
        if scope["method"] not in ("GET", "HEAD"):
            return Refusal(405, "This archive is for reading: GET and HEAD only.")
        path, query = _path(scope), scope.get("query_string", b"")
        if len(path) + len(query) > LONGEST_TARGET:
            return Refusal(414, "That address is too long.")
        if _is_odd(path):
            return Refusal(400, "That address has characters that no address here has.")
        if CLOSED.match(path):
            return Refusal(404, "There is no such page.")
        if headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site") and (
            headers.get(b"sec-fetch-mode") != b"navigate" or b"sql" in _names(query)
        ):
            return Refusal(403, "Another site's page asked for this; open it here instead.")
        return None

    def _knows(self, host: str) -> bool:
        return host in self.names or (self.any_address and _is_address(host))


def _host(header: bytes) -> str:
    """The name in a Host header without its port; what is no name stays as it is, and is not known."""
    host = header.decode("latin-1").lower()
    bracketed = re.fullmatch(r"\[([0-9a-f:.]+)\](?::\d+)?", host)
    return bracketed[1] if bracketed else re.sub(r":\d+\Z", "", host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _path(scope: Mapping[str, Any]) -> bytes:
    """The path as it was sent, without the query."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0]


def _is_odd(path: bytes) -> bool:
    """Backslashes, controls and double slashes, plain or encoded: what browsers read as another host or a new line."""
    plain = unquote_to_bytes(path)
    return (
        not path.startswith(b"/")
        or plain.startswith(b"//")
        or b"\\" in plain
        or any(byte < 0x20 or byte == 0x7F for byte in plain)
    )


def _names(query: bytes) -> Iterable[bytes]:
    """The parameters' names."""
    return parse_qs(query, keep_blank_values=True)


def _with_headers(send: Send, path: bytes) -> Send:
    """A `send` that adds the headers, and lets no redirect lead to another host."""
    own_styles = path != DATABASE_PAGES and not path.startswith(
        (DATABASE_PAGES + b"/", DATABASE_PAGES + b".")
    )
    headers = {
        **HEADERS,
        "content-security-policy": POLICY.format(styles="" if own_styles else " 'unsafe-inline'"),
    }

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if name.lower().decode("latin-1") not in headers
                and not (name.lower() == b"location" and leaves(value))
            ]
            message = {
                **message,
                "headers": kept
                + [(name.encode(), value.encode()) for name, value in headers.items()],
            }
        await send(message)

    return guarded


def leaves(location: bytes) -> bool:
    """Whether a browser would follow a Location to another host."""
    return re.match(rb"/(?![/\\])", location) is None or any(byte < 0x20 for byte in location)


async def _refuse(send: Send, refusal: Refusal) -> None:
    body = f"{refusal.message}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    if refusal.status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
