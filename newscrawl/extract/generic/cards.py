"""The cards of other articles on any page: elements that lead to one article each.

A card is the largest element around a link to an article that leads to no other article.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from newscrawl.core.records import Teaser, TimeLocale
from newscrawl.core.text import clean_text
from newscrawl.core.times import parse_time
from newscrawl.core.urls import absolute
from newscrawl.extract.generic.facts import letters
from newscrawl.extract.generic.printed_dates import is_named_as_date, stated_date
from newscrawl.extract.generic.shown_text import spaced_text
from newscrawl.sites.site import Site

_MOST_LINKS = 3_000  # that are looked at; a home page has some hundreds
_ELSEWHERE = ("nav", "footer", "select")
_MIN_TITLE = 20  # bytes of UTF-8: a link with fewer names a section or a person
_MIN_SLUG = 12  # characters of the last part of an article's path
_LONGEST_CARD = 3_000  # characters
_DEEP = 12  # elements between a link and its card
_MIN_SUMMARY, _MAX_SUMMARY = 40, 600  # characters
_LONGEST_DATE = 60  # characters
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MANY = ""  # in place of an address: an element leads to several articles


@dataclass(frozen=True, slots=True)
class Card:
    """A card, and the article that it leads to."""

    element: HtmlElement
    teaser: Teaser

    @property
    def kind(self) -> tuple[str, str]:
        """What the cards of one list have in common."""
        return self.element.tag, self.element.get("class") or ""


def cards_of(site: Site, url: str, root: HtmlElement, locale: TimeLocale) -> list[Card]:
    """The cards of a page in document order, each article once.

    Times are read by the locale where the site has no zone, else by the rules of the site.
    """
    found = list(islice(_article_links(site, url, root), _MOST_LINKS))
    named = {key for link, _, key in found if _names_article(link)}
    links = [(link, address, key) for link, address, key in found if key in named]
    leads_to = _addresses(links)
    seen: set[str] = set()
    cards: list[Card] = []
    for link, address, key in links:
        if key in seen:
            continue
        element = _card_around(link, leads_to)
        title = _title_of(element, link)
        if title is None:
            continue
        seen.add(key)
        teaser = Teaser(
            url=address,
            key=key,
            title=title,
            summary=_summary_of(element, title),
            published_raw=_printed_time(element, title, locale),
        )
        cards.append(Card(element, teaser))
    return cards


def _article_links(
    site: Site, url: str, root: HtmlElement
) -> Iterator[tuple[HtmlElement, str, str]]:
    """(link, address, key) of the links that may lead to an article of the site."""
    own = site.article_key(url)
    for link in root.iter("a"):
        target = absolute(url, link.get("href"))
        key = site.article_key(target) if target is not None else None
        if target is None or key is None or key == own:
            continue
        if site.generic and not _may_be_article(target):
            continue
        if next(link.iterancestors(*_ELSEWHERE), None) is None:
            yield link, site.canonical_url(target), key


def _names_article(link: HtmlElement) -> bool:
    """Whether a link has a text as long as a headline, shown or as its title."""
    texts = (clean_text(link.text_content()), link.get("title") or "")
    return any(len(text.encode()) >= _MIN_TITLE for text in texts)


def _may_be_article(url: str) -> bool:
    """Whether an address looks like an article's: it has a long last part, or one with a number."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return len(last) >= _MIN_SLUG or sum(map(str.isdigit, last)) > 3


def _addresses(links: list[tuple[HtmlElement, str, str]]) -> dict[HtmlElement, str]:
    """By element around a link: the key of the only article that it leads to, or _MANY."""
    leads_to: dict[HtmlElement, str] = {}
    for link, _, key in links:
        for around in link.iterancestors():
            known = leads_to.setdefault(around, key)
            if known == _MANY:
                break  # so do all elements around it
            if known != key:
                leads_to[around] = _MANY
    return leads_to


def _card_around(link: HtmlElement, leads_to: dict[HtmlElement, str]) -> HtmlElement:
    card = link
    for around in islice(link.iterancestors(), _DEEP):
        if leads_to.get(around) == _MANY or around.tag in ("body", "html"):
            break
        card = around
    return card


def _title_of(card: HtmlElement, link: HtmlElement) -> str | None:
    """The text of the card's heading, else of its longest link; None if that is no headline."""
    texts = [spaced_text(heading) for heading in card.iter(*_HEADINGS)]
    if not any(texts):
        links = [link, *card.iter("a")]
        texts = [spaced_text(one) for one in links]
    if not any(texts):
        texts = [clean_text(link.get("title") or "")]
    title = max(texts, key=len)
    return title if len(title.encode()) >= _MIN_TITLE else None


def _summary_of(card: HtmlElement, title: str) -> str | None:
    """The longest text of the card outside its headline."""
    best = ""
    for element in card.iter("p", "div", "span"):
        if any(inner.tag in ("p", "div", *_HEADINGS) for inner in element):
            continue
        text = spaced_text(element)
        if not _MIN_SUMMARY <= len(text) <= _MAX_SUMMARY or letters(title) in letters(text):
            continue
        best = max(best, text, key=len)
    return best or None


def _printed_time(card: HtmlElement, title: str, locale: TimeLocale) -> str | None:
    """The time that a card prints, in an element named as a date or in a short text."""
    if len(card.text_content()) > _LONGEST_CARD:
        return None
    found: str | None = None
    for element in card.iter():
        if not isinstance(element.tag, str) or len(element.text_content()) > _LONGEST_DATE:
            continue
        text = spaced_text(element)
        if not any(map(str.isdigit, text)) or letters(text) == letters(title):
            continue
        if is_named_as_date(element) and (element.tag == "time" or _is_time(text, locale)):
            return text
        if found is None and (phrase := stated_date(text, locale)):
            found = text[phrase.start : phrase.end]
    return found


def _is_time(text: str, locale: TimeLocale) -> bool:
    return parse_time(text, zone=None, locale=locale).problem != "unknown_format"
