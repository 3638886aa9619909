"""Names: what is looked up is what is connected to, and a private answer is refused and told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet._resolver import SimpleResolverComplexifier
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IReactorPluggableNameResolver
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from zope.interface import implementer

from newscrawl.crawl.resolver import GuardedResolver
from tests.support.attack_site import SITE, attacking
from tests.support.crawling import QUICK, newscrawl, query

ANSWERS = {
    "paper.example": "127.0.0.1",
    "inner.example": "169.254.169.254",
    "rebound.example": "93.184.215.14",
}


class Lookups(CachingThreadedResolver):
    """A name server of our own: a rebinding name is public once, and this machine ever after."""

    asked: tuple[str, ...] = ()

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 (Twisted's name)
        address = "127.0.0.1" if name in self.asked else ANSWERS.get(name, name)
        self.asked = (*self.asked, name)
        return succeed(address)


class StubResolver(GuardedResolver, Lookups):
    """The guard over it: for --set TWISTED_DNS_RESOLVER=tests.crawl.test_resolver.StubResolver."""


@implementer(IReactorPluggableNameResolver)
class Wires(MemoryReactorClock):
    """Twisted's reactor for tests: it notes what would be connected to, and connects to nothing."""

    def __init__(self, trusted: frozenset[str] = frozenset()) -> None:
        start: Any = super().__init__  # Twisted has no types for it
        start()
        self.names = StubResolver(cast(ReactorBase, self), 0, 1.0, trusted)
        self.nameResolver = cast(Any, SimpleResolverComplexifier(cast(Any, self.names)))

    def installNameResolver(self, resolver: Any) -> Any:  # noqa: N802 (Twisted's name)
        raise NotImplementedError

    def connect(self, name: str) -> Deferred[Any]:
        return HostnameEndpoint(self, name, 80).connect(cast(Any, Factory()))


def test_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    wires = Wires()
    wires.connect("rebound.example")
    wires.advance(1)
    assert [client[:2] for client in wires.tcpClients] == [("93.184.215.14", 80)]
    assert wires.names.asked == ("rebound.example",), "a second look-up would get the second answer"


@pytest.mark.parametrize(
    "name", ["rebound.example", "inner.example", "127.0.0.1", "10.0.0.1", "::1"]
)
def test_private_answer_is_connected_to_by_nobody(name: str) -> None:
    wires = Wires()
    wires.names.asked = ("rebound.example",)  # its second answer is this machine
    failed = wires.connect(name)
    wires.advance(1)
    assert wires.tcpClients == []
    failures: list[Failure] = []
    failed.addErrback(failures.append)
    assert [type(failure.value) for failure in failures] == [DNSLookupError]
    assert wires.names.refused


def test_name_that_the_user_trusts_may_be_private() -> None:
    wires = Wires(frozenset({"inner.example"}))
    wires.connect("inner.example")
    wires.advance(1)
    assert [client[:2] for client in wires.tcpClients] == [("169.254.169.254", 80)]


def test_site_whose_name_leads_inside_is_refused_and_told(tmp_path: Path) -> None:
    with attacking() as server:
        (tmp_path / "sites").mkdir()
        origin = f"http://paper.example:{server.places.canary}"
        text = SITE.replace("https://paper.example", origin)
        (tmp_path / "sites" / "attacked.toml").write_text(text, "utf-8")
        resolver = ("--set", "TWISTED_DNS_RESOLVER=tests.crawl.test_resolver.StubResolver")
        for more in ((), ("--set", "ROBOTSTXT_OBEY=False")):
            done = newscrawl("crawl", "attacked", *QUICK, *resolver, *more, archive=tmp_path)
            assert done.returncode == 3
            assert "Traceback" not in done.stderr
        assert server.visited_canaries() == []
    rows = query(tmp_path, "SELECT DISTINCT code, raw FROM problems")
    assert ("refused_private", "paper.example resolves to 127.0.0.1") in rows
    assert {code for code, _ in rows} <= {"refused_private", "robots_unreachable"}
