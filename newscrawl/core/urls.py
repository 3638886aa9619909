"""URLs: absolute, canonical, and their parts. String operations only, no network."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# Surrogates are included: JSON can contain an unpaired one, UTF-8 cannot.
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
# Nearly every URL of a news site: already in canonical form. Groups: host, path.
_PLAIN = re.compile(
    r"https?://([a-z0-9.-]+(?::(?!80/|443/)[1-9]\d{0,3})?)(/[A-Za-z0-9/._~-]*)", re.ASCII
)
_PLAIN_PATH = re.compile(
    r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?"
)
_USER = re.compile(r"(?<=//)[^/?#]*@")
_FROM_ROOT = ("/", "http://", "https://")  # of the page's own URL, only the origin matters
_SHORT = 300  # characters of a link that is kept in memory
LONGEST_SHOWN = 200
MAX_LENGTH = 2000  # browsers and servers cut longer URLs; a link of 5 kB is not an article


def absolute(base: str, href: str | None) -> str | None:
    """The URL of a link on page `base`; None for javascript:, mailto:, #top and the like."""
    if not href:
        return None
    href = href.strip()
    if not href or href.startswith("#") or len(href) > MAX_LENGTH:
        return None
    if len(href) <= _SHORT and href.startswith(_FROM_ROOT):
        return _absolute_from_root(_origin_or_base(base), href)
    return _absolute(base, href)


@lru_cache(maxsize=4096)  # all pages of a site have the same menu
def _absolute_from_root(origin: str, href: str) -> str | None:
    return _absolute(origin, href)


def _absolute(base: str, href: str) -> str | None:
    if _PLAIN.fullmatch(href):
        return href
    try:
        if _PLAIN_PATH.fullmatch(href):
            origin = _origin(base)
            return origin + href if _checked(origin + "/") else None
        if _UNSAFE.search(href.replace(" ", "")):
            return None
        return _checked(_joined(base, href))
    except ValueError:
        return None


def _joined(base: str, href: str) -> str:
    """The same as urljoin, but faster for the two forms that nearly all links have."""
    if href.startswith(("https://", "http://")):
        return href
    if href.startswith("/") and not href.startswith("//") and "/." not in href:
        return _origin(base) + href
    return urljoin(base, href)


@lru_cache(maxsize=256)
def _origin(base: str) -> str:
    return urljoin(base, "/").removesuffix("/")


@lru_cache(maxsize=256)
def _origin_or_base(base: str) -> str:
    """The origin of a page's URL, or an invalid URL itself."""
    try:
        return _origin(base)
    except ValueError:
        return base


@lru_cache(maxsize=2048)  # a page has many of the links of the previous page
def _checked(url: str) -> str | None:
    """The URL without an empty fragment; None unless it is an http URL with a valid host."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if parts.port == 0 or parts.username is not None:
        return None
    return url.removesuffix("#")


def canonical(url: str, keep_query: Collection[str] = ()) -> str:
    """The canonical form of a URL: lower-case host, no default port, no fragment.

    Only the query parameters in `keep_query` are kept. ValueError for an invalid URL
    (`http://[::1`).
    """
    if _PLAIN.fullmatch(url):
        return url
    return _canonical(url, tuple(keep_query))


@lru_cache(maxsize=2048)  # all pages of a site have the same menu
def _canonical(url: str, keep_query: tuple[str, ...]) -> str:
    parts = urlsplit(safe_url_string(url.strip()))
    scheme = parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name in keep_query]
    return urlunsplit((scheme, host, parts.path or "/", urlencode(kept), ""))


def host_of(url: str) -> str:
    """`host` or `host:port` in lower case ASCII, without a default port; '' if there is none."""
    if match := _PLAIN.fullmatch(url):
        return match[1]
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    host = host.removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), ""))
    return host if host.isascii() else _in_ascii(host)


def _in_ascii(host: str) -> str:
    """A host with letters of any script as in DNS: `xn--bcher-kva.example` for `bücher.example`.

    Unchanged if it is no valid name.
    """
    name, colon, port = host.partition(":")
    try:
        return name.encode("idna").decode("ascii") + colon + port
    except UnicodeError:
        return host


def web_host(url: str) -> str:
    """The same for an http or https URL; '' for others."""
    if _PLAIN.fullmatch(url) or urlsplit(url).scheme in ("http", "https"):
        return host_of(url)
    return ""


def origin_of(url: str) -> str:
    """`https://host[:port]`."""
    if match := _PLAIN.fullmatch(url):
        return url[: match.start(2)]
    return f"{urlsplit(url).scheme.lower()}://{host_of(url)}"


def path_and_query(url: str) -> str:
    """The part of a URL that the rules of a site file match: `/a/b.html?x=1`."""
    if match := _PLAIN.fullmatch(url):
        return match[2]
    parts = urlsplit(url)
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def masked(url: str) -> str:
    """A URL that may be shown or stored: without user name and password, and not too long."""
    shown = _USER.sub("***@", url)
    if len(shown) <= LONGEST_SHOWN:
        return shown
    return shown[:LONGEST_SHOWN] + "…"
