"""What is refused, and why: plain HTTP to a site's own hosts on the public internet is asked for, and nothing else.

Three gates: the address of every request on every hop (`refusal`), the address that a name leads to (`is_public`), and
Scrapy's settings (no file:, ftp:, data:, s3:; no cookies; no meta refresh). What a page links to and would be refused
is told as well (`hostile_link`). Pure string work: nothing is resolved here.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from newscrawl.core.cache import cache_short_texts
from newscrawl.core.urls import masked

REASONS: Mapping[str, str] = {
    "refused_characters": "the address has characters that programs read differently",
    "refused_unreadable": "the address cannot be read",
    "refused_scheme": "only http and https are asked for",
    "refused_user": "the address carries a user name",
    "refused_number": "the host is written as a number, which is no address of this site",
    "refused_port": "a port that is not the site's",
    "refused_host": "the host is not one of the site's",
    "refused_private": "the name leads to an address that is not on the public internet",
    "refused_encoding": "the answer is packed in a way that was not asked for, or more than once",
}
_ODD = frozenset('\\"<>^`{|}')
_PORTS = {"http": 80, "https": 443}
# Whatever else a link may begin with (javascript:, mailto:, tel:, an app's own) leads to no file and no other server.
_TRICK_SCHEMES = frozenset(
    "data dict file ftp gopher jar ldap netdoc php s3 sftp smb telnet ws wss".split()
)
_NO_TRICK = re.compile(
    r"(?:https?:)?//[a-z0-9.-]*[a-z](?::\d+)?(?:[/?#][^\s\\]*)?|(?!//)[\w./?#=&%;+~-]*",
    re.IGNORECASE,
)
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # IDNA reads them as dots
_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """`code` is one of REASONS; `address` is what was refused, its user name masked."""

    code: str
    address: str

    @property
    def message(self) -> str:
        return f"{REASONS[self.code]}: {self.address}"


def refusal(url: str, hosts: Collection[str]) -> Refusal | None:
    """Why this address may not be asked for; None where it may. `hosts` are `host` or `host:port`, in lower case."""
    code = _refused(url, hosts)
    return Refusal(code, masked(url)) if code else None


@cache_short_texts(8192)
def hostile_link(href: str) -> Refusal | None:
    """Why a link is none that an honest page has: another protocol, a user name, a host by number; None for others."""
    if _NO_TRICK.fullmatch(href):
        return None
    code = _tricky(href.strip())
    return Refusal(code, masked(href)) if code else None


def is_numeric(url: str) -> bool:
    """Whether an address names its host by number: nobody types one without meaning it."""
    try:
        return bool(ipaddress.ip_address(urlsplit(url).hostname or ""))
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet: not loopback, private, link-local, reserved or a disguise."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = (
            ip.ipv4_mapped
            or ip.sixtofour
            or (ip.teredo[1] if ip.teredo else None)
            or _translated(ip)
        )
        if inner is not None:
            return is_public(str(inner))
        return ip in _GLOBAL_UNICAST and ip.is_global
    return ip.is_global and not ip.is_multicast and ip not in _PROTOCOLS


def _refused(url: str, hosts: Collection[str]) -> str | None:
    if any(ord(char) <= 32 or char in _ODD for char in url):
        return "refused_characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "refused_unreadable"
    if parts.scheme not in _PORTS:
        return "refused_scheme"
    if parts.username is not None or parts.password is not None:
        return "refused_user"
    name = parts.hostname or ""
    if name + (f":{port}" if port not in (None, _PORTS[parts.scheme]) else "") in hosts:
        return None
    if any(host.partition(":")[0] == name for host in hosts):
        return "refused_port"
    return "refused_number" if _by_number(name) else "refused_host"


def _tricky(href: str) -> str | None:
    try:
        parts = urlsplit(href)
        name = parts.hostname or ""
    except ValueError:
        return "refused_unreadable"
    if parts.scheme in _TRICK_SCHEMES:
        return "refused_scheme"
    if parts.scheme not in ("", *_PORTS):
        return None
    if "\\" in parts.netloc or href.startswith(("\\", "/\\")):
        return "refused_characters"
    if parts.username is not None:
        return "refused_user"
    return "refused_number" if name and _by_number(name) else None


def _by_number(name: str) -> bool:
    """Whether a host is an IP address in any spelling: 127.1, 0x7f.1, 2130706433, ::1, fullwidth digits."""
    plain = unicodedata.normalize("NFKC", name).translate(_DOTS).rstrip(".")
    return ":" in plain or bool(_NUMBER.fullmatch(plain.rpartition(".")[2]))


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address behind a NAT64 translator (RFC 6052), which connects to it; None for other addresses."""
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network(
    "2000::/3"
)  # RFC 4291, 2.4: nothing else has been given out
_PROTOCOLS = ipaddress.IPv4Network(
    "192.0.0.0/24"
)  # RFC 6890: no hosts; ipaddress calls some of them global
