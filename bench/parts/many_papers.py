"""A proxy on loopback that shows the made-up newspaper under the name of any host.

python many_papers.py

It prints its address as one line, and ends when its standard input does.
"""

from __future__ import annotations

import sys
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from newscrawl.demo.paper import ORIGIN, Paper
from newscrawl.demo.server import Answer, answer

PAPER = Paper()


@lru_cache(maxsize=1024)
def page(path: str) -> Answer:
    """The paper's page. It never changes, so that the proxy needs little CPU."""
    return answer(PAPER, path)


class Proxy(BaseHTTPRequestHandler):
    """Answers requests for whole addresses."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """The page at the address, as if its host had published it."""
        address = urlsplit(self.path)
        found = page(unquote(address.path))
        text = found.text.replace(ORIGIN, f"http://{address.netloc}")
        payload = text.encode(found.encoding)
        self.send_response(found.status)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *args: object) -> None:
        """Logs nothing."""


class Server(ThreadingHTTPServer):
    """A thread per connection, of which there may be a thousand."""

    daemon_threads = True
    request_queue_size = 1024


def main() -> None:
    """Serves."""
    with Server(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
