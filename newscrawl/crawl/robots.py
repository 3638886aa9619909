"""robots.txt according to RFC 9309, from which Scrapy's own middleware differs.

A server error or a missing response disallows the whole site for this run (2.3.1.4). A 4xx status
allows everything (2.3.1.3). Only the first 500 KiB are used (2.5), and a copy is used for at most a
day (2.4): in one run, and in runs of what is due also the copy that an earlier run has kept. Up to
five redirects to the site's own hosts are followed (2.3.1.2). A crawl-delay is obeyed up to a
minute. The file itself is kept in the WARC file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from newscrawl.crawl.failures import DOWNLOAD_ERRORS, NONE_REQUESTED, RobotsUnreachable
from newscrawl.crawl.kept_robots import KeptCopy
from newscrawl.crawl.pace import PacedSlot
from newscrawl.crawl.session import Session

PRODUCT = "newscrawl"
MOST_BYTES = 500 * 1024
LONGEST_DELAY_SECONDS = 60.0
KEPT_SECONDS = 24 * 3600.0
NO_ANSWER: tuple[type[Exception], ...] = (*DOWNLOAD_ERRORS, IgnoreRequest)
FIRST = 1000  # the priority of the request: before every page


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a robots.txt.

    `at` is its time on the monotonic clock. The result of `rules` is the rules, or the reason why
    they are not available.
    """

    at: float
    rules: asyncio.Future[Protego | str]


class RobotsMiddleware:
    """Applies the robots.txt of each host, which it fetches once per run and again after a day.

    `kept` returns the copy of an earlier run by address; None if there is none that may be used.
    """

    def __init__(
        self,
        download: Callable[[Request], Awaitable[Response]],
        slow_down: Callable[[str, float], None],
        clock: Callable[[], float] = monotonic,
        kept: Callable[[str], KeptCopy | None] = lambda url: None,
    ) -> None:
        self._download, self._slow_down, self._clock = download, slow_down, clock
        self._kept = kept
        self._asked: dict[str, Asked] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured if the user has turned robots.txt off."""
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured

        async def download(request: Request) -> Response:
            assert crawler.engine is not None
            return await crawler.engine.download_async(request)

        def kept(url: str) -> KeptCopy | None:
            session = getattr(crawler.spider, "session", None)
            return session.kept_robots(url) if isinstance(session, Session) else None

        def slow_down(host: str, seconds: float) -> None:
            assert crawler.engine is not None
            slot = crawler.engine.downloader.slots.get(host)
            if isinstance(slot, PacedSlot):
                slot.slow_down(seconds)
            elif slot is not None:  # the user has set another DOWNLOADER
                slot.delay = max(slot.delay, seconds)

        return cls(download, slow_down, kept=kept)

    async def process_request(self, request: Request) -> None:
        """Raises IgnoreRequest for a forbidden page, RobotsUnreachable if there are no rules."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        asked = self._asked.get(origin)
        if asked is None:
            asked = self._asked[origin] = self._from_earlier_run(origin) or self._ask(origin)
        elif self._clock() - asked.at > KEPT_SECONDS:
            asked = self._asked[origin] = self._ask(origin)
        rules = asked.rules.result() if asked.rules.done() else await asyncio.shield(asked.rules)
        if isinstance(rules, str):
            raise RobotsUnreachable(
                f"cannot fetch {origin}/robots.txt ({rules.rstrip('.')}){NONE_REQUESTED}"
            )
        if not rules.can_fetch(request.url, PRODUCT):
            raise IgnoreRequest("forbidden by robots.txt")
        if delay := rules.crawl_delay(PRODUCT):
            # Otherwise AutoThrottle would reduce the delay that the site requests.
            request.meta["autothrottle_dont_adjust_delay"] = True
            self._slow_down(parts.hostname or "", min(float(delay), LONGEST_DELAY_SECONDS))

    def _from_earlier_run(self, origin: str) -> Asked | None:
        """The rules in the copy that an earlier run has kept; None if there is none."""
        copy = self._kept(f"{origin}/robots.txt")
        if copy is None:
            return None
        rules: asyncio.Future[Protego | str] = asyncio.get_running_loop().create_future()
        rules.set_result(_parsed(copy.body if copy.status < 300 else b""))
        return Asked(self._clock() - copy.age.total_seconds(), rules)

    def _ask(self, origin: str) -> Asked:
        return Asked(self._clock(), asyncio.ensure_future(self._fetch(origin)))

    async def _fetch(self, origin: str) -> Protego | str:
        """The rules, or the reason why they are not available."""
        request = Request(
            f"{origin}/robots.txt",
            priority=FIRST,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        try:
            return rules_of(await self._download(request))
        except NO_ANSWER as error:
            return " ".join(str(error).split())[:200] or type(error).__name__


def rules_of(response: Response) -> Protego | str:
    """The rules in the response for robots.txt, or the reason why it contains none."""
    if response.status >= 500 or response.status == 429:
        return f"the server answered {response.status}"
    return _parsed(response.body if response.status < 300 else b"")


def _parsed(body: bytes) -> Protego:
    if len(body) > MOST_BYTES:
        body = body[:MOST_BYTES].rpartition(b"\n")[0]  # a part of a line would be a different rule
    # With a byte order mark, the first line would not be recognised.
    return Protego.parse(body.decode("utf-8-sig", "replace"))
