"""A proxy on loopback that records when the requests of each host arrive.

python -m parts.timed_papers    # in bench/

It shows the made-up newspaper under the name of any host, and prints its address as one line. When
its standard input ends, it prints the times of arrival as JSON: host -> seconds, ascending.

The times are those at which the kernel received the request (SO_TIMESTAMPNS), so it does not matter
how busy the proxy is. Where the kernel has none, they are those at which the proxy read it.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from newscrawl.demo.paper import ORIGIN
from parts.many_papers import page

TIMESTAMPNS = 35  # SO_TIMESTAMPNS of Linux, which Python has no name for
_TIME = struct.Struct("qq")  # seconds and nanoseconds
_END = b"\r\n\r\n"


@dataclass(slots=True, eq=False)
class Connection:
    """A connection of the crawl, and what has arrived of its next request."""

    socket: socket.socket
    received: bytes = b""


class TimedPapers:
    """The proxy: one thread, whose answers fit into the buffers of the sockets."""

    def __init__(self) -> None:
        self.arrivals: dict[str, list[float]] = defaultdict(list)
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        if sys.platform == "linux":  # the sockets of connections inherit it
            self._listener.setsockopt(socket.SOL_SOCKET, TIMESTAMPNS, 1)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Serves until standard input ends."""
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read(key.data)

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(accepted, selectors.EVENT_READ, Connection(accepted))

    def _read(self, connection: Connection) -> None:
        try:
            data, ancillary, _, _ = connection.socket.recvmsg(65536, 256)
        except ConnectionError:
            data, ancillary = b"", []
        if not data:
            self._selector.unregister(connection.socket)
            connection.socket.close()
            return
        connection.received += data
        if connection.received.endswith(_END):
            self._answer(connection, _arrival(ancillary))
            connection.received = b""

    def _answer(self, connection: Connection, arrived: float) -> None:
        target = connection.received.split(b" ", 2)[1].decode("ascii")
        address = urlsplit(target)
        self.arrivals[address.netloc].append(arrived)
        found = page(unquote(address.path))
        body = found.text.replace(ORIGIN, f"http://{address.netloc}").encode(found.encoding)
        head = (
            f"HTTP/1.1 {found.status} Answer\r\nContent-Type: {found.content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        connection.socket.sendall(head.encode("ascii") + body)


def _arrival(ancillary: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, TIMESTAMPNS):
            seconds: int
            nanoseconds: int
            seconds, nanoseconds = _TIME.unpack(data)
            return seconds + nanoseconds / 1e9
    return time.time()


def main() -> None:
    """Serves, and prints what arrived when."""
    papers = TimedPapers()
    print(papers.address, flush=True)
    papers.serve()
    print(json.dumps(papers.arrivals), flush=True)


if __name__ == "__main__":
    main()
