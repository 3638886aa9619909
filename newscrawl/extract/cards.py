"""Teasers: the cards of category pages and of the link blocks below an article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts
from newscrawl.core.records import Crumb, Link, Teaser
from newscrawl.core.text import fold
from newscrawl.core.urls import absolute
from newscrawl.extract.body import dropped, text_of
from newscrawl.extract.fields import first_match, first_value, matches_of
from newscrawl.sites.page_index import ParsedPage
from newscrawl.sites.schema import CardRule, LinkBlock
from newscrawl.sites.selectors import Scope, compile_selector, select_all
from newscrawl.sites.site import Site

Heading = tuple[str, HtmlElement]  # its folded words, and its element
MAX_CARDS = 1000  # a page with more is an attack or an index of the whole site
_MANY = 50  # cards
_MOST_AROUND = 3  # cards that may stand around a card


def teasers(
    site: Site, base: str, scope: Scope, rule: CardRule
) -> Iterator[tuple[HtmlElement, Teaser]]:
    """Each card that leads to an article of the site, with its teaser, in document order.

    Cards that lead elsewhere (advertisements) are left out; of many cards also those that stand in
    several others: a page could make them the work of a minute.
    """
    cards: list[HtmlElement] = []
    for source in rule.card:
        cards += compile_selector(source).elements(scope)
    cards = cards[:MAX_CARDS]
    known = set(cards) if len(cards) > _MANY else set()
    for card in cards:
        if known and _cards_around(card, known) > _MOST_AROUND:
            continue
        teaser = _teaser(site, base, card, rule)
        if teaser is not None:
            yield card, teaser


def link_blocks(
    site: Site, base: str, page: ParsedPage, blocks: tuple[LinkBlock, ...]
) -> tuple[Link, ...]:
    """The links of an article page; positions count from 1 over all blocks of their kind."""
    links: list[Link] = []
    counts: dict[str, int] = {}
    seen: set[tuple[str, str]] = set()
    headings: dict[str, list[Heading]] = {}  # by selector: blocks of several kinds share them
    for rule in blocks:
        for block in _blocks(page, rule, headings):
            common = _block_category(site, base, block, rule)
            for _, teaser in teasers(site, base, block, rule):
                if (rule.kind, teaser.key) in seen:
                    continue
                if teaser.category is None and common is not None:
                    teaser = replace(teaser, category=common)
                seen.add((rule.kind, teaser.key))
                counts[rule.kind] = counts.get(rule.kind, 0) + 1
                links.append(Link(rule.kind, counts[rule.kind], teaser, teaser.title))
    return tuple(links)


def crumb_of(site: Site, base: str, element: HtmlElement) -> Crumb | None:
    """The category label that an element is; None if it has no text."""
    name = text_of(element, dropped(element))
    if not name:
        return None
    return crumb(site, base, name, element.get("href"))


def crumb(site: Site, base: str, name: str, href: str | None) -> Crumb:
    """A category label or a step of a breadcrumb, with the key if the address is a category's."""
    url = absolute(base, href)
    if url is None:
        return Crumb(name)
    return Crumb(name, *site.category_link(url))


def named(site: Site, name: str) -> Crumb:
    """A category known by its name, with address and key if the site file has one of that name."""
    folded = fold(name)
    for category in site.categories:
        if category.name and fold(category.name) == folded:
            return Crumb(name, category.url, category.key)
    return Crumb(name)


def _cards_around(card: HtmlElement, cards: set[HtmlElement]) -> int:
    return sum(element in cards for element in card.iterancestors())


def _teaser(site: Site, base: str, card: HtmlElement, rule: CardRule) -> Teaser | None:
    """The teaser of a card; None if the card leads to no article."""
    article = _article_link(site, base, card, rule)
    if article is None:
        return None
    link, url, key = article
    title = first_value(card, rule.title) or text_of(link, dropped(link))
    if not title:
        title = link.get("title", "").strip()
    return Teaser(
        url=url,
        key=key,
        title=title or None,
        summary=first_value(card, rule.summary),
        category=_category(site, base, card, rule),
        published_raw=first_value(card, rule.published),
    )


def _article_link(
    site: Site, base: str, card: HtmlElement, rule: CardRule
) -> tuple[HtmlElement, str, str] | None:
    """(link, address, key) of the first link that leads to an article.

    A link with text is preferred to that of a picture.
    """
    links = [card] if card.tag == "a" else []
    if not links:
        for source in rule.link:
            links += compile_selector(source).elements(card)
    without_text: tuple[HtmlElement, str, str] | None = None
    for link in links:
        url = absolute(base, link.get("href"))
        key = site.article_key(url) if url else None
        if url is None or key is None:
            continue
        article = (link, site.canonical_url(url), key)
        if text_of(link):
            return article
        without_text = without_text or article
    return without_text


def _category(site: Site, base: str, card: HtmlElement, rule: CardRule) -> Crumb | None:
    """The first label that leads to a category, else the first one that leads to no article."""
    other: Crumb | None = None
    for source in rule.category:
        for element in compile_selector(source).elements(card):
            label = crumb_of(site, base, element)
            if label is None:
                continue
            if label.key:
                return label
            is_article = label.url is not None and site.article_key(label.url)
            if other is None and not is_article:
                other = label
    return other


def _block_category(site: Site, base: str, block: HtmlElement, rule: LinkBlock) -> Crumb | None:
    """The category of all cards of a block, if the block names one.

    A link in or around the name is its address.
    """
    if rule.block_category is None:
        return None
    match = first_match(matches_of(block, None, rule.block_category))
    if match is None:
        return None
    name = match.values[0]
    element = compile_selector(match.where).elements(block)[0]
    for link in (element, *element.iterancestors("a"), *element.iter("a")):
        if link.get("href"):
            return crumb(site, base, name, link.get("href"))
    return named(site, name)


def _blocks(
    page: ParsedPage, rule: LinkBlock, headings: dict[str, list[Heading]]
) -> list[HtmlElement]:
    """The blocks under one of the rule's headings; without headings, those that `within` finds.

    `headings` keeps the headings that each selector finds.
    """
    blocks: list[HtmlElement] = []
    if not rule.heading:
        for source in rule.within:
            blocks += compile_selector(source).elements(page)
        return blocks
    wanted = {fold(text) for text in rule.heading}
    for source in rule.heading_select:
        if source not in headings:
            elements = compile_selector(source).elements(page)
            headings[source] = [(_words(text_of(element)), element) for element in elements]
        for words, heading in headings[source]:
            block = _around(page, heading, rule) if words in wanted else None
            if block is not None and block not in blocks:
                blocks.append(block)
    return blocks


@cache_short_texts(2048)
def _words(heading: str) -> str:
    return fold(heading).strip(" :")


def _around(page: ParsedPage, heading: HtmlElement, rule: LinkBlock) -> HtmlElement | None:
    """The nearest element around the heading that `within` finds, or else has cards."""
    boxes: set[HtmlElement] = set()
    for source in rule.within:
        boxes.update(compile_selector(source).elements(page))
    for around in heading.iterancestors():
        is_block = around in boxes if rule.within else select_all(around, rule.card)
        if is_block:
            return around
    return None
