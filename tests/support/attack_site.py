"""A newspaper on loopback that attacks its reader: 20 good articles, and a trap behind every other link.

Nothing here leads beyond this machine, and canaries notice whoever comes where it must not.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.attack_pages import Connection, Places, Route, routes

SITE = r"""
name = "attacked"
title = "Báo Bẫy"
domain = "paper.example"
origin = "https://paper.example"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
max_pages = 4
article_url = '^/[^/]*-(?P<id>\d+)\.html$'
category_url = '^/muc/(?P<slug>[a-z-]+)(?:/(?P<page>\d+))?$'
category_start = "/muc/{slug}"
category = [
  { key = "tin", slug = "tin" },
  { key = "bay", slug = "bay" },
  { key = "lich", slug = "lich" },
  { key = "khong-lo", slug = "khong-lo" },
  { key = "trieu", slug = "trieu" },
]

[feeds]
site = ["/rss/laughs.rss", "/rss/xxe.rss", "/rss/tricks.rss"]

[sitemap]
url = ["/sitemap-chain-1.xml", "/sitemap-laughs.xml", "/sitemap-xxe.xml", "/sitemap-tricks.xml"]

[[template]]
name = "now"
marker = "h1"

[template.fields]
title = "h1"
body = "div.body"
published = ["time", "json-ld:datePublished"]
modified = "json-ld:dateModified"
authors = "json-ld:author"
tags = "json-ld:keywords"
image = "json-ld:image"
language = "json-ld:inLanguage"
category = "json-ld:articleSection"
breadcrumb = "json-ld:BreadcrumbList"

[[listing]]
name = "list"

[[listing.block]]
card = "li"
link = "a"
"""


class Visitor(Connection):
    """Notes what is asked and told, and takes the path's trap."""

    server: AttackServer

    def take(self) -> None:
        self.over = self.server.over
        self.server.asked[self.path] += 1
        self.server.hosts.add(self.headers.get("Host", ""))
        self.server.told |= {name for name in ("Cookie", "Authorization") if self.headers.get(name)}
        route = self.server.routes.get(self.path)
        if route is None:
            self.send(b"", status=404)
        else:
            route(self)


class AttackServer(ThreadingHTTPServer):
    """Counts what is asked, by which host name, and which secrets are told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.asked: Counter[str] = Counter()
        self.hosts: set[str] = set()
        self.told: set[str] = set()
        self.places = Places(0, 0)
        self.routes: dict[str, Route] = {}
        self.canaries: list[socket.socket] = []
        self.over = threading.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away from most traps half-way: that is what they should do."""

    def visited_canaries(self) -> list[str]:
        """The addresses to which somebody connected."""
        return [f"{sock.getsockname()[:2]}" for sock in self.canaries if _visited(sock)]


@contextmanager
def attacking() -> Iterator[AttackServer]:
    """The paper while the block runs."""
    with AttackServer() as server, ExitStack() as stack:
        port = int(server.server_address[1])
        for address in (("127.0.0.1", 0), ("127.0.0.2", port), ("::1", port)):
            server.canaries += canary(stack, address)
        server.places = Places(port, server.canaries[0].getsockname()[1])
        server.routes = routes(server.places)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def canary(stack: ExitStack, address: tuple[str, int]) -> list[socket.socket]:
    """A socket that listens there; none where the machine has no such address."""
    found = stack.enter_context(
        socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    )
    with suppress(OSError):
        found.bind(address)
        found.listen(100)
        found.setblocking(False)
        return [found]
    return []


def write_site(archive: Path) -> None:
    """Puts the paper's site file into an archive."""
    (archive / "sites").mkdir(parents=True, exist_ok=True)
    (archive / "sites" / "attacked.toml").write_text(SITE, "utf-8")


def _visited(canary: socket.socket) -> bool:
    try:
        canary.accept()
    except BlockingIOError:
        return False
    return True
