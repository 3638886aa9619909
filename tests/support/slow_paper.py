"""A newspaper on loopback with ordinary articles, and beside them pages that are slow to read."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import Popen, TimeoutExpired

from tests.support.forked import Running
from tests.support.slow_pages import SITE, SlowPage, good

_TYPES = {"article": "text/html", "feed": "application/rss+xml", "sitemap": "application/xml"}

# What feeds and sitemaps list: 50,000 articles that do not exist would all be requested.
_ARTICLE = re.compile(rb"/tin-[0-9]+\.html")


class SlowPaper(ThreadingHTTPServer):
    """Serves the pages that `make` gives for its address, and so many good articles."""

    daemon_threads = True

    def __init__(self, make: Callable[[str], Iterable[SlowPage]], good_articles: int) -> None:
        super().__init__(("127.0.0.1", 0), _Visitor)
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}"
        self.slow = list(make(self.base_url))
        self.good = [f"/bai-{number}.html" for number in range(1, good_articles + 1)]
        self.bodies = {}
        for page in self.slow:
            body = _ARTICLE.sub(b"/bai-1.html", page.body) if page.kind != "article" else page.body
            self.bodies[page.path] = (body, _TYPES[page.kind])
        for number, path in enumerate(self.good, 1):
            self.bodies[path] = (good(number), "text/html")
        self.has_served_slow = threading.Event()
        self.list_articles(self.paths("article"))

    def paths(self, kind: str) -> list[str]:
        """The slow pages of a kind."""
        return [page.path for page in self.slow if page.kind == kind]

    def write_site(self, archive: Path) -> None:
        """Puts the paper's site file into an archive."""
        folder = archive / "sites"
        folder.mkdir(parents=True, exist_ok=True)
        text = SITE.replace("[FEEDS]", json.dumps(self.paths("feed") or ["/none.rss"]))
        text = text.replace("[SITEMAPS]", json.dumps(self.paths("sitemap") or ["/none.xml"]))
        (folder / "slow.toml").write_text(text, "utf-8")

    def list_articles(self, slow: Sequence[str]) -> None:
        """Makes the category page: a good article after each of these slow ones, and the rest."""
        good_ones = list(self.good)
        paths: list[str] = []
        while slow or good_ones:
            paths += [*slow[:1], *good_ones[:1]]
            slow, good_ones = slow[1:], good_ones[1:]
        cards = "".join(f'<li><a href="{path}">Bài {path}</a></li>' for path in paths)
        page = f"<html><body><h1>Tin</h1><ul>{cards}</ul></body></html>"
        self.bodies["/muc/tin"] = (page.encode(), "text/html")

    def handle_error(self, request: object, client_address: object) -> None:
        """A crawl that is stopped leaves in the middle of a page."""


class _Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SlowPaper

    def do_GET(self) -> None:
        found = self.server.bodies.get(self.path)
        body, type_ = found or (b"", "text/plain")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", f"{type_}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body)
        if self.path in self.server.paths("article"):
            self.server.has_served_slow.set()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def slow_paper(
    make: Callable[[str], Iterable[SlowPage]], good_articles: int
) -> Iterator[SlowPaper]:
    """The paper while the block runs."""
    with SlowPaper(make, good_articles) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def most_memory(process: Running | Popen[str], folder: Path) -> int:
    """The most memory of a process and its children until it ends, in kB: the sum of their peaks.

    `folder` is /proc.
    """
    peaks: dict[int, int] = {}
    while process.poll() is None:
        for pid in (process.pid, *_children(process.pid, folder)):
            with suppress(OSError, IndexError):  # it has just ended
                status = (folder / str(pid) / "status").read_text()
                peaks[pid] = int(status.partition("VmHWM:")[2].split()[0])
        with suppress(TimeoutExpired):
            process.wait(0.05)
    # Of the processes that were killed one after the other, only one was there at a time.
    own = peaks.pop(process.pid, 0)
    return own + max(peaks.values(), default=0)


def _children(pid: int, folder: Path) -> list[int]:
    found: list[int] = []
    for task in (folder / str(pid) / "task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found
