"""The fictional newspaper's server: conditional requests, editions, feeds, keep-alive, stop."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from newscrawl.demo.paper import ORIGIN
from newscrawl.demo.server import DemoServer
from newscrawl.demo.stories import COPIED, CORRECTED, REMOVED, UNDATED, categories


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def get(
    server: DemoServer, path: str, method: str = "GET", **headers: str
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", urlsplit(server.base_url).port or 0, timeout=10)
    try:
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_one_connection_serves_many_requests_with_exact_lengths(server: DemoServer) -> None:
    connection = HTTPConnection("127.0.0.1", urlsplit(server.base_url).port or 0, timeout=10)
    first = None
    for path in (
        "/",
        "/nothing",
        "/robots.txt",
        "/chung-khoan/33/trang-2.html",
        "/chung-khoan/33/trang-9.html",
    ):
        connection.request("GET", path)
        first = first or connection.sock
        response = connection.getresponse()
        assert len(response.read()) == int(response.headers["Content-Length"])
        assert connection.sock is first
    connection.close()
    assert server.requests["/nothing"] == server.requests["/robots.txt"] == 1


def test_urls_on_pages_are_those_of_the_server(server: DemoServer) -> None:
    for path in ("/", "/sitemap.xml", "/robots.txt"):
        body = get(server, path)[1].decode()
        assert ORIGIN not in body
    assert f"Sitemap: {server.base_url}/sitemap.xml" in get(server, "/robots.txt")[1].decode()


def test_known_page_is_answered_with_304(server: DemoServer) -> None:
    first, body = get(server, "/")
    etag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": etag},
        {"If_None_Match": f'"x", {etag.removeprefix("W/")}'},
        {"If_Modified_Since": changed},
    ):
        response, empty = get(server, "/", **headers)
        assert (response.status, empty, response.headers["ETag"]) == (304, b"", etag)
    again, full = get(server, "/", If_None_Match='"other"', If_Modified_Since=changed)
    assert (again.status, full) == (200, body)


def test_head_has_the_headers_of_get_and_no_body(server: DemoServer) -> None:
    get_response, body = get(server, "/")
    response, empty = get(server, "/", method="HEAD")
    assert empty == b""
    assert response.headers["Content-Length"] == str(len(body))
    assert response.headers["ETag"] == get_response.headers["ETag"]


def test_any_slug_gives_the_article_with_its_own_canonical_address(server: DemoServer) -> None:
    story = server.paper.at(COPIED)
    response, body = get(server, f"/sai-ten/{story.id}.html")
    assert response.status == 200
    assert f'rel="canonical" href="{server.base_url}{story.path}"' in body.decode()


def test_second_edition_is_served_at_once(server: DemoServer) -> None:
    removed, corrected = server.paper.at(REMOVED), server.paper.at(CORRECTED)
    untouched = "/" + "x" + f"/{server.paper.at(UNDATED).id}.html"
    tags = [get(server, path)[0].headers["ETag"] for path in (corrected.path, untouched)]
    server.publish_edition_two()
    assert get(server, removed.path)[0].status == 410
    assert get(server, corrected.path, If_None_Match=tags[0])[0].status == 200
    assert get(server, untouched, If_None_Match=tags[1])[0].status == 304
    assert server.requests[corrected.path] == 2


def test_feed_is_utf16_without_byte_order_mark_and_charset(server: DemoServer) -> None:
    response, body = get(server, "/rss/chung-khoan-33.rss")
    assert response.headers["Content-Type"] == "text/xml"
    assert body[:2] == b"<\x00"
    text = unicodedata.normalize("NFC", body.decode("utf-16-le"))
    newest = server.paper.listed(categories()[33])[0]
    assert f"<title>{newest.title}</title><link>{server.base_url}{newest.path}</link>" in text


def test_sitemaps_name_every_dated_article_once(server: DemoServer) -> None:
    months = re.findall(
        r"<loc>[^<]+(/sitemap/news-[1-9]\d+-[1-9]\d?\.xml)</loc>",
        get(server, "/sitemap.xml")[1].decode(),
    )
    assert len(months) == len(set(months)) > 20
    texts = [get(server, path)[1].decode() for path in months]
    found = [loc for text in texts for loc in re.findall(r"<loc>([^<]+\.html)</loc>", text)]
    undated = server.paper.at(UNDATED).key
    assert sorted(found) == sorted(
        e.url for e in server.paper.truth(server.base_url) if e.key != undated
    )


def test_server_stops_cleanly_with_a_connection_still_open() -> None:
    with DemoServer() as server:
        address = urlsplit(server.base_url)
        connection = HTTPConnection("127.0.0.1", address.port or 0, timeout=10)
        connection.request("GET", "/robots.txt")
        connection.getresponse().read()
        assert connection.sock is not None
        socket = connection.sock
    assert socket.recv(1) == b""
    connection.close()
    assert "demo" not in {thread.name for thread in threading.enumerate()}
