"""Asks the pages of an archive in this process, without a server or a browser, and follows their links."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin

from lxml import html

from newscrawl.web.server import application

ANCHORS = re.compile(r"#.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: its status, its headers with names in lower case, and its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.text)

    def texts(self, selector: str) -> list[str]:
        """The texts of the elements, with single spaces."""
        return [" ".join(each.text_content().split()) for each in self.tree.cssselect(selector)]

    def links(self, selector: str = "a, link[rel=alternate], form") -> list[str]:
        """Where the elements lead, without what stands behind `#`."""
        found: list[str] = []
        for each in self.tree.cssselect(selector):
            address = each.get("href") or each.get("action")
            if address is not None:
                found.append(ANCHORS.sub("", unescape(address)))
        return found


@dataclass(frozen=True, slots=True)
class Cost:
    """The time until a reply was complete, and the CPU that the process used meanwhile."""

    seconds: float
    cpu: float


class Pages:
    """The pages of one archive."""

    def __init__(self, folder: Path, host: str = "127.0.0.1") -> None:
        self._application = application(folder, host)
        self._loop = asyncio.new_event_loop()

    def get(self, address: str, **headers: str) -> Reply:
        """The reply to GET of a path with its parameters."""
        return self._loop.run_until_complete(self._get(address, headers))

    def get_together(self, addresses: Sequence[str]) -> list[Cost]:
        """What it takes until each reply is complete, if all are requested at once, in this order."""
        began, cpu = time.monotonic(), time.process_time()

        async def cost_of(address: str) -> Cost:
            await self._get(address, {})
            return Cost(time.monotonic() - began, time.process_time() - cpu)

        async def all_of_them() -> list[Cost]:
            return await asyncio.gather(*map(cost_of, addresses))

        return self._loop.run_until_complete(all_of_them())

    async def _get(self, address: str, headers: dict[str, str]) -> Reply:
        path, _, query = address.partition("?")
        sent = {
            "host": "127.0.0.1",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": unquote_to_bytes(path).decode(),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        messages: list[Any] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(3600)  # the browser stays
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            messages.append(message)

        await self._application(scope, receive, send)
        start, *parts = messages
        named = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], named, b"".join(part.get("body", b"") for part in parts))

    def close(self) -> None:
        self._loop.close()


@contextmanager
def asked(folder: Path) -> Iterator[Pages]:
    """The pages of an archive while the block runs."""
    pages = Pages(folder)
    try:
        yield pages
    finally:
        pages.close()


def broken_links(pages: Pages, begin: str, most: int) -> list[str]:
    """The links that give no page, on `most` pages that can be reached from `begin`, in order.

    A link of the same shape as three others (`/article/1`, `/article/2`) is not followed, so that a
    few hundred requests see every kind of link.
    """
    waiting, known, shapes, broken = [begin], {begin}, dict[str, int](), list[str]()
    for number in range(most):
        if number == len(waiting):
            break
        address = waiting[number]
        reply = pages.get(address)
        if reply.status >= 400:
            broken.append(f"{reply.status} {address}")
        if not reply.headers.get("content-type", "").startswith("text/html"):
            continue
        for link in reply.links():
            target = urljoin(address, link)
            shape = re.sub(r"\d+|=[^&]*", "#", target)
            is_new = target not in known and target.startswith("/")
            if is_new and shapes.get(shape, 0) < 3:
                shapes[shape] = shapes.get(shape, 0) + 1
                known.add(target)
                waiting.append(target)
    return broken
