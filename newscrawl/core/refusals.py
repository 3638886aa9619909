"""Which addresses are refused, and why.

Only HTTP to a site's own hosts on the public internet is allowed.

There are three checks: the URL of every request and redirect (`refusal`), the IP address of a host
(`is_public`), and Scrapy's settings (no file:, ftp:, data:, s3:; no cookies; no meta refresh).
Links on pages that would be refused are reported too (`hostile_link`). Nothing is resolved here.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from newscrawl.core.urls import masked

REASONS: Mapping[str, str] = {
    "refused_characters": "the address has characters that programs interpret differently",
    "refused_unreadable": "the address cannot be read",
    "refused_scheme": "only http and https are requested",
    "refused_user": "the address contains a user name",
    "refused_number": "the host is a number, which is not an address of this site",
    "refused_port": "the port is not one of the site's",
    "refused_host": "the host is not one of the site's",
    "refused_private": "the name resolves to an address that is not on the public internet",
    "refused_encoding": "the response has an encoding that was not requested, or more than one",
    "refused_headers": "the response has more than 64 KiB of headers, or more than 200",
}
_ODD = re.compile(r'[\x00-\x20\\"<>^`{|}]')
_PORTS = {"http": 80, "https": 443}
# Other schemes (javascript:, mailto:, tel:, those of apps) do not lead to a file or another server.
_HOSTILE_SCHEMES = frozenset(
    "data dict file ftp gopher jar ldap netdoc php s3 sftp smb telnet ws wss".split()
)
_HARMLESS = re.compile(
    r"(?:https?:)?//[a-z0-9.-]*[a-z](?::\d+)?(?:[/?#][^\s\\]*)?|(?!//)[\w./?#=&%;+~-]*",
    re.IGNORECASE,
)
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # IDNA treats them as dots
_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)", re.IGNORECASE)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
# RFC 4291, 2.4: no other addresses have been assigned.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# RFC 6890: these are not hosts, although `ipaddress` calls some of them global.
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")


@dataclass(frozen=True, slots=True)
class Refusal:
    """`code` is one of REASONS. `address` is the refused address, with its user name masked."""

    code: str
    address: str

    @property
    def message(self) -> str:
        return f"{REASONS[self.code]}: {self.address}"


def refusal(url: str, hosts: Collection[str]) -> Refusal | None:
    """Why this address may not be requested; None if it may.

    `hosts` are `host` or `host:port`, in lower case.
    """
    code = _refusal_code(url, hosts)
    return Refusal(code, masked(url)) if code else None


def hostile_link(href: str) -> Refusal | None:
    """Why an honest page would not have this link; None for a harmless link.

    A link is hostile if it has another protocol, a user name, or a number as its host.
    """
    if _HARMLESS.fullmatch(href):
        return None
    code = _hostile_code(href.strip())
    return Refusal(code, masked(href)) if code else None


def is_numeric(url: str) -> bool:
    """Whether the host of an address is an IP address or localhost, which is never accidental."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet.

    Loopback, private, link-local and reserved addresses are not, in any notation that contains
    them.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = _embedded_ipv4(ip)
        if embedded is not None:
            return is_public(str(embedded))
        return ip in _GLOBAL_UNICAST and ip.is_global
    return ip.is_global and not ip.is_multicast and ip not in _PROTOCOLS


def _refusal_code(url: str, hosts: Collection[str]) -> str | None:
    if _ODD.search(url):
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
    host_and_port = name if port in (None, _PORTS[parts.scheme]) else f"{name}:{port}"
    if host_and_port in hosts:
        return None
    if any(host.partition(":")[0] == name for host in hosts):
        return "refused_port"
    return "refused_number" if _is_number(name) else "refused_host"


def _hostile_code(href: str) -> str | None:
    try:
        parts = urlsplit(href)
        name = parts.hostname or ""
    except ValueError:
        return "refused_unreadable"
    if parts.scheme in _HOSTILE_SCHEMES:
        return "refused_scheme"
    if parts.scheme not in ("", *_PORTS):
        return None
    if "\\" in parts.netloc or href.startswith(("\\", "/\\")):
        return "refused_characters"
    if parts.username is not None:
        return "refused_user"
    return "refused_number" if name and _is_number(name) else None


def _is_number(name: str) -> bool:
    """Whether a host is an IP address, even as 127.1, 0x7f.1, 2130706433 or in fullwidth digits."""
    plain = unicodedata.normalize("NFKC", name).translate(_DOTS).rstrip(".")
    return ":" in plain or bool(_NUMBER.fullmatch(plain.rpartition(".")[2]))


def _embedded_ipv4(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a connection to this IPv6 address reaches; None for other addresses."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None
