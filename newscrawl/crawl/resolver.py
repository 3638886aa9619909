"""Resolves each host name once, and refuses names in a private network before any connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from newscrawl.core.refusals import Refusal, is_public


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, restricted to the public internet, except for the trusted hosts.

    The connection uses the address that was checked, so a second answer (DNS rebinding) has no
    effect.
    """

    def __init__(
        self, reactor: ReactorBase, cache_size: int, timeout: float, trusted: frozenset[str]
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._trusted = trusted
        self.refused: dict[str, str] = {}  # name -> the address to which it resolves

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        trusted = frozenset(crawler.settings.getlist("NEWSCRAWL_TRUSTED_HOSTS"))
        size = crawler.settings.getint("DNSCACHE_SIZE")
        return cls(reactor, size, crawler.settings.getfloat("DNS_TIMEOUT"), trusted)

    def getHostByName(  # noqa: N802 (Twisted's name)
        self, name: str, timeout: Sequence[int] = ()
    ) -> Deferred[str]:
        """The address of a name; DNSLookupError if the address is not public."""
        found = super().getHostByName(name, timeout)
        return found if name in self._trusted else found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if is_public(address):
            return address
        self.refused[name] = address
        raise DNSLookupError(f"{name} resolves to {address}")


def trusted_hosts(urls: Sequence[str]) -> list[str]:
    """The names of the hosts in URLs that the user entered."""
    return sorted({urlsplit(url).hostname or "" for url in urls})


def refused_name(name: str) -> Refusal | None:
    """Why this host name was refused; None if it was not, or if it does not exist.

    Twisted reports a refused name like one that does not exist. Only the resolver knows the
    difference.
    """
    from twisted.internet import reactor

    resolver = getattr(reactor, "resolver", None)
    address = resolver.refused.get(name) if isinstance(resolver, GuardedResolver) else None
    if address is None:
        return None
    return Refusal("refused_private", f"{name} resolves to {address}")
