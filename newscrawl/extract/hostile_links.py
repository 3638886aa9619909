"""Links that no honest page has, told as problems: nothing of them is stored, and none is ever asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.records import Problem
from newscrawl.core.refusals import Refusal, hostile_link
from newscrawl.core.urls import masked
from newscrawl.sites.site import Site

MOST_TOLD = 20  # of one page; who lays a thousand such links need not fill the archive with them
MOST_LOOKED_AT = 10_000
_ADDRESSES = etree.XPath(
    "descendant-or-self::a/@href | descendant::link[re:test(@rel, '^(canonical|next)$', 'i')]/@href",
    namespaces={"re": "http://exslt.org/regular-expressions"},
    smart_strings=False,
)


def tricks_on(root: HtmlElement, site: Site) -> tuple[Problem, ...]:
    """One problem for each such link of a page, and for such an address that the page calls its own.

    A mirror may be named by its number: its own links are none.
    """
    own = (
        link for link in root.iter("link") if link.get("rel", "").lower() in ("canonical", "next")
    )
    named = {link.get("href") for link in chain(root.iter("a"), own)} - {None}
    if all(_by_the_mirror(address, site) for address in filter(hostile_link, named)):
        return ()  # nearly every page: no need to know in which order it names them
    addresses = islice(cast("list[str]", _ADDRESSES(root)), MOST_LOOKED_AT)
    return tuple(_told(address for address in addresses if not _by_the_mirror(address, site)))


def _by_the_mirror(address: str, site: Site) -> bool:
    refusal = hostile_link(address)
    return refusal is not None and refusal.code == "refused_number" and site.owns(address)


def away_problems(addresses: Iterable[str]) -> tuple[Problem, ...]:
    """The problems of addresses in a feed or sitemap that lead away from the site: one for all that are merely
    foreign, one for each that is a trick.
    """
    given = list(addresses)
    foreign = [address for address in given if hostile_link(address) is None]
    told = tuple(_told(given))
    if not foreign:
        return told
    message = f"{len(foreign)} addresses lead away from this site; they are not asked for"
    return (Problem("extract", "foreign_address", message, raw=masked(foreign[0])), *told)


def _told(addresses: Iterable[str]) -> Iterator[Problem]:
    found: dict[str, Refusal] = {}
    for address in addresses:
        if address not in found and (refusal := hostile_link(address)) is not None:
            found[address] = refusal
            if len(found) >= MOST_TOLD:
                break
    for refusal in found.values():
        yield Problem(
            "extract", refusal.code, f"not followed: {refusal.message}", "links", refusal.address
        )
