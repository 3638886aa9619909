"""TLS for hosts with legacy renegotiation (before RFC 5746); certificates are checked as usual.

OpenSSL 3 aborts the handshake with such a host. `legacy_tls = true` in a site file allows it for
the crawl of that site, which requests only the site's own hosts. Everything else, in particular the
certificate, is checked as for other sites.
"""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from twisted.internet._sslverify import ClientTLSOptions
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import CertificateOptions, platformTrust
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from newscrawl.crawl.header_limits import LimitedHandler

_OP_LEGACY_SERVER_CONNECT = 0x4  # openssl/ssl.h; pyOpenSSL has no name for it


class LegacyHandler(LimitedHandler):
    """Scrapy's handler for https, with a TLS context that accepts hosts without RFC 5746."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Without verification, Scrapy's own context accepts legacy TLS.
        if crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
            self._contextFactory = IPolicyForHTTPS(LegacyPolicy())


@implementer(IPolicyForHTTPS)
class LegacyPolicy:
    """Verifies certificates against the system's authorities, and the host name in them."""

    def __init__(self) -> None:
        trusted: Any = platformTrust  # Twisted has no types for it
        self._options = _LegacyOptions(trustRoot=trusted())

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
