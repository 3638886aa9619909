"""Links that no honest page has, reported as problems: they are neither stored nor followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.records import Problem
from newscrawl.core.refusals import Refusal, hostile_link
from newscrawl.core.urls import masked
from newscrawl.sites.site import Site

# Per page: a page with a thousand such links must not fill the archive with them.
MOST_REPORTED = 20
MOST_CHECKED = 10_000
# Addresses kept in memory: the menus of sixty sites, about three megabytes. A hostile page cannot
# fill the memory with long ones.
_MOST_KEPT = 20_000
_LONGEST_KEPT = 200
_LINKED = etree.XPath("descendant-or-self::a/@href", smart_strings=False, regexp=False)
_ADDRESSES = etree.XPath(
    "descendant-or-self::a/@href |"
    " descendant::link[re:test(@rel, '^(canonical|next)$', 'i')]/@href",
    namespaces={"re": "http://exslt.org/regular-expressions"},
    smart_strings=False,
)


def hostile_links(root: HtmlElement, site: Site) -> tuple[Problem, ...]:
    """One problem for each hostile link of a page, its canonical and next addresses included.

    A mirror may be addressed by number: its own links are not hostile then.
    """
    addresses = set(cast("list[str]", _LINKED(root)))
    for link in root.iter("link"):
        if link.get("rel", "").lower() in ("canonical", "next"):
            addresses.add(link.get("href", ""))
    if _CHECKED.none_hostile(addresses, site):
        return ()  # nearly every page: no need to know in which order it has them
    in_order = islice(cast("list[str]", _ADDRESSES(root)), MOST_CHECKED)
    return tuple(_problems(address for address in in_order if _is_hostile(address, site)))


def away_problems(addresses: Iterable[str]) -> tuple[Problem, ...]:
    """The problems of addresses in a feed or sitemap that lead away from the site.

    One for all addresses that are merely foreign, and one for each hostile address.
    """
    addresses = list(addresses)
    hostile = tuple(_problems(addresses))
    foreign = [address for address in addresses if hostile_link(address) is None]
    if not foreign:
        return hostile
    message = f"{len(foreign)} addresses lead to other sites; they are not requested"
    return (Problem("extract", "foreign_address", message, raw=masked(foreign[0])), *hostile)


class _Checked:
    """The harmless addresses of the last pages: all pages of a site have the same menu.

    They are left out as a set, in a tenth of the time of a call for each address.
    """

    def __init__(self) -> None:
        self._harmless: set[str] = set()

    def none_hostile(self, addresses: set[str], site: Site) -> bool:
        """Whether no address is hostile."""
        own = f"{site.origin}/"
        is_number = hostile_link(own) is not None
        for address in addresses - self._harmless:
            if is_number and address.startswith(own):
                continue  # harmless for this site only
            if hostile_link(address) is None:
                self._keep(address)
            elif _is_hostile(address, site):
                return False
        return True

    def _keep(self, address: str) -> None:
        if len(address) > _LONGEST_KEPT:
            return
        if len(self._harmless) >= _MOST_KEPT:
            self._harmless.clear()
        self._harmless.add(address)


_CHECKED = _Checked()


def _is_hostile(address: str, site: Site) -> bool:
    refusal = hostile_link(address)
    if refusal is None:
        return False
    return refusal.code != "refused_number" or not site.owns(address)


def _problems(addresses: Iterable[str]) -> Iterator[Problem]:
    """A problem for each hostile address, the first ones only."""
    refusals: dict[str, Refusal] = {}
    for address in addresses:
        refusal = hostile_link(address)
        if refusal is not None:
            refusals[address] = refusal
        if len(refusals) == MOST_REPORTED:
            break
    for refusal in refusals.values():
        message = f"not followed: {refusal.message}"
        yield Problem("extract", refusal.code, message, "links", refusal.address)
