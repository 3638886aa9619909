"""The delay between two requests to a host begins when the first one is sent."""

from __future__ import annotations

from typing import Any

from twisted.internet.testing import StringTransport
from twisted.web._newclient import Request
from twisted.web.client import URI
from twisted.web.http_headers import Headers

from newscrawl.crawl.header_limits import LimitedFactory

# Twisted has no types for them.
new_transport: Any = StringTransport
client_request: Any = Request
address: Any = URI


def test_host_is_known_when_its_request_is_sent() -> None:
    sent: list[str] = []
    transport = new_transport()
    factory = LimitedFactory(sent.append, lambda protocol: None, "endpoint")
    protocol: Any = factory.buildProtocol(None)
    protocol.makeConnection(transport)
    assert sent == []  # connected, but nothing is sent yet
    headers = Headers({b"Host": [b"paper.example"]})
    uri = address.fromBytes(b"http://paper.example:8080/a.html")
    protocol.request(client_request._construct(b"GET", b"/a.html", headers, None, parsedURI=uri))
    assert sent == ["paper.example"]
    assert transport.value().startswith(b"GET /a.html HTTP/1.1")
