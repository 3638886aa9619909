"""A server on 127.0.0.1 for the fictional newspaper, for the demo and for tests."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import unquote, urlsplit

from newscrawl.demo import feeds, pages
from newscrawl.demo.paper import ORIGIN, Paper
from newscrawl.demo.stories import categories

IDLE_SECONDS = 30  # a keep-alive connection without a request is closed after this

HTML = "text/html; charset=utf-8"
XML = "text/xml"


@dataclass(frozen=True, slots=True)
class Answer:
    """The response for a path, before ORIGIN is replaced by the server's address."""

    status: int
    content_type: str
    text: str
    encoding: str = "utf-8"

    @property
    def etag(self) -> str:
        """The same on every machine and port. Weak, because it ignores menu, clock and hot list."""
        lasting = re.sub(r"<(header|aside)>.*?</\1>", "", self.text, flags=re.DOTALL)
        return f'W/"{hashlib.sha256(lasting.encode()).hexdigest()[:20]}"'


class DemoServer:
    """Serves the paper during a `with` block.

    `requests` counts all requests by path, including those with status 304 or 404.
    """

    def __init__(self, port: int = 0) -> None:
        self.requests: Counter[str] = Counter()
        self.paper = Paper()
        # Tests replace this to change responses.
        self.alter: Callable[[str, Answer], Answer] = lambda path, answer: answer
        self._http = PaperServer(("127.0.0.1", port), self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="demo", daemon=True
        )

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def publish_edition_two(self) -> None:
        """Replaces the paper by its second edition, at the start of the next second.

        The times of an archive are in seconds, so editions of the same second could not be
        distinguished.
        """
        later = int(time()) + 1
        while (wait := later - time()) > 0:
            threading.Event().wait(wait)
        self.paper = Paper(2)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.close_connections()
        self._http.server_close()


def serve_forever(port: int = 8800) -> None:
    """Serves the paper until Ctrl-C."""
    with DemoServer(port) as server:
        sys.stderr.write(f"{server.base_url} (Ctrl-C stops)\n")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def answer(paper: Paper, path: str) -> Answer:
    """The paper's response for a path without a query; 404 for unknown paths."""
    for pattern, handler in ROUTES:
        match = re.fullmatch(pattern, path)
        if match:
            return handler(paper, *match.groups()) or not_found(paper)
    return not_found(paper)


def not_found(paper: Paper, status: int = HTTPStatus.NOT_FOUND) -> Answer:
    return Answer(status, HTML, pages.missing_page(paper))


def article(paper: Paper, key: str) -> Answer | None:
    """An article by its id. Any slug before it is accepted, as on bnews.vn."""
    story = paper.find(key)
    if story is None:
        return None
    status = paper.status(story)
    if status != 200:
        return not_found(paper, status)
    return Answer(status, HTML, pages.article_page(paper, story))


def listing(paper: Paper, category_id: str, number: str) -> Answer | None:
    category = categories().get(int(category_id))
    if category is None or not paper.page(category, int(number)):
        return None
    return Answer(200, HTML, pages.listing_page(paper, category, int(number)))


def feed(paper: Paper, category_id: str) -> Answer | None:
    category = categories().get(int(category_id))
    return Answer(200, XML, feeds.feed(paper, category), "utf-16-le") if category else None


def sitemap_month(paper: Paper, name: str) -> Answer | None:
    text = feeds.sitemap_month(paper, name)
    return Answer(200, XML, text) if text else None


def image(paper: Paper, key: str) -> Answer | None:
    story = paper.find(key)
    return Answer(200, "image/svg+xml", pages.placeholder(story)) if story else None


ROUTES: tuple[tuple[str, Callable[..., Answer | None]], ...] = (
    (r"/", lambda paper: Answer(200, HTML, pages.home_page(paper))),
    (r"/[^/]+/(\d+)\.html", article),
    (r"/[^/]+/(\d+)/trang-([1-9]\d*)\.html", listing),
    (r"/tag/([^/]+)/\d+/1\.html", lambda paper, tag: Answer(200, HTML, pages.tag_page(paper, tag))),
    (r"/anh/(\d+)\.svg", image),
    (r"/rss/[^/]+-(\d+)\.rss", feed),
    (r"/sitemap\.xml", lambda paper: Answer(200, XML, feeds.sitemap_index(paper))),
    (r"/sitemap/news-(\d+-\d+)\.xml", sitemap_month),
    (r"/robots\.txt", lambda paper: Answer(200, "text/plain; charset=utf-8", feeds.robots())),
)


class PaperServer(ThreadingHTTPServer):
    """The HTTP server of DemoServer. It can close its open connections when it stops."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], demo: DemoServer) -> None:
        self.demo = demo
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, PaperHandler)

    def count(self, path: str) -> None:
        with self._lock:
            self.demo.requests[path] += 1

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Shuts down every open connection for reading. Its thread then closes it."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client has closed it
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores clients that closed the connection; prints all other errors."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class PaperHandler(BaseHTTPRequestHandler):
    """GET and HEAD with keep-alive, entity tags and dates."""

    server: PaperServer
    protocol_version = "HTTP/1.1"
    server_version = "BenMay"
    sys_version = ""
    timeout: ClassVar[float] = IDLE_SECONDS
    # Otherwise the body of every response waits 40 ms until its head is acknowledged.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.count(path)
        paper = self.server.demo.paper
        response = self.server.demo.alter(path, answer(paper, path))
        changed = format_datetime(paper.published_at.astimezone(dt.UTC), usegmt=True)
        if response.status == 200 and self.is_known(response.etag, changed):
            self.reply(HTTPStatus.NOT_MODIFIED, {"ETag": response.etag, "Last-Modified": changed})
            return
        text = response.text.replace(ORIGIN, self.server.demo.base_url)
        payload = text.encode(response.encoding)
        headers = {"Content-Type": response.content_type, "Content-Length": str(len(payload))}
        if response.status == 200:
            headers |= {"ETag": response.etag, "Last-Modified": changed}
        self.reply(response.status, headers)
        if self.command != "HEAD":
            self.wfile.write(payload)

    do_HEAD = do_GET  # noqa: N815 - named by http.server

    def is_known(self, etag: str, changed: str) -> bool:
        """Whether the client has this version. ETags have precedence (RFC 9110, 13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if not tags:
            return self.headers.get("If-Modified-Since") == changed
        known = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return etag.removeprefix("W/") in known

    def reply(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Logs nothing. Requests are counted instead."""


if __name__ == "__main__":
    serve_forever()
