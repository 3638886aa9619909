"""TLS: what is needed to check certificates is loaded once, and shared by the crawls of all sites.

Scrapy loads the system's authorities for every connection, which takes 6 ms and 0.8 MB.

OpenSSL 3 aborts the handshake with a host of legacy renegotiation (before RFC 5746). `legacy_tls =
true` in a site file allows it for the crawl of that site, which requests only the site's own hosts.
Everything else, in particular the certificate, is checked as for other sites.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from scrapy.crawler import Crawler
from twisted.internet._sslverify import ClientTLSOptions
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import AcceptableCiphers, CertificateOptions, platformTrust
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from newscrawl.crawl.header_limits import LimitedHandler

_OP_LEGACY_SERVER_CONNECT = 0x4  # openssl/ssl.h; pyOpenSSL has no name for it


# If the user has set one of these, Scrapy's own context is used.
_VERSIONS = ("DOWNLOAD_TLS_MIN_VERSION", "DOWNLOAD_TLS_MAX_VERSION")


class TlsHandler(LimitedHandler):
    """Scrapy's handler for https, with one TLS context for the connections of all sites."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        verifies = settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        if verifies and not any(settings[name] for name in _VERSIONS):
            policy = self._policy(settings["DOWNLOADER_CLIENT_TLS_CIPHERS"])
            self._contextFactory = IPolicyForHTTPS(policy)

    def _policy(self, ciphers: str | None) -> VerifyingPolicy:
        return usual_policy(ciphers)


class LegacyHandler(TlsHandler):
    """The handler for https of a site whose hosts have no RFC 5746.

    Without verification, Scrapy's own context accepts them too.
    """

    def _policy(self, ciphers: str | None) -> VerifyingPolicy:
        return legacy_policy()


@implementer(IPolicyForHTTPS)
class VerifyingPolicy:
    """Verifies certificates against the system's authorities, and the host name in them."""

    def __init__(self, options: CertificateOptions) -> None:
        self._options = options

    def creatorForNetloc(  # noqa: N802 (Twisted's name)
        self, hostname: bytes, port: int
    ) -> IOpenSSLClientConnectionCreator:
        """The creator of TLS connections to a host."""
        return IOpenSSLClientConnectionCreator(
            ClientTLSOptions(self._options._makeTLSConnection, hostname.decode("ascii"), None)
        )


class _LegacyOptions(CertificateOptions):
    def _makeContext(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802 (Twisted's name)
        context: Any = super()._makeContext(*args, **kwargs)
        context.set_options(_OP_LEGACY_SERVER_CONNECT)
        return context


@lru_cache(maxsize=4)
def usual_policy(ciphers: str | None) -> VerifyingPolicy:
    """The policy of every crawl with these ciphers, with Scrapy's other options."""
    ours: Any = AcceptableCiphers  # Twisted has no types for it
    acceptable = ours.fromOpenSSLCipherString(ciphers) if ciphers else None
    options = CertificateOptions(
        trustRoot=_authorities(), fixBrokenPeers=True, acceptableCiphers=acceptable
    )
    return VerifyingPolicy(options)


@lru_cache(maxsize=1)
def legacy_policy() -> VerifyingPolicy:
    """The policy of every crawl of hosts without RFC 5746."""
    return VerifyingPolicy(_LegacyOptions(trustRoot=_authorities()))


def _authorities() -> Any:
    """Those of the system."""
    trusted: Any = platformTrust  # Twisted has no types for it
    return trusted()
