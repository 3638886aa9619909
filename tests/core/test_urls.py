"""URLs: the fast path for plain ones has the same results as full parsing."""

from __future__ import annotations

import pytest

from newscrawl.core.urls import absolute, canonical, host_of, origin_of, path_and_query, web_host

BASE = "https://paper.example/a/1.html"
LEADS_TO = [
    ("/b/2.html", "https://paper.example/b/2.html"),
    (" /b/2.html ", "https://paper.example/b/2.html"),
    ("2.html", "https://paper.example/a/2.html"),
    ("../2.html", "https://paper.example/2.html"),
    ("/./b", "https://paper.example/b"),
    ("/b/../c", "https://paper.example/c"),
    ("//other.example/b", "https://other.example/b"),
    ("/b?x=1", "https://paper.example/b?x=1"),
    ("/b#", "https://paper.example/b"),
    ("/một", "https://paper.example/một"),
    ("http://other.example/b", "http://other.example/b"),
    ("http://user@other.example/b", None),
    ("http://other.example:0/b", None),
    ("/b\\c", None),
    ("#top", None),
    ("javascript:void(0)", None),
    ("/" + "a" * 2000, None),
]
PARTS = [  # address, canonical, host, origin, path and query
    ("https://a.example/b", "https://a.example/b", "a.example", "https://a.example", "/b"),
    ("https://a.example", "https://a.example/", "a.example", "https://a.example", "/"),
    ("HTTPS://A.example/b", "https://a.example/b", "a.example", "https://a.example", "/b"),
    ("https://a.example:443/b", "https://a.example/b", "a.example", "https://a.example", "/b"),
    ("http://a.example:80/b", "http://a.example/b", "a.example", "http://a.example", "/b"),
    (
        "http://a.example:8900/b",
        "http://a.example:8900/b",
        "a.example:8900",
        "http://a.example:8900",
        "/b",
    ),
    (
        "https://a.example/b?x=1&y=2#z",
        "https://a.example/b?x=1",
        "a.example",
        "https://a.example",
        "/b?x=1&y=2",
    ),
    (
        "https://a.example/b%20c",
        "https://a.example/b%20c",
        "a.example",
        "https://a.example",
        "/b%20c",
    ),
    ("https://a.example/b c", "https://a.example/b%20c", "a.example", "https://a.example", "/b c"),
]


@pytest.mark.parametrize(("href", "expected"), LEADS_TO)
def test_absolute_url_of_a_link(href: str, expected: str | None) -> None:
    assert absolute(BASE, href) == expected


@pytest.mark.parametrize(
    "base", ["ftp://paper.example/a", "https://user@paper.example/", "http://[::1/", ""]
)
def test_a_page_without_an_address_of_the_web_has_no_rooted_links(base: str) -> None:
    assert absolute(base, "/b") is None
    assert absolute(base, "https://other.example/b") == "https://other.example/b"


def test_only_the_origin_of_a_page_matters_for_links_from_the_root() -> None:
    pages = ("https://a.example/x/y", "https://a.example/z/", "https://b.example/x/y")
    assert [absolute(page, "/c?d") for page in pages] == [
        "https://a.example/c?d",
        "https://a.example/c?d",
        "https://b.example/c?d",
    ]
    assert [absolute(page, "c?d") for page in pages] == [
        "https://a.example/x/c?d",
        "https://a.example/z/c?d",
        "https://b.example/x/c?d",
    ]


@pytest.mark.parametrize(("url", "spelling", "host", "origin", "rest"), PARTS)
def test_parts_of_an_address(url: str, spelling: str, host: str, origin: str, rest: str) -> None:
    assert (canonical(url, ("x",)), host_of(url), origin_of(url), path_and_query(url)) == (
        spelling,
        host,
        origin,
        rest,
    )


def test_only_http_urls_have_a_web_host() -> None:
    hosts = [
        web_host(f"{scheme}://a.example/b") for scheme in ("http", "https", "HTTP", "ftp", "file")
    ]
    assert hosts == ["a.example", "a.example", "a.example", "", ""]
