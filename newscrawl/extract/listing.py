"""A category page as a Listing: its articles in page order, and the address of the next page."""

from __future__ import annotations

import re
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import HOME, Entry, Listing, Page, Teaser
from newscrawl.core.urls import absolute, path_and_query
from newscrawl.extract.body import text_of
from newscrawl.extract.cards import teasers
from newscrawl.extract.decode import parse_with_flaws
from newscrawl.extract.hostile_links import hostile_links
from newscrawl.extract.walls import NOT_FOUND_PAGE, wall_error
from newscrawl.sites.page_index import ParsedPage
from newscrawl.sites.schema import ListingTemplate
from newscrawl.sites.selectors import compile_selector, matches_any
from newscrawl.sites.site import CategoryPage, Site

_HREFS = etree.XPath(
    "descendant::*[self::a or self::link]/@href", smart_strings=False, regexp=False
)
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


def extract_listing(site: Site, page: Page) -> Listing:
    """The Listing of a category page. PageRejected:

    `not_found_page`, `no_template`, `empty_listing`.
    """
    root, flaws = parse_with_flaws(page)
    parsed = ParsedPage(root)
    if matches_any(parsed, site.model.not_found):
        raise PageRejected("not_found_page", f"{page.url}: {NOT_FOUND_PAGE}")
    templates = _templates(site, page.url, parsed)
    if not templates:
        message = f"{page.url}: none of the listing templates of {site.name} matches this page"
        raise wall_error(parsed.root, page.url) or PageRejected("no_template", message)
    for template in templates:
        entries = _entries(site, page.url, parsed, template)
        if entries:
            return Listing(
                site=site.name,
                url=page.url,
                template=template.name,
                entries=entries,
                next_url=_next_url(site, page.url, parsed, template),
                problems=(*flaws, *hostile_links(parsed.root, site)),
            )
    message = f"{page.url}: no article is shown where {templates[0].name!r} expects them"
    raise wall_error(parsed.root, page.url) or PageRejected("empty_listing", message)


def _templates(site: Site, url: str, page: ParsedPage) -> list[ListingTemplate]:
    """The templates that match a page, those of its kind first.

    A home page of a design that nobody saw may have the cards of the category pages. A category
    page is never read with the template of a home page.
    """
    wanted = [rule for rule in site.model.listing if rule.page == "category"]
    if site.is_home(url):
        wanted = [rule for rule in site.model.listing if rule.page == "home"] + wanted
    return [rule for rule in wanted if not rule.marker or matches_any(page, rule.marker)]


def _entries(
    site: Site, base: str, page: ParsedPage, template: ListingTemplate
) -> tuple[Entry, ...]:
    """The cards of all blocks in document order; one that two blocks claim is the first's."""
    cards: dict[HtmlElement, tuple[str, Teaser]] = {}
    for rule in template.block:
        for card, teaser in teasers(site, base, page, rule):
            cards.setdefault(card, (rule.block, teaser))
    ordered = list(cards.values())
    if sum(len(rule.card) for rule in template.block) > 1:
        ordered = [cards[element] for element in page.root.iter() if element in cards]
    return tuple(
        Entry(block, position, teaser) for position, (block, teaser) in enumerate(ordered, 1)
    )


def _next_url(site: Site, base: str, page: ParsedPage, template: ListingTemplate) -> str | None:
    """The next page's address; None on the last page, and on a home page.

    If the template has neither a selector nor a form of it, it is the linked page of this category
    with the next number: on the last page of some sites the "next" link leads backwards.
    """
    here = site.category_of(base)
    if here is not None and here.key == HOME:
        return None
    if template.next:
        return _selected(site, base, page, template, here)
    if template.next_url is not None:
        return _formed(site, base, page, template, here)
    if here is not None:
        return _linked(site, base, page, here)
    return None


def _linked(site: Site, base: str, page: ParsedPage, here: CategoryPage) -> str | None:
    """The address of the first linked page of this category with the next number."""
    for href in dict.fromkeys(cast("list[str]", _HREFS(page.root))):
        url = absolute(base, href)
        if url is None:
            continue
        there = site.category_of(url)
        if there is not None and (there.key, there.page) == (here.key, here.page + 1):
            return site.canonical_url(url)
    return None


def _selected(
    site: Site, base: str, page: ParsedPage, template: ListingTemplate, here: CategoryPage | None
) -> str | None:
    """The address of the first link at `next` that leads forward."""
    for source in template.next:
        for link in compile_selector(source).elements(page):
            url = absolute(base, link.get("href"))
            if url is not None and site.owns(url) and _leads_forward(site, here, url):
                return site.canonical_url(url)
    return None


def _leads_forward(site: Site, here: CategoryPage | None, url: str) -> bool:
    there = site.category_of(url)
    return here is None or there is None or there.page > here.page


def _formed(
    site: Site, base: str, page: ParsedPage, template: ListingTemplate, here: CategoryPage | None
) -> str | None:
    """The `next_url` form with the next page's number and the zone.

    The zone is that of the page's address if it has this form, else the one that the page, or its
    address, names. None if nothing names it: the pages of another zone would be taken for this
    category's.
    """
    form = template.next_url
    assert form is not None
    values = _values_in(form, base)
    if values is not None:
        values["page"] = str(int(values["page"]) + 1)
    else:
        values = _first_values(page, template, here)
    if not all(values[name] for name in _PLACEHOLDER.findall(form)):
        return None
    url = absolute(base, form.format(**values))
    return site.canonical_url(url) if url else None


def _first_values(
    page: ParsedPage, template: ListingTemplate, here: CategoryPage | None
) -> dict[str, str]:
    """The values of the placeholders on a category's first page; '' for one that is not known."""
    number = template.first_number + 1
    zone = slug = None
    if here is not None:
        number = template.first_number + here.page
        zone, slug = here.key, here.slug
    if template.zone:
        zone = _zone(page, template)
    return {"zone": zone or "", "page": str(number), "slug": slug or ""}


def _values_in(form: str, url: str) -> dict[str, str] | None:
    """The values of the placeholders in an address of this form; None for other addresses."""
    pieces = _PLACEHOLDER.split(form)  # text, name, text, name, text
    pattern = re.escape(pieces[0])
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        value = "[0-9]{1,9}" if name == "page" else "[^/?]+"
        pattern += f"(?P<{name}>{value})" + re.escape(text)
    found = re.fullmatch(pattern, path_and_query(url))
    return found.groupdict() if found else None


def _zone(page: ParsedPage, template: ListingTemplate) -> str | None:
    """The last zone that the page names."""
    zones: list[str] = []
    for source in template.zone:
        selector = compile_selector(source)
        for element in selector.elements(page):
            zone = element.get(selector.attr) if selector.attr else text_of(element)
            if zone:
                zones.append(zone)
    return zones[-1] if zones else None
