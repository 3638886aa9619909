"""What is never asked for, and how long hosts are left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from scrapy.http import Response

from newscrawl.failures import of_status, retry_after
from newscrawl.guard import is_public, refusal
from newscrawl.rest import FAULTS_BEFORE_REST, HostRest
from newscrawl.robots import MOST_BYTES, rules_of

HOSTS = frozenset({"bnews.vn", "127.0.0.1:8900"})
NOW = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("url", ["https://bnews.vn/a/1.html", "http://bnews.vn:80/", "http://127.0.0.1:8900/x?y=1"])
def test_addresses_of_the_site_are_allowed(url: str) -> None:
    assert refusal(url, HOSTS) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:8901/",
        "http://127.1:8900/",
        "http://2130706433:8900/",
        "http://[::ffff:127.0.0.1]:8900/",
        "http://0x7f000001:8900/",
        "http://bnews.vn\\@127.0.0.1:8900/",
        "http://bnews.vn@evil.example/",
        "http://user:secret@bnews.vn/",
        "http://bnews.vn.evil.example/",
        "https://bnews.vn:8443/",
        "http://bnews.vn:99999/",
        "file://bnews.vn/etc/hostname",
        "ftp://bnews.vn/x",
        "data:text/html,x",
        "s3://bnews.vn/x",
        "javascript:alert(1)",
        "http://bnews.vn/a b",
        "http://bnews.vn/\x00",
        "http://[",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    reason = refusal(url, HOSTS)
    assert reason
    assert "secret" not in reason


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "203.162.0.1"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "2002:7f00:1::", "not an address", "",
    ],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta()),
        ("Tue, 01 Sep 2026 06:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 01 Sep 2026 05:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(days=1)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_both_forms(header: str | None, expected: timedelta | None) -> None:
    assert retry_after(header, NOW) == expected


@pytest.mark.parametrize(
    ("status", "code", "retry", "gone"),
    [
        (404, "http_404", False, True),
        (410, "http_410", False, True),
        (403, "http_403", False, False),
        (429, "http_429", True, False),
        (500, "http_500", True, False),
        (302, "http_302", False, False),
    ],
)
def test_statuses_have_their_codes(status: int, code: str, retry: bool, gone: bool) -> None:
    failure = of_status(status)
    assert failure is not None
    assert (failure.code, failure.retry, failure.gone) == (code, retry, gone)


def test_pages_that_came_are_no_failures() -> None:
    assert (of_status(200), of_status(203)) == (None, None)


def test_host_rests_after_faults_in_a_row_only() -> None:
    host = HostRest()
    for _ in range(FAULTS_BEFORE_REST - 1):
        host.fault()
    host.answer()
    for _ in range(FAULTS_BEFORE_REST - 1):
        host.fault()
    assert host.seconds() == 0
    host.fault()
    assert host.seconds() > 3600


def robots(status: int, text: str = "") -> Response:
    return Response("https://bnews.vn/robots.txt", status=status, body=text.encode())


@pytest.mark.parametrize("status", [404, 403, 401, 410])
def test_robots_that_is_not_there_allows_everything(status: int) -> None:
    rules = rules_of(robots(status, "User-agent: *\nDisallow: /"))
    assert rules is not None
    assert rules.can_fetch("https://bnews.vn/a", "newscrawl")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_robots_that_cannot_be_had_allows_nothing(status: int) -> None:
    assert rules_of(robots(status)) is None


def test_robots_counts_up_to_500_kib() -> None:
    comment = "#" * (MOST_BYTES - 40) + "\n"
    rules = rules_of(robots(200, "User-agent: *\nDisallow: /a\n" + comment + "\nDisallow: /b\n"))
    assert rules is not None
    assert not rules.can_fetch("https://bnews.vn/a", "newscrawl")
    assert rules.can_fetch("https://bnews.vn/b", "newscrawl")
