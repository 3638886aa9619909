"""A draft of the listing blocks of a site file from one saved category page or home page.

The cards are those that `extract --as listing` finds by the structure of the page. Each group of
cards that are alike becomes a block, whose selectors find the same cards again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from newscrawl.authoring.css import card_selector, selector_of
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Listing, Page
from newscrawl.core.text import clean_text
from newscrawl.core.urls import absolute
from newscrawl.extract.any_listing import read_any_listing
from newscrawl.extract.decode import parse
from newscrawl.extract.generic.cards import Card, cards_of
from newscrawl.extract.generic.facts import Facts, facts_of, letters
from newscrawl.extract.generic.locale import time_locale
from newscrawl.extract.generic.shown_text import spaced_text
from newscrawl.sites.generic import generic_site
from newscrawl.sites.selectors import compile_selector

_ALIKE = 2  # cards of one kind make a block of their own
_MOST_BLOCKS = 12
_LONGEST_TIME = 60  # characters
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NUMBER = re.compile(r"\d+")
# `/page/2`, `-p2.html`, `/trang-2`
_SECOND_PAGE = re.compile(r"[/_-](?:[a-z]{1,6}[/_-]?)?2(?:\.[a-z]{3,5})?/?")
_SEPARATOR = re.compile(r"\s*[|·•»:–—-]\s*")


@dataclass(frozen=True, slots=True)
class Block:
    """The rule of one group of cards, each value a selector."""

    block: str
    card: str
    title: str | None
    summary: str | None
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDraft:
    """`blocks` find the cards of `listing`, which was read by the structure of the page.

    `next` is the selector of the link to the next page; `page_suffix` is how the path of a further
    page goes on after that of the first, with `{page}` in place of the number. Each is None if the
    page has no such link. `category` is the category's name, None on a home page. `time` is the
    first printed time.
    """

    listing: Listing
    blocks: tuple[Block, ...]
    next: str | None
    page_suffix: str | None
    category: str | None
    language: str | None
    title: str | None
    time: HtmlElement | None


def draft_listing(page: Page) -> ListingDraft:
    """The blocks of a list page. PageRejected (`empty_listing`) if it leads to no articles."""
    site = generic_site(page.url)
    listing = read_any_listing(site, page)
    root = parse(page)
    facts = facts_of(root, page.url)
    locale = time_locale(facts, facts.title())
    cards = cards_of(site, page.url, root, locale)
    if not cards:
        raise PageRejected("empty_listing", f"{page.url}: the page leads to no article")
    groups = _groups(cards)
    return ListingDraft(
        listing=listing,
        blocks=tuple(_blocks(root, groups)),
        next=_next_selector(root, page.url, listing.next_url),
        page_suffix=_page_suffix(root, page.url, listing.next_url),
        category=_category_name(facts),
        language=locale.language,
        title=next(iter(facts.meta("og:site_name")), None),
        time=_first(_time_element, cards),
    )


def _groups(cards: Sequence[Card]) -> list[list[Card]]:
    """The cards by what names them, the largest groups first; single ones are groups too.

    Cards without a name of their own are alike if they stand side by side.
    """
    groups: dict[tuple[str, HtmlElement | None], list[Card]] = {}
    for card in cards:
        name = card_selector(card.element)
        parent = card.element.getparent() if name == card.element.tag else None
        groups.setdefault((name, parent), []).append(card)
    return sorted(groups.values(), key=len, reverse=True)


def _blocks(root: HtmlElement, groups: Sequence[Sequence[Card]]) -> Iterator[Block]:
    taken: set[HtmlElement] = set()
    for group in groups[:_MOST_BLOCKS]:
        left = [card for card in group if card.element not in taken]
        if not left:
            continue
        selector = _card_selector(root, left)
        taken |= set(compile_selector(selector).elements(root))
        yield Block(
            block="list" if len(left) >= _ALIKE else "featured",
            card=selector,
            title=_title_selector(left),
            summary=_common_selector(left, _summary_element),
            published=_common_selector(left, _time_element),
        )


# ---- Which elements are the cards ----


def _card_selector(root: HtmlElement, cards: Sequence[Card]) -> str:
    """The selector that finds these cards, and the fewest other elements."""
    wanted = {card.element for card in cards}

    def rank(selector: str) -> tuple[int, int]:
        found = set(compile_selector(selector).elements(root))
        return len(wanted - found), len(found - wanted)

    return min(_card_selectors(root, cards), key=rank)


def _card_selectors(root: HtmlElement, cards: Sequence[Card]) -> list[str]:
    """Selectors by the cards' own classes, then by the elements around them, the shortest first."""
    element = cards[0].element
    classes = set((element.get("class") or "").split())
    for card in cards[1:]:
        classes &= set((card.element.get("class") or "").split())
    named = [f"{element.tag}.{name}" for name in sorted(classes) if re.fullmatch(r"[\w-]+", name)]
    own = [name for name in named if name == card_selector(element)] + named
    parents = Counter(card.element.getparent() for card in cards)
    around = [parent for parent, _ in parents.most_common(1) if parent is not None]
    inside = [f"{selector_of(root, parent)} > {element.tag}" for parent in around]
    alone = [selector_of(root, element)] if len(cards) == 1 else []
    return list(dict.fromkeys([*own, *inside, *alone])) or [str(element.tag)]


# ---- Where the parts are in a card ----


def _title_selector(cards: Sequence[Card]) -> str | None:
    """The tag of the headings with the titles; None if the first link of the cards has them."""

    def heading(card: Card) -> HtmlElement | None:
        return _with_text(card.element.iter(*_HEADINGS), card.teaser.title)

    def link(card: Card) -> HtmlElement | None:
        return _with_text(card.element.iter("a"), card.teaser.title)

    if selector := _common_selector(cards, heading):
        return selector
    first_links = [next(filter(spaced_text, card.element.iter("a")), None) for card in cards]
    if [link(card) for card in cards] == first_links:
        return None
    return _common_selector(cards, link)


def _summary_element(card: Card) -> HtmlElement | None:
    return _with_text(card.element.iter("p", "div", "span"), card.teaser.summary)


def _time_element(card: Card) -> HtmlElement | None:
    """The innermost element that shows the card's time."""
    raw = card.teaser.published_raw
    if raw is None:
        return None
    showing = [
        element
        for element in card.element.iter()
        if isinstance(element.tag, str) and _shows(element, raw)
    ]
    return min(showing, key=lambda element: len(spaced_text(element)), default=None)


def _shows(element: HtmlElement, raw: str) -> bool:
    return len(element.text_content()) <= 2 * _LONGEST_TIME and raw in spaced_text(element)


def _with_text(elements: Iterator[HtmlElement], text: str | None) -> HtmlElement | None:
    """The innermost of the elements that shows this text and nothing else."""
    if text is None:
        return None
    wanted = letters(text)
    found = [element for element in elements if letters(element.text_content()) == wanted]
    return found[-1] if found else None


def _common_selector(
    cards: Sequence[Card], element_in: Callable[[Card], HtmlElement | None]
) -> str | None:
    """The selector that most cards share for a part; None if the cards do not have the part."""
    found = [element for card in cards if (element := element_in(card)) is not None]
    inner = [element for element in found if element not in {card.element for card in cards}]
    selectors = Counter(card_selector(element) for element in inner)
    best = selectors.most_common(1)
    return best[0][0] if best else None


def _first(
    element_in: Callable[[Card], HtmlElement | None], cards: Sequence[Card]
) -> HtmlElement | None:
    for card in cards:
        element = element_in(card)
        if element is not None:
            return element
    return None


# ---- The page itself ----


def _category_name(facts: Facts) -> str | None:
    """The first heading that is not the site's name, else the first part of the title."""
    for heading in facts.headings():
        if heading and not facts.is_site_name(heading):
            return heading
    return _SEPARATOR.split(facts.title())[0] or None


def _next_selector(root: HtmlElement, url: str, next_url: str | None) -> str | None:
    """The selector of the link to the next page, if a class or `rel` names it."""
    if next_url is None:
        return None
    for link in root.iter("link", "a"):
        if absolute(url, link.get("href")) != next_url:
            continue
        if "next" in (link.get("rel") or "").lower().split():
            return f"{link.tag}[rel~=next]"
        if link.get("class") and (selector := card_selector(link)) != "a":
            return selector
    return None


def _page_suffix(root: HtmlElement, url: str, next_url: str | None) -> str | None:
    """What follows the path of the first page in that of the second, such as `/page/{page}`."""
    path = urlsplit(url).path.rstrip("/")
    linked = (absolute(url, link.get("href")) for link in root.iter("a"))
    for there in (next_url, *linked):
        suffix = urlsplit(there or "").path.removeprefix(path)
        if _SECOND_PAGE.fullmatch(suffix):
            return _NUMBER.sub("{page}", suffix, count=1)
    return None


def category_slug(url: str) -> str:
    """The path of a category page without its ending: `sport/football` of `/sport/football.html`.

    '' for a home page.
    """
    return re.sub(r"\.\w{3,5}$", "", clean_text(urlsplit(url).path).strip("/"))
