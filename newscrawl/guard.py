"""What a crawl may connect to: plain HTTP, the site's own hosts, and nothing that is not on the public internet.

Three gates, each on by default: the address of every request on every hop (`refusal`), the address that a name leads
to (`is_public`), and Scrapy's settings (no file:, ftp:, data:, s3:; no cookies; no meta refresh).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

_ODD = frozenset('\\"<>^`{|}')


def refusal(url: str, hosts: Collection[str]) -> str | None:
    """Why this address may not be asked for; None where it may. `hosts` are `host` or `host:port`, in lower case."""
    if any(ord(char) <= 32 or char in _ODD for char in url):
        return "the address has characters that programs read differently"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the address cannot be read"
    if parts.scheme not in ("http", "https"):
        return f"only http and https are asked for, not {parts.scheme[:20]}:"
    if parts.username is not None or parts.password is not None:
        return "the address carries a user name"
    default = {"http": 80, "https": 443}[parts.scheme]
    host = (parts.hostname or "") + (f":{port}" if port not in (None, default) else "")
    if host not in hosts:
        return f"{parts.scheme}://{host} is not an address of this site"
    return None


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
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast
