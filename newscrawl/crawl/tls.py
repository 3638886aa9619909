"""TLS for hosts that renegotiate as it was done before RFC 5746; their certificates are checked all the same.

OpenSSL 3 ends the handshake with such a host. `legacy_tls = true` in a site file permits it for that site's crawl,
which asks for nothing but the site's own hosts. Everything else, above all the certificate, is checked as everywhere.
"""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.internet._sslverify import ClientTLSOptions
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import CertificateOptions, platformTrust
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

_OP_LEGACY_SERVER_CONNECT = 0x4  # openssl/ssl.h; pyOpenSSL has no name for it


class LegacyHandler(HTTP11DownloadHandler):
    """Scrapy's handler for https, with a context that speaks to hosts without RFC 5746."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if crawler.settings.getbool(
            "DOWNLOAD_VERIFY_CERTIFICATES"
        ):  # else Scrapy's own context speaks old TLS
            self._contextFactory = IPolicyForHTTPS(LegacyPolicy())


@implementer(IPolicyForHTTPS)
class LegacyPolicy:
    """Checks certificates against the system's authorities, and the host's name in them."""

    def __init__(self) -> None:
        trusted: Any = platformTrust  # Twisted has no types for it
        self._options = _LegacyOptions(trustRoot=trusted())

    def creatorForNetloc(self, hostname: bytes, port: int) -> IOpenSSLClientConnectionCreator:  # noqa: N802 (Twisted's)
        """How a connection to a host begins."""
        return IOpenSSLClientConnectionCreator(
            ClientTLSOptions(self._options._makeTLSConnection, hostname.decode("ascii"), None)
        )


class _LegacyOptions(CertificateOptions):
    def _makeContext(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802 (Twisted's name)
        context: Any = super()._makeContext(*args, **kwargs)
        context.set_options(_OP_LEGACY_SERVER_CONNECT)
        return context
