"""robots.txt: what it forbids, how slow it wants us, and what becomes of a site that has none to show."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from protego import Protego
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response

from newscrawl.crawl.failures import RobotsUnreachable
from newscrawl.crawl.kept_robots import KeptCopy
from newscrawl.crawl.robots import LONGEST_DELAY_SECONDS, MOST_BYTES, RobotsMiddleware, rules_of


def robots(status: int, text: str = "") -> Response:
    return Response("https://bnews.vn/robots.txt", status=status, body=text.encode())


@pytest.mark.parametrize("status", [404, 403, 401, 410])
def test_robots_that_is_not_there_allows_everything(status: int) -> None:
    rules = rules_of(robots(status, "User-agent: *\nDisallow: /"))
    assert isinstance(rules, Protego)
    assert rules.can_fetch("https://bnews.vn/a", "newscrawl")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_robots_that_cannot_be_had_allows_nothing(status: int) -> None:
    assert rules_of(robots(status)) == f"the server answered {status}"


def test_robots_counts_up_to_500_kib() -> None:
    comment = "#" * (MOST_BYTES - 40) + "\n"
    rules = rules_of(robots(200, "User-agent: *\nDisallow: /a\n" + comment + "\nDisallow: /b\n"))
    assert isinstance(rules, Protego)
    assert not rules.can_fetch("https://bnews.vn/a", "newscrawl")
    assert rules.can_fetch("https://bnews.vn/b", "newscrawl")


def test_robots_with_a_byte_order_mark_counts_from_its_first_line() -> None:
    rules = rules_of(robots(200, "\ufeffUser-agent: *\nDisallow: /\n"))
    assert isinstance(rules, Protego)
    assert not rules.can_fetch("https://bnews.vn/a", "newscrawl")


class Web:
    """What a RobotsMiddleware is given: answers to robots.txt, and somebody to slow down."""

    def __init__(self, answer: Response | Exception) -> None:
        self.answer = answer
        self.asked = 0
        self.kept: KeptCopy | None = None
        self.delays: list[tuple[str, float]] = []
        self.now = 0.0
        self.middleware = RobotsMiddleware(
            self.download,
            lambda host, delay: self.delays.append((host, delay)),
            lambda: self.now,
            lambda url: self.kept,
        )

    async def download(self, request: Request) -> Response:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def ask(self, url: str = "https://bnews.vn/a") -> None:
        asyncio.run(self.middleware.process_request(Request(url)))


@pytest.mark.parametrize(
    ("line", "delay"),
    [
        ("1000000000", LONGEST_DELAY_SECONDS),
        ("2.5", 2.5),
        ("inf", None),
        ("nan", None),
        ("-5", None),
        ("soon", None),
    ],
)
def test_crawl_delay_is_kept_up_to_a_minute(line: str, delay: float | None) -> None:
    web = Web(robots(200, f"User-agent: *\nCrawl-delay: {line}\n"))
    web.ask()
    assert web.delays == ([("bnews.vn", delay)] if delay else [])


def test_copy_of_an_earlier_run_is_used_until_it_is_a_day_old() -> None:
    web = Web(robots(200, ""))
    web.kept = KeptCopy(200, b"User-agent: *\nDisallow: /b\n", timedelta(hours=20))
    for hours in (0, 3):
        web.now = hours * 3600
        web.ask()
        with pytest.raises(IgnoreRequest):
            web.ask("https://bnews.vn/b")
    assert web.asked == 0
    web.now = 5 * 3600
    web.ask("https://bnews.vn/b")
    assert web.asked == 1


def test_robots_is_asked_for_once_a_day() -> None:
    web = Web(robots(200, "User-agent: *\nDisallow: /b\n"))
    for hours in (0, 1, 24):
        web.now = hours * 3600
        web.ask()
    assert web.asked == 1
    web.now = 24 * 3600 + 1
    web.ask()
    assert web.asked == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (robots(503), "the server answered 503"),
        (DownloadTimeoutError("took too long"), "took too long"),
        (IgnoreRequest("max redirections reached"), "max redirections reached"),
    ],
)
def test_robots_that_cannot_be_had_closes_the_site_and_says_why(
    answer: Response | Exception, why: str
) -> None:
    web = Web(answer)
    for url in ("https://bnews.vn/a", "https://bnews.vn/b"):
        with pytest.raises(RobotsUnreachable, match=why):
            web.ask(url)
    assert web.asked == 1
