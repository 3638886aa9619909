"""A list of articles of any site: a category page, a home page, the results of a search.

With a site file by its templates; else, and for designs that these do not know, by the structure of
the page. Used to look at a single page, like unknown_design.py.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Entry, Listing, Page, Teaser, TimeLocale
from newscrawl.core.text import clean_text, fold
from newscrawl.core.times import parse_time
from newscrawl.core.urls import absolute
from newscrawl.extract.decode import parse_with_flaws
from newscrawl.extract.generic.cards import Card, cards_of
from newscrawl.extract.generic.facts import facts_of
from newscrawl.extract.generic.locale import time_locale
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.vocabulary import NEXT
from newscrawl.extract.listing import extract_listing
from newscrawl.extract.refine import clean_listing, read_listing_times
from newscrawl.sites.generic import TEMPLATE
from newscrawl.sites.site import Site

_DESIGN = ("no_template", "empty_listing")  # the codes that reject a page for its design alone
_LIST = 3  # cards alike make a list
_NEXT = re.compile(rf"\W*{one_of(NEXT)}\W*|[›»>→]{{1,2}}", re.IGNORECASE)
_LONGEST = 30  # characters of a link to the next page


def read_any_listing(site: Site, page: Page) -> Listing:
    """The list on a page, its texts clean and its times resolved.

    `template` is `generic` if it was read by the structure of the page. PageRejected
    (`empty_listing`) if the page leads to no articles, or the codes of extract_listing.
    """
    try:
        if site.generic:
            return _by_structure(site, page)
        listing = extract_listing(site, page)
    except PageRejected as error:
        if site.generic or error.code not in _DESIGN:
            raise
        return _by_structure(site, page)
    return read_listing_times(clean_listing(listing), site, page.fetched_at)


def _by_structure(site: Site, page: Page) -> Listing:
    root, flaws = parse_with_flaws(page)
    facts = facts_of(root, page.url)
    locale = time_locale(facts, facts.title())
    cards = cards_of(site, page.url, root, locale)
    if not cards:
        raise PageRejected("empty_listing", f"{page.url}: the page leads to no article")
    alike = Counter(card.kind for card in cards)
    listing = Listing(
        site=site.name,
        url=page.url,
        template=TEMPLATE,
        entries=tuple(_entries(cards, alike)),
        next_url=_next_url(site, page.url, root),
        problems=tuple(flaws),
    )
    listing = clean_listing(listing)
    if not site.generic:
        return read_listing_times(listing, site, page.fetched_at)
    entries = (_with_time(entry, page, locale) for entry in listing.entries)
    return replace(listing, entries=tuple(entries))


def _entries(cards: list[Card], alike: Counter[tuple[str, str]]) -> list[Entry]:
    """The cards as entries: `list` for those that are like others, `featured` for single ones."""
    entries: list[Entry] = []
    for position, card in enumerate(cards, 1):
        block = "list" if alike[card.kind] >= _LIST else "featured"
        entries.append(Entry(block, position, card.teaser))
    return entries


def _with_time(entry: Entry, page: Page, locale: TimeLocale) -> Entry:
    """The entry with its printed time read by the page's locale."""
    raw = entry.teaser.published_raw
    if raw is None:
        return entry
    stamp = parse_time(raw, zone=None, now=page.fetched_at, locale=locale)
    teaser: Teaser = replace(entry.teaser, published=stamp)
    return replace(entry, teaser=teaser)


def _next_url(site: Site, base: str, root: HtmlElement) -> str | None:
    """The address of the next page: what the page declares, else a link that says so."""
    for link in root.iter("link", "a"):
        if "next" in (link.get("rel") or "").lower().split():
            return _canonical(site, base, link)
    for link in root.iter("a"):
        if _says_next(link) and (url := _canonical(site, base, link)):
            return url
    return None


def _says_next(link: HtmlElement) -> bool:
    shown = clean_text(link.text_content()) or link.get("title") or link.get("aria-label") or ""
    return len(shown) <= _LONGEST and _NEXT.fullmatch(fold(shown)) is not None


def _canonical(site: Site, base: str, link: HtmlElement) -> str | None:
    url = absolute(base, link.get("href"))
    if url is None or not site.owns(url) or urlsplit(url)[2:4] == urlsplit(base)[2:4]:
        return None
    return site.canonical_url(url)
