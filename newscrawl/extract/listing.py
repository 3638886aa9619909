"""A category page as a Listing: which articles it shows, where, and which page comes next."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Entry, Listing, Page, Teaser
from newscrawl.core.urls import absolute, path_and_query
from newscrawl.extract.body import text_of
from newscrawl.extract.cards import teasers
from newscrawl.extract.decode import parse
from newscrawl.extract.hostile_links import tricks_on
from newscrawl.extract.walls import rejected
from newscrawl.sites.page_index import ParsedPage
from newscrawl.sites.schema import ListingTemplate
from newscrawl.sites.selectors import compile_selector, matches_any
from newscrawl.sites.site import CategoryPage, Site

_PLACE = re.compile(r"\{([a-z]+)\}")


def extract_listing(site: Site, page: Page) -> Listing:
    """What a category page shows. PageRejected: `not_found_page`, `no_template`, `empty_listing`."""
    parsed = ParsedPage(parse(page))
    if matches_any(parsed, site.model.not_found):
        raise PageRejected(
            "not_found_page", f"{page.url}: the page says that there is no such page"
        )
    templates = [
        one for one in site.model.listing if not one.marker or matches_any(parsed, one.marker)
    ]
    if not templates:
        said = f"{page.url}: none of the listing templates of {site.name} fits this page"
        raise rejected(parsed.root, page.url, lambda: PageRejected("no_template", said))
    for template in templates:
        entries = _entries(site, page.url, parsed, template)
        if entries:
            next_url = _next(site, page.url, parsed, template)
            return Listing(
                site=site.name,
                url=page.url,
                template=template.name,
                entries=entries,
                next_url=next_url,
                problems=tricks_on(parsed.root, site),
            )
    said = f"{page.url}: no article is shown where {templates[0].name!r} has them"
    raise rejected(parsed.root, page.url, lambda: PageRejected("empty_listing", said))


def _entries(
    site: Site, base: str, page: ParsedPage, template: ListingTemplate
) -> tuple[Entry, ...]:
    """The cards of all blocks in document order; a card that two blocks claim belongs to the first."""
    cards: dict[HtmlElement, tuple[str, Teaser]] = {}
    for rule in template.block:
        for card, teaser in teasers(site, base, page, rule):
            cards.setdefault(card, (rule.block, teaser))
    ordered = [cards[element] for element in page.root.iter() if element in cards]
    return tuple(
        Entry(block, position, teaser) for position, (block, teaser) in enumerate(ordered, 1)
    )


def _next(site: Site, base: str, page: ParsedPage, template: ListingTemplate) -> str | None:
    """The next page's address; None on the last page.

    Without a selector or a form of addresses it is the linked page of this category whose number is one higher:
    on the last page of some sites the "next" link leads backwards.
    """
    here = site.category_of(base)
    for source in template.next:
        for link in compile_selector(source).elements(page):
            url = absolute(base, link.get("href"))
            if url is not None and site.owns(url) and _goes_on(site, here, url):
                return site.canonical_url(url)
    if template.next:
        return None
    if template.next_url is not None:
        return _formed(site, base, page, template, here)
    if here is None:
        return None
    for link in page.root.iter("a", "link"):
        url = absolute(base, link.get("href"))
        if url is None:
            continue
        there = site.category_of(url)
        if there is not None and there.key == here.key and there.page == here.page + 1:
            return site.canonical_url(url)
    return None


def _goes_on(site: Site, here: CategoryPage | None, url: str) -> bool:
    there = site.category_of(url)
    return here is None or there is None or there.page > here.page


def _formed(
    site: Site, base: str, page: ParsedPage, template: ListingTemplate, here: CategoryPage | None
) -> str | None:
    """`next_url` with the next page's number and the zone: that of this address, else that the page (or its address)
    names. None where nothing names the zone: another one's pages would be taken for this category's.
    """
    assert template.next_url is not None
    parts = _places(template.next_url, base)
    if parts is not None:
        parts["page"] = str(int(parts["page"]) + 1)
    else:
        zone = _zone(page, template) if template.zone else here.key if here else None
        number = (here.page if here else 1) + template.first_number
        parts = {
            "zone": zone or "",
            "page": str(number),
            "slug": (here.slug if here else None) or "",
        }
    if not all(parts[name] for name in _PLACE.findall(template.next_url)):
        return None
    url = absolute(base, template.next_url.format(**parts))
    return site.canonical_url(url) if url else None


def _places(form: str, url: str) -> dict[str, str] | None:
    """What stands in the places of the form, if the address has it, as a second page's has; else None."""
    pieces = _PLACE.split(form)  # text, name, text, name, text
    pattern = "".join(
        (r"(?P<page>[0-9]{1,9})" if piece == "page" else rf"(?P<{piece}>[^/?]+)")
        if place % 2
        else re.escape(piece)
        for place, piece in enumerate(pieces)
    )
    found = re.fullmatch(pattern, path_and_query(url))
    return found.groupdict() if found else None


def _zone(page: ParsedPage, template: ListingTemplate) -> str | None:
    """The zone that the page names last."""
    found = [
        element.get(selector.attr) if selector.attr else text_of(element)
        for source in template.zone
        for selector in (compile_selector(source),)
        for element in selector.elements(page)
    ]
    return next((zone for zone in reversed(found) if zone), None)
