"""Resolves each host name once, and refuses names in a private network before any connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from scrapy.settings import BaseSettings
from scrapy.utils.reactor import is_reactor_installed
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from newscrawl.core.refusals import Refusal, is_public

TRUSTED_HOSTS = "NEWSCRAWL_TRUSTED_HOSTS"


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, restricted to the public internet, except for the trusted hosts.

    The connection uses the address that was checked, so a second answer (DNS rebinding) has no
    effect.
    """

    def __init__(
        self, reactor: ReactorBase, cache_size: int, timeout: float, trusted: Iterable[str]
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._trusted = set(trusted)
        self.refused: dict[str, str] = {}  # name -> the address to which it resolves

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        trusted = crawler.settings.getlist(TRUSTED_HOSTS)
        size = crawler.settings.getint("DNSCACHE_SIZE")
        return cls(reactor, size, crawler.settings.getfloat("DNS_TIMEOUT"), trusted)

    def trust(self, names: Iterable[str]) -> None:
        """Allows these names from now on."""
        self._trusted.update(names)

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


def trust(urls: Sequence[str], settings: BaseSettings) -> None:
    """Allows the hosts of URLs that the user entered, before the process of `settings` starts or
    while it runs.
    """
    names = trusted_hosts(urls)
    if not names:
        return
    settings.set(TRUSTED_HOSTS, [*settings.getlist(TRUSTED_HOSTS), *names], priority="cmdline")
    resolver = _running_resolver()
    if resolver is not None:
        resolver.trust(names)


def refused_name(name: str) -> Refusal | None:
    """Why this host name was refused; None if it was not, or if it does not exist.

    Twisted reports a refused name like one that does not exist. Only the resolver knows the
    difference.
    """
    resolver = _running_resolver()
    address = resolver.refused.get(name) if resolver is not None else None
    if address is None:
        return None
    return Refusal("refused_private", f"{name} resolves to {address}")


def _running_resolver() -> GuardedResolver | None:
    """The resolver of this process; None before its reactor is installed."""
    if not is_reactor_installed():
        return None
    from twisted.internet import reactor

    resolver = getattr(reactor, "resolver", None)
    return resolver if isinstance(resolver, GuardedResolver) else None
