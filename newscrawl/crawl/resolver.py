"""Names are looked up once, and a name that leads into a private network is refused before anything connects."""

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
    """Scrapy's resolver; hosts that --base-url names may be anywhere, all others must be on the public internet.

    The answer that was checked is the one that is connected to, so that a second answer (DNS rebinding) does not count.
    """

    def __init__(
        self, reactor: ReactorBase, cache_size: int, timeout: float, trusted: frozenset[str]
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._trusted = trusted
        self.refused: dict[str, str] = {}  # names, and the addresses they lead to

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        trusted = frozenset(crawler.settings.getlist("NEWSCRAWL_TRUSTED_HOSTS"))
        size = crawler.settings.getint("DNSCACHE_SIZE")
        return cls(reactor, size, crawler.settings.getfloat("DNS_TIMEOUT"), trusted)

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 (Twisted's name)
        """The address of a name; DNSLookupError where it is not a public one."""
        found = super().getHostByName(name, timeout)
        return found if name in self._trusted else found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if is_public(address):
            return address
        self.refused[name] = address
        raise DNSLookupError(f"{name} leads to {address}")


def trusted_hosts(urls: Sequence[str]) -> list[str]:
    """The names of the hosts that users asked for by their own word."""
    return sorted({urlsplit(url).hostname or "" for url in urls})


def refused_name(name: str) -> Refusal | None:
    """Why a name was not connected to; None where it was, or where there is no such name.

    Twisted tells of a refusal only that there is no address, so that the resolver itself has to be asked.
    """
    from twisted.internet import reactor

    resolver = getattr(reactor, "resolver", None)
    address = resolver.refused.get(name) if isinstance(resolver, GuardedResolver) else None
    return Refusal("refused_private", f"{name} leads to {address}") if address is not None else None
