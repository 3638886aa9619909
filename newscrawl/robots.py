"""robots.txt as RFC 9309 has it, where Scrapy's own middleware differs.

A server error or no answer disallows the site for this run (2.3.1.4), a 4xx allows everything (2.3.1.3), at most
500 KiB count (2.5). A crawl-delay is honoured up to a minute. The file itself is kept in the WARC.
"""

from __future__ import annotations

import asyncio
from typing import Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from .failures import DOWNLOAD_ERRORS, RobotsUnreachable

PRODUCT = "newscrawl"
MOST_BYTES = 500 * 1024
LONGEST_DELAY_SECONDS = 60.0
NO_ANSWER: tuple[type[Exception], ...] = (*DOWNLOAD_ERRORS, IgnoreRequest)
FIRST = 1000  # before every page: a request's priority


class RobotsMiddleware:
    """Asks for a host's robots.txt once a run, and holds its pages to it."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._rules: dict[str, asyncio.Future[Protego | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """IgnoreRequest for what the rules forbid, RobotsUnreachable where they cannot be had."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._fetch(origin))
        rules = await asyncio.shield(self._rules[origin])
        if rules is None:
            raise RobotsUnreachable(f"{origin}/robots.txt cannot be had: nothing is asked of the site in this run")
        if not rules.can_fetch(request.url, PRODUCT):
            raise IgnoreRequest("forbidden by robots.txt")
        self._slow_down(request, rules)

    async def _fetch(self, origin: str) -> Protego | None:
        """The rules; None where the server is in trouble."""
        request = Request(
            f"{origin}/robots.txt", priority=FIRST, meta={"dont_obey_robotstxt": True}, callback=NO_CALLBACK
        )
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except NO_ANSWER:
            return None
        return rules_of(response)

    def _slow_down(self, request: Request, rules: Protego) -> None:
        asked = rules.crawl_delay(PRODUCT)
        if not asked or self._crawler.engine is None:
            return
        slot = self._crawler.engine.downloader.slots.get(urlsplit(request.url).hostname or "")
        if slot is not None:
            slot.delay = max(slot.delay, min(float(asked), LONGEST_DELAY_SECONDS))


def rules_of(response: Response) -> Protego | None:
    """The rules in an answer to a request for robots.txt."""
    if response.status >= 500 or response.status == 429:
        return None
    body = response.body if response.status < 300 else b""
    if len(body) > MOST_BYTES:
        body = body[:MOST_BYTES].rpartition(b"\n")[0]  # half a line would be another rule
    return Protego.parse(body.decode("utf-8", "replace"))
