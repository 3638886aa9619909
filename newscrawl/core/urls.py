"""Addresses: made absolute, made canonical, moved to a mirror. Pure string work, no network."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")  # JSON can hold half a letter, UTF-8 cannot
# Nearly every address of a news site: nothing in it to escape, to lower or to leave out. Groups: host, path.
_PLAIN = re.compile(
    r"https?://([a-z0-9.-]+(?::(?!80/|443/)[1-9]\d{0,3})?)(/[A-Za-z0-9/._~-]*)", re.ASCII
)
_PLAIN_PATH = re.compile(
    r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?"
)
_USER = re.compile(r"(?<=//)[^/?#]*@")
LONGEST_SHOWN = 200
MAX_LENGTH = 2000  # browsers and servers cut longer ones; a link of 5 kB is no article


def absolute(base: str, href: str | None) -> str | None:
    """The address a link on page `base` leads to; None for what is no http address (javascript:, mailto:, #top)."""
    if not href:
        return None
    href = href.strip()
    if not href or href.startswith("#") or len(href) > MAX_LENGTH:
        return None
    if _PLAIN.fullmatch(href):
        return href
    try:
        if _PLAIN_PATH.fullmatch(href):
            return _checked(_origin(base) + "/") and _origin(base) + href
        return _checked(_joined(base, href)) if not _UNSAFE.search(href.replace(" ", "")) else None
    except ValueError:
        return None


def _joined(base: str, href: str) -> str:
    """The two forms that nearly all links have need no taking apart."""
    if href.startswith(("https://", "http://")):
        return href
    if href.startswith("/") and not href.startswith("//") and "/." not in href:
        return _origin(base) + href
    return urljoin(base, href)


@lru_cache(maxsize=256)
def _origin(base: str) -> str:
    return urljoin(base, "/").removesuffix("/")


@lru_cache(maxsize=2048)  # a page names many addresses that the page before it named
def _checked(url: str) -> str | None:
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.port == 0
        or parts.username is not None
    ):
        return None
    return url.removesuffix("#")


def canonical(url: str, keep_query: Collection[str] = ()) -> str:
    """One spelling of an address: host in lower case, no default port, no fragment, only the query that counts.

    ValueError for what cannot be taken apart (`http://[::1`).
    """
    return url if _PLAIN.fullmatch(url) else _canonical(url, tuple(keep_query))


@lru_cache(maxsize=2048)  # a page's menu names the same addresses as the page before it
def _canonical(url: str, keep_query: tuple[str, ...]) -> str:
    parts = urlsplit(safe_url_string(url.strip()))
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), ""))
    query = urlencode(
        [(name, value) for name, value in parse_qsl(parts.query) if name in keep_query]
    )
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", query, ""))


def host_of(url: str) -> str:
    """`host` or `host:port` in lower case, without a default port; '' where there is none."""
    if found := _PLAIN.fullmatch(url):
        return found[1]
    parts = urlsplit(url)
    return (
        parts.netloc.rpartition("@")[2]
        .lower()
        .removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), ""))
    )


def web_host(url: str) -> str:
    """The same of an http or https address; '' for others."""
    return (
        host_of(url) if _PLAIN.fullmatch(url) or urlsplit(url).scheme in ("http", "https") else ""
    )


def origin_of(url: str) -> str:
    """`https://host[:port]`."""
    if found := _PLAIN.fullmatch(url):
        return url[: found.start(2)]
    return f"{urlsplit(url).scheme.lower()}://{host_of(url)}"


def path_and_query(url: str) -> str:
    """What the rules of a site file are matched against: `/a/b.html?x=1`."""
    if found := _PLAIN.fullmatch(url):
        return found[2]
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def masked(url: str) -> str:
    """An address to be shown or stored: no user name or password, and not endlessly long."""
    shown = _USER.sub("***@", url)
    return shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "…"
