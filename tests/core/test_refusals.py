"""Refused addresses, failures, and how long a host is not asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from scrapy.exceptions import DownloadFailedError

from newscrawl.core.refusals import REASONS, hostile_link, is_public, refusal
from newscrawl.core.urls import masked
from newscrawl.crawl.failures import of_exception, of_status, retry_after
from newscrawl.crawl.host_rest import FAULTS_BEFORE_REST, HostRest

HOSTS = frozenset({"bnews.vn", "127.0.0.1:8900"})
NOW = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "url", ["https://bnews.vn/a/1.html", "http://bnews.vn:80/", "http://127.0.0.1:8900/x?y=1"]
)
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
    found = refusal(url, HOSTS)
    assert found is not None
    assert found.code in REASONS
    assert "secret" not in found.message


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://bnews.vn/a b", "refused_characters"),
        ("http://ok\\@127.0.0.1/", "refused_characters"),
        ("http://[", "refused_unreadable"),
        ("http://bnews.vn:99999/", "refused_unreadable"),
        ("file://bnews.vn/etc/hostname", "refused_scheme"),
        ("javascript:alert(1)", "refused_scheme"),
        ("http://user:secret@bnews.vn/", "refused_user"),
        ("http://@bnews.vn/", "refused_user"),
        ("https://bnews.vn:8443/", "refused_port"),
        ("http://127.0.0.1:8901/", "refused_port"),
        ("http://127.1:8900/", "refused_number"),
        ("http://2130706433/", "refused_number"),
        ("http://0x7f.1/", "refused_number"),
        ("http://017700000001/", "refused_number"),
        ("http://[::ffff:127.0.0.1]:8900/", "refused_number"),
        ("http://127.0.0.1.:8900/", "refused_number"),
        ("http://１２７.０.０.１/", "refused_number"),
        ("http://127。0。0。1/", "refused_number"),
        ("http://bnews.vn./", "refused_host"),
        ("http://ｂnews.vn/", "refused_host"),
        ("http://xn--bnews-.vn/", "refused_host"),
        ("http://localhost:8900/", "refused_host"),
        ("http:///x", "refused_host"),
    ],
)
def test_each_refusal_has_its_reason(url: str, code: str) -> None:
    found = refusal(url, HOSTS)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("href", "code"),
    [
        ("/tin/a-1.html", None),
        ("tin tức/a b.html", None),
        ("//bnews.vn/a?x=1#y", None),
        ("https://evil.example:8443/", None),
        ("javascript:alert(1)", None),
        ("mailto:a@b.vn", None),
        ("tel:+84123", None),
        ("#top", None),
        ("", None),
        ("file:///etc/passwd", "refused_scheme"),
        (" FILE:///etc/passwd", "refused_scheme"),
        ("data:text/html,x", "refused_scheme"),
        ("http://reader:secret@bnews.vn/", "refused_user"),
        ("http://10.0.0.1/", "refused_number"),
        ("//127.1/x", "refused_number"),
        ("HTTP://0X7F.1/", "refused_number"),
        ("http://ok\\@127.0.0.1/", "refused_characters"),
        ("\\\\server\\share", "refused_characters"),
        ("http://[::1", "refused_unreadable"),
    ],
)
def test_hostile_links_have_their_reason(href: str, code: str | None) -> None:
    found = hostile_link(href)
    assert (found.code if found else None) == code


def test_user_names_are_masked_and_addresses_cut() -> None:
    assert masked("http://user:secret@bnews.vn/a@b") == "http://***@bnews.vn/a@b"
    assert masked("//u@h/x") == "//***@h/x"
    assert masked("https://bnews.vn/@name") == "https://bnews.vn/@name"
    assert len(masked("http://bnews.vn/" + "x" * 5000)) < 250


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "203.162.0.1"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "::127.0.0.1",
        "fec0::1", "ff02::1", "2001:db8::1", "192.0.0.8", "198.18.0.1", "240.0.0.1", "not an address", "",
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


def test_successful_statuses_are_not_failures() -> None:
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


def test_causes_are_reported_without_class_names_of_twisted() -> None:
    lost = DownloadFailedError(
        "[<twisted.python.failure.Failure twisted.internet.error.ConnectionLost: it went.>]"
    )
    assert of_exception(lost).message == "ConnectionLost: it went."
