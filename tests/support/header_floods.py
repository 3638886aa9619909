"""A newspaper on loopback whose responses have headers without end, folded or not, and a proxy that does the same."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.support.attack_pages import article

START = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BLOCK = 60_000  # bytes of a flood in one write, below one read of Twisted
Flood = Callable[[int], bytes]


def _lines(line: bytes) -> Flood:
    """As many of these lines as a block has room for."""
    return lambda number: line * (BLOCK // len(line))


def _numbered(number: int) -> bytes:
    return b"".join(b"X-%d-%d: %d\r\n" % (number, n, n) for n in range(BLOCK // 16))


# Name -> what is sent at first, and then what is sent again and again. None of them ends.
FLOODS: dict[str, tuple[bytes, Flood]] = {
    "names": (START, _numbered),
    "one-name": (START, _lines(b"Set-Cookie: " + b"x" * 100 + b"\r\n")),
    "folded": (START + b"X-Folded: a\r\n", _lines(b" " + b"x" * 1000 + b"\r\n")),
    "folded-empty": (START + b"X-Folded: a\r\n", _lines(b"\t\r\n")),
    "one-line": (START + b"X-Long: ", _lines(b"x")),
    "no-colon": (START, _lines(b"nothing\r\n")),
    "connection": (START, _lines(b"Connection: keep-alive\r\n")),
    "early-hints": (b"", _lines(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")),
    "status-line": (b"HTTP/1.1 200 ", _lines(b"x")),
    "redirect": (b"HTTP/1.1 302 Found\r\nLocation: /tin-1.html\r\n", _numbered),
    "error": (b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n", _numbered),
    "no-content": (b"HTTP/1.1 304 Not Modified\r\n", _numbered),
}
# Name -> the headers of a response that ends.
ENDING: dict[str, bytes] = {
    "201-headers": b"".join(b"X-%d: 1\r\n" % n for n in range(200)),  # and Content-Type
    "65-kib": b"".join(b"X-%d: %s\r\n" % (n, b"x" * 13_200) for n in range(5)),
    "65-kib-in-one": b"X-Long: " + b"x" * 65 * 1024 + b"\r\n",
    "65-kib-folded": b"X-Folded: a\r\n" + (b" " + b"x" * 6_600 + b"\r\n") * 10,
}
# Name -> headers within the limits: these pages are stored.
GOOD: dict[str, bytes] = {
    "200-headers": b"".join(b"X-%d: 1\r\n" % n for n in range(199)),
    "60-kib": b"".join(b"X-%d: %s\r\n" % (n, b"x" * 12_000) for n in range(5)),
    "60-kib-in-one": b"X-Long: " + b"x" * 60 * 1024 + b"\r\n",
    "60-kib-folded": b"X-Folded: a\r\n" + (b" " + b"x" * 6_000 + b"\r\n") * 10,
    "60-kib-of-controls": b"X-Odd: " + b"\x01" * 60 * 1024 + b"\r\n",
}


class Flooding(StreamRequestHandler):
    """One connection: answers requests by their path until it is closed."""

    server: FloodServer

    def handle(self) -> None:
        with suppress(OSError):
            while not self.server.over.is_set() and self._answer():
                pass

    def _answer(self) -> bool:
        """Whether the connection stays open."""
        method, _, rest = self.rfile.readline(65536).partition(b" ")
        if not method:
            return False
        while self.rfile.readline(65536).strip():
            pass
        path = rest.split()[0].decode()
        self.server.asked[path] += 1
        path = path.removeprefix("http://paper.example")  # a proxy gets the whole address
        if method == b"CONNECT":
            self._flood(b"HTTP/1.1 200 OK\r\n", _numbered)
            return False
        name = path.removeprefix("/").rpartition("-")[0]
        if path == "/robots.txt" and self.server.robots:
            name = self.server.robots
        if name in FLOODS:
            self._flood(*FLOODS[name])
            return False
        self._page(path, name)
        return True

    def _flood(self, first: bytes, flood: Flood) -> None:
        self.wfile.write(first)
        number = 0
        try:
            while not self.server.over.is_set():
                self.wfile.write(flood(number))
                self.server.sent += BLOCK
                number += 1
        except OSError:
            self.server.closed += 1

    def _page(self, path: str, name: str) -> None:
        headers = {**ENDING, **GOOD}.get(name, b"")
        body = article(f"Tin {path}")
        status = b"200 OK"
        if path == "/muc/tin":
            links = "".join(f'<li><a href="{link}">Bài</a></li>' for link in self.server.links)
            body = f"<html><body><ul>{links}</ul></body></html>".encode()
        elif path == "/robots.txt":
            status = b"404 Not Found"
        elif name == "leads-to-flood":
            status = b"302 Found"
            headers = b"Location: /names-9999.html\r\n"
        elif name == "trailers":
            self._flood(START + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", _numbered)
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        self.wfile.write(
            b"HTTP/1.1 %s\r\nContent-Type: text/html\r\n" % status + headers + length + body
        )


class FloodServer(ThreadingTCPServer):
    """`links` are on its category page. `robots`: the flood with which robots.txt is answered."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Flooding)
        self.asked: Counter[str] = Counter()
        self.links: list[str] = []
        self.robots = ""
        self.sent = 0  # bytes of floods
        self.closed = 0  # floods that the other side ended
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients end most connections half-way: that is what they should do."""

    def get_request(self) -> tuple[socket.socket, object]:
        request, address = super().get_request()
        request.settimeout(20)
        return request, address


@contextmanager
def flooding() -> Iterator[FloodServer]:
    """The paper while the block runs."""
    with FloodServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
