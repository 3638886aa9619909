"""Headers without an end, or too many of them, are refused with a reason, and their connection is closed."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.web._newclient import Request
from twisted.web.http_headers import Headers

from newscrawl.crawl.header_limits import HEAD, LimitedFactory
from tests.crawl.test_attacks import watched
from tests.support.attack_site import write_site
from tests.support.crawling import QUICK, newscrawl, query, start
from tests.support.header_floods import ENDING, FLOODS, GOOD, FloodServer, flooding
from tests.support.queueing import crew, finished, redis_server

MOST_MEMORY_KB = 400 * 1024
SET = ("--set", "DOWNLOAD_TIMEOUT=10", "--set", "CONCURRENT_REQUESTS_PER_DOMAIN=16")
MIB = 1 << 20
RESPONSES = "SELECT url, code FROM problems WHERE stage = 'fetch' AND code <> 'http_404'"


@pytest.fixture
def server() -> Iterator[FloodServer]:
    with flooding() as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    write_site(tmp_path)
    return tmp_path


def crawl_args(server: FloodServer) -> tuple[str, ...]:
    """The crawl of the paper's one category."""
    named = ("attacked", "--base-url", f"http://{server.address}")
    return ("crawl", *named, "--category", "tin", "--max-pages", "1", *QUICK, *SET)


def recorded(archive: Path) -> dict[str, str]:
    """Path -> the reason for which it was refused."""
    return {"/" + url.split("/", 3)[3]: code for url, code in query(archive, RESPONSES)}


def test_each_flood_is_refused_with_its_reason_and_good_pages_are_stored(
    server: FloodServer, archive: Path
) -> None:
    refused = [f"/{name}-{n}.html" for n, name in enumerate([*FLOODS, *ENDING, "leads-to-flood"])]
    good = [f"/{name}-{n + 100}.html" for n, name in enumerate(GOOD)]
    server.links = [*refused, *good]
    done = newscrawl(*crawl_args(server), "--quiet", archive=archive)
    assert done.returncode == 3, "most of what was requested gave nothing"
    assert recorded(archive) == dict.fromkeys(refused, "refused_headers")
    stored = query(archive, "SELECT url FROM articles WHERE state = 'stored' ORDER BY id")
    assert ["/" + url.rpartition("/")[2] for (url,) in stored] == good
    assert max(server.asked.values()) == 1, "a refused page is not requested again"
    assert server.closed == len(FLOODS) + 1, "each connection of a flood is closed"
    assert newscrawl("verify", archive=archive).returncode == 0


def test_connection_of_a_refused_response_is_not_used_again(
    server: FloodServer, archive: Path
) -> None:
    """A response that ends gives its connection back before it can be closed."""
    refused = [f"/201-headers-{n}.html" for n in range(30)]
    good = [f"/good-{n + 100}.html" for n in range(30)]
    server.links = [link for pair in zip(refused, good, strict=True) for link in pair]
    newscrawl(*crawl_args(server), "--quiet", archive=archive)
    assert recorded(archive) == dict.fromkeys(refused, "refused_headers")
    assert query(archive, "SELECT count(*) FROM articles WHERE state = 'stored'") == [(30,)]


def test_memory_is_bounded_for_sixteen_floods_at_once(server: FloodServer, archive: Path) -> None:
    server.links = [f"/{name}-{n}.html" for n, name in enumerate([*FLOODS, *FLOODS][:16])]
    process = start(*crawl_args(server), "--quiet", archive=archive)
    _, _, memory_kb = watched(process)
    process.communicate()
    assert recorded(archive) == dict.fromkeys(server.links, "refused_headers")
    assert 0 < memory_kb < MOST_MEMORY_KB
    assert server.sent < 16 * 8 * MIB, "the connections are closed at once"


@pytest.mark.parametrize("flood", ["names", "folded", "one-line", "early-hints"])
def test_flood_for_robots_leaves_the_site_alone(
    server: FloodServer, archive: Path, flood: str
) -> None:
    server.robots = flood
    server.links = ["/good-1.html"]
    process = start(*crawl_args(server), "--quiet", archive=archive)
    _, _, memory_kb = watched(process)
    process.communicate()
    assert process.returncode == 3
    assert set(server.asked) == {"/robots.txt"}
    told = query(archive, "SELECT code, message FROM problems")
    assert {code for code, _ in told} == {"robots_unreachable"}
    assert "more than 64 KiB of headers" in told[0][1]
    assert memory_kb < MOST_MEMORY_KB


def test_endless_trailers_are_bounded(server: FloodServer, archive: Path) -> None:
    server.links = ["/trailers-1.html", "/good-2.html"]
    process = start(*crawl_args(server), "--set", "RETRY_TIMES=0", "--quiet", archive=archive)
    _, _, memory_kb = watched(process)
    process.communicate()
    assert recorded(archive) == {"/trailers-1.html": "truncated"}
    assert memory_kb < MOST_MEMORY_KB
    assert server.sent < 8 * MIB


def test_flood_through_a_proxy_is_refused(server: FloodServer, archive: Path) -> None:
    """The proxy is the flooding server itself, and so the name of the site is never resolved."""
    site = archive / "sites" / "attacked.toml"
    plain = site.read_text("utf-8").replace("https://paper.example", "http://paper.example")
    site.write_text(plain, "utf-8")
    urls = ("http://paper.example/good-1.html", "http://paper.example/names-2.html")
    args = (*urls, *QUICK, *SET, "--set", "ROBOTSTXT_OBEY=false", "--quiet")
    process = start("crawl", *args, archive=archive, env={"http_proxy": f"http://{server.address}"})
    _, _, memory_kb = watched(process)
    process.communicate()
    assert set(server.asked) == set(urls)
    assert query(archive, RESPONSES) == [(urls[1], "refused_headers")]
    assert memory_kb < MOST_MEMORY_KB


def test_proxy_that_floods_its_answer_to_connect_is_refused(
    server: FloodServer, archive: Path
) -> None:
    env = {"https_proxy": f"http://{server.address}"}
    url = "https://paper.example/good-1.html"
    process = start(
        "crawl", url, *QUICK, *SET, "--set", "ROBOTSTXT_OBEY=false", "--quiet", archive=archive, env=env
    )  # fmt: skip
    _, _, memory_kb = watched(process)
    process.communicate()
    assert server.asked == {"paper.example:443": 1}
    assert query(archive, RESPONSES) == [(url, "refused_headers")]
    assert memory_kb < MOST_MEMORY_KB
    assert server.closed == 1
    assert server.sent < 8 * MIB


@pytest.mark.needs("redis-server")
def test_worker_refuses_a_flood_and_the_collector_records_it(
    server: FloodServer, tmp_path: Path
) -> None:
    write_site(tmp_path / "archive")
    write_site(tmp_path / "nothing")
    server.links = ["/names-1.html", "/folded-2.html", "/201-headers-3.html"]
    good = ["/good-4.html", "/60-kib-of-controls-5.html"]
    refused = [*server.links]
    server.links += good
    with (
        redis_server(tmp_path) as queue_url,
        crew(tmp_path, queue_url, f"http://{server.address}", *QUICK, *SET) as made,
    ):
        named = ("--queue", queue_url, "--base-url", f"http://{server.address}")
        only = ("--category", "tin", "--max-pages", "1")
        collector = start("collect", "attacked", *named, *only, archive=made.archive)
        finished(made.worker())
        finished(collector)
    assert recorded(made.archive) == dict.fromkeys(refused, "refused_headers")
    assert query(made.archive, "SELECT count(*) FROM articles WHERE state = 'stored'") == [(2,)]


class Body(Protocol):
    """Ignores a body."""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        pass


def test_memory_of_a_response_is_free_when_it_has_arrived() -> None:
    """Otherwise thousands of responses wait for Python's garbage collector, which visits them all."""
    factory = LimitedFactory(lambda host: None, lambda protocol: None, "")
    protocol: Any = factory.buildProtocol(None)
    transport: Any = StringTransport  # Twisted has no types for these two
    request: Any = Request
    protocol.makeConnection(transport())
    responses: list[Any] = []
    headers = Headers({b"Host": [b"paper.example"]})
    protocol.request(request(b"GET", b"/", headers, None)).addCallback(responses.append)
    parser = weakref.ref(protocol._parser)
    gc.disable()
    try:
        protocol.dataReceived(b"HTTP/1.1 200 Fine\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n")
        responses[0].deliverBody(Body())
        protocol.dataReceived(b"ok")
        assert parser() is None
    finally:
        gc.enable()
    head = responses[0].headers.getRawHeaders(HEAD)
    assert head == [b"HTTP/1.1 200 Fine", b"X-A: 1", b"Content-Length: 2"]
