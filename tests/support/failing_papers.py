"""A proxy on loopback for many papers, of which some fail, each in a way of its own."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from newscrawl.demo.paper import ORIGIN, Paper
from newscrawl.demo.server import answer

SITE = """\
name = "{name}"
extends = "bnews"
legacy_tls = false
title = "{name}"
domain = "{name}.example"
origin = "http://{name}.example"
hosts = []
politeness = {{ delay_seconds = 0 }}
"""
WALL = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
Fetch = Callable[["_Request"], tuple[int, str, bytes]]


def write_site(folder: Path, name: str) -> None:
    """The site file of a paper whose host is NAME.example."""
    (folder / "sites").mkdir(exist_ok=True)
    (folder / "sites" / f"{name}.toml").write_text(SITE.format(name=name), "utf-8")


class FailingPapers:
    """Serves during a `with` block. `faults` says how the host of a name fails; others do not.

    `fetch` returns status, content type and body of a page of a healthy host. `requests` counts
    them by host.
    """

    def __init__(self, faults: Mapping[str, str], fetch: Fetch | None = None) -> None:
        self.faults = faults
        self.fetch = fetch or _from_paper(Paper())
        self.requests: Counter[str] = Counter()
        self.stopped = threading.Event()
        self._counting = threading.Condition()
        self._http = _Server(("127.0.0.1", 0), self)

    @property
    def address(self) -> str:
        """Of the proxy."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def count(self, host: str) -> None:
        """Counts a request."""
        with self._counting:
            self.requests[host] += 1
            self._counting.notify_all()

    def wait_for(self, *, requests: int) -> None:
        """Returns when there were so many requests; AssertionError after a minute."""
        with self._counting:
            assert self._counting.wait_for(lambda: self.requests.total() >= requests, 60)

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopped.set()
        self._http.shutdown()
        self._http.server_close()


def _from_paper(paper: Paper) -> Fetch:
    """The pages of the made-up newspaper, whatever the host is called."""

    def fetch(request: _Request) -> tuple[int, str, bytes]:
        address = urlsplit(request.path)
        found = answer(paper, unquote(address.path))
        text = found.text.replace(ORIGIN, f"http://{address.netloc}")
        return found.status, found.content_type, text.encode(found.encoding)

    return fetch


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], papers: FailingPapers) -> None:
        super().__init__(address, _Request)
        self.papers = papers

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is gone is nothing to report."""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        papers = self.server.papers
        host = urlsplit(self.path).hostname or ""
        papers.count(host)
        fault = papers.faults.get(host)
        if fault is None:
            self.send(*papers.fetch(self))
        else:
            with contextlib.suppress(OSError):
                FAULTS[fault](self)

    def send(self, status: int, content_type: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Logs nothing."""


def _error(request: _Request) -> None:
    request.send(500, "text/html", b"<h1>Internal Server Error</h1>")


def _too_many(request: _Request) -> None:
    request.send(429, "text/html", b"<h1>Too Many Requests</h1>", Retry_After="86400")


def _forbidden(request: _Request) -> None:
    if request.path.endswith("/robots.txt"):
        request.send(404, "text/html", b"")
    else:
        request.send(403, "text/html", b"<h1>Forbidden</h1>")


def _wall(request: _Request) -> None:
    request.send(200, "text/html; charset=utf-8", WALL.encode())


def _reset(request: _Request) -> None:
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.close_connection = True
    request.connection.close()


def _silence(request: _Request) -> None:
    request.server.papers.stopped.wait()
    request.close_connection = True


def _truncated(request: _Request) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(b"<html><body><h1>Only the beginning")
    request.close_connection = True


def _noise(request: _Request) -> None:
    request.send(200, "text/html", bytes(range(256)) * 200)


def _nothing(request: _Request) -> None:
    request.send(200, "text/html", b"")


def _loop(request: _Request) -> None:
    request.send(302, "text/html", b"", Location=f"{request.path}x")


def _gone(request: _Request) -> None:
    request.send(404, "text/html", b"<h1>Not Found</h1>")


def _closed_by_robots(request: _Request) -> None:
    request.send(503, "text/html", b"<h1>Service Unavailable</h1>")


def _headers(request: _Request) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(20_000):
        request.wfile.write(f"X-{number}: {number}\r\n".encode())
    request.close_connection = True


def _nested(request: _Request) -> None:
    request.send(200, "text/html", b"<html><body>" + b"<div>" * 100_000)


FAULTS: Mapping[str, Callable[[_Request], None]] = {
    "error": _error,
    "too many": _too_many,
    "forbidden": _forbidden,
    "wall": _wall,
    "reset": _reset,
    "silence": _silence,
    "truncated": _truncated,
    "noise": _noise,
    "nothing": _nothing,
    "loop": _loop,
    "gone": _gone,
    "robots": _closed_by_robots,
    "headers": _headers,
    "nested": _nested,
}
