"""Teasers: the cards of category pages and of the link blocks below an article."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts
from newscrawl.core.records import Crumb, Link, Teaser
from newscrawl.core.text import fold
from newscrawl.core.urls import absolute
from newscrawl.extract.body import dropped, text_of
from newscrawl.extract.fields import candidates, first
from newscrawl.sites.page_index import ParsedPage
from newscrawl.sites.schema import CardRule, FieldRule, LinkBlock
from newscrawl.sites.selectors import Scope, compile_selector, select_all
from newscrawl.sites.site import Site

Heading = tuple[str, HtmlElement]  # its folded words, and where it stands
_MANY, _MOST_AROUND = 50, 3  # cards
MAX_CARDS = 1000  # a page with more is an attack or an index of the whole site


def teasers(
    site: Site, base: str, scope: Scope, rule: CardRule
) -> Iterator[tuple[HtmlElement, Teaser]]:
    """Each card that leads to an article of the site, in document order; others (advertisements) are no teasers."""
    for card in _cards(scope, rule):
        teaser = _teaser(site, base, card, rule)
        if teaser is not None:
            yield card, teaser


def _cards(scope: Scope, rule: CardRule) -> list[HtmlElement]:
    """The cards; of many, not those that stand in several others: a page could make them the work of a minute."""
    cards = [card for source in rule.card for card in compile_selector(source).elements(scope)][
        :MAX_CARDS
    ]
    if len(cards) <= _MANY:
        return cards
    known = set(cards)
    return [
        card for card in cards if sum(one in known for one in card.iterancestors()) <= _MOST_AROUND
    ]


def link_blocks(
    site: Site, base: str, page: ParsedPage, blocks: tuple[LinkBlock, ...]
) -> tuple[Link, ...]:
    """The links of an article page; positions count from 1 within their kind, over all blocks of it."""
    found: list[Link] = []
    counts: dict[str, int] = {}
    seen: set[tuple[str, str]] = set()
    headings = cache(partial(_headings, page))  # blocks of several kinds look through the same ones
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
                found.append(Link(rule.kind, counts[rule.kind], teaser, teaser.title))
    return tuple(found)


def crumb_of(site: Site, base: str, element: HtmlElement) -> Crumb | None:
    """A category label: its text, its address, and the category's key where the address is a category's."""
    name = text_of(element, dropped(element))
    href = element.get("href")
    if not name:
        return None
    return crumb(site, base, name, href)


def crumb(site: Site, base: str, name: str, href: str | None) -> Crumb:
    """A step of a breadcrumb."""
    url = absolute(base, href)
    if url is None or not site.owns(url):
        return Crumb(name, url)
    url = site.canonical_url(url)
    category = site.category_of(url)
    return Crumb(name, url, category.key if category and urlsplit(url).path != "/" else None)


def named(site: Site, name: str) -> Crumb:
    """A category known by its name alone: with address and key where the site file has one of that name."""
    known = next(
        (one for one in site.categories if one.name and fold(one.name) == fold(name)), None
    )
    return Crumb(name, known.url, known.key) if known else Crumb(name)


def _block_category(site: Site, base: str, block: HtmlElement, rule: LinkBlock) -> Crumb | None:
    """What the block itself says about the category of all its cards; a link in or around it gives the address."""
    if rule.block_category is None:
        return None
    for place in rule.block_category.select:
        found = first(
            candidates(block, None, rule.block_category.model_copy(update={"select": (place,)}))
        )
        if found is not None:
            element = compile_selector(place).elements(block)[0]
            links = [element, *element.iterancestors("a"), *element.iter("a")]
            href = next((link.get("href") for link in links if link.get("href")), None)
            return (
                crumb(site, base, found.values[0], href) if href else named(site, found.values[0])
            )
    return None


def _blocks(
    page: ParsedPage, rule: LinkBlock, headings: Callable[[str], list[Heading]]
) -> list[HtmlElement]:
    """The blocks whose heading says the words; without words, those that the selector finds."""
    if not rule.heading:
        return [
            block for source in rule.within for block in compile_selector(source).elements(page)
        ]
    words = {fold(text) for text in rule.heading}
    found: list[HtmlElement] = []
    for source in rule.heading_select:
        for text, heading in headings(source):
            if text in words:
                block = _around(page, heading, rule)
                if block is not None and block not in found:
                    found.append(block)
    return found


def _headings(page: ParsedPage, source: str) -> list[Heading]:
    """What may be headings of blocks, each with its folded words."""
    return [(_words(text_of(one)), one) for one in compile_selector(source).elements(page)]


@cache_short_texts(2048)
def _words(heading: str) -> str:
    return fold(heading).strip(" :")


def _around(page: ParsedPage, heading: HtmlElement, rule: LinkBlock) -> HtmlElement | None:
    """The nearest element around the heading that `within` matches; without `within`, the nearest that has cards."""
    if rule.within:
        around = {
            element for source in rule.within for element in compile_selector(source).elements(page)
        }
        return next((element for element in heading.iterancestors() if element in around), None)
    return next(
        (element for element in heading.iterancestors() if select_all(element, rule.card)), None
    )


def _teaser(site: Site, base: str, card: HtmlElement, rule: CardRule) -> Teaser | None:
    found = _link(site, base, card, rule)
    if found is None:
        return None
    link, url, key = found
    title = (
        _text(card, rule.title)
        or text_of(link, dropped(link))
        or (link.get("title") or "").strip()
        or None
    )
    return Teaser(
        url=url,
        key=key,
        title=title,
        summary=_text(card, rule.summary),
        category=_category(site, base, card, rule),
        published_raw=_text(card, rule.published),
    )


def _link(
    site: Site, base: str, card: HtmlElement, rule: CardRule
) -> tuple[HtmlElement, str, str] | None:
    """The first link that leads to an article, preferring one with text over the picture's."""
    plain: tuple[HtmlElement, str, str] | None = None
    links = (
        [card]
        if card.tag == "a"
        else [link for source in rule.link for link in compile_selector(source).elements(card)]
    )
    for link in links:
        url = absolute(base, link.get("href"))
        key = site.article_key(url) if url else None
        if url is None or key is None:
            continue
        found = (link, site.canonical_url(url), key)
        if text_of(link):
            return found
        plain = plain or found
    return plain


def _category(site: Site, base: str, card: HtmlElement, rule: CardRule) -> Crumb | None:
    """The label that leads to a category, else the first label that leads nowhere at all."""
    crumbs = [
        found
        for source in rule.category
        for element in compile_selector(source).elements(card)
        if (found := crumb_of(site, base, element)) is not None
    ]
    with_key = next((found for found in crumbs if found.key), None)
    return with_key or next(
        (found for found in crumbs if found.url is None or not site.article_key(found.url)), None
    )


def _text(card: HtmlElement, rule: FieldRule | None) -> str | None:
    if rule is None:
        return None
    found = first(candidates(card, None, rule))
    return found.values[0] if found else None
