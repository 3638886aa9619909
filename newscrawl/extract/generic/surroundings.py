"""Where a date stands: relative to the headline, in a box, or in the card of another article."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain, islice

from lxml.html import HtmlElement

from newscrawl.core.cache import cache_short_texts
from newscrawl.core.text import clean_text
from newscrawl.core.urls import absolute, host_of
from newscrawl.extract.generic.article_object import path_of
from newscrawl.extract.generic.facts import Facts, letters
from newscrawl.extract.generic.headline import is_alike
from newscrawl.extract.generic.shown_text import amount, spaced_text
from newscrawl.extract.generic.vocabulary import NOT_OWN

_ELSEWHERE = frozenset({"aside", "nav", "footer", "form", "figure", "figcaption"})
_OTHERS = re.compile(rf"(?:^|[\s_-])(?:{'|'.join(NOT_OWN)})(?=$|[\s_-])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PAGE_BUILDER = re.compile(r"\b(?:elementor|wp|et|vc)-widget\S*")  # wraps all parts of a page
# Links to people's pages and offers to share this one.
_NO_ARTICLE = re.compile(
    r"author|byline|profile|staff|journalist|people|contributor|tac-gia|\bshar(?:e|ing)\b|^mailto:",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3")
_MOST_HEADINGS = 100  # that are looked at
_LINES = frozenset("h4 h5 h6 p div span dt dd td th li strong b font a center legend".split())
_MOST_SPACE = 100  # characters of white space around a headline
_DEEP = 30  # elements between a date and the block that it shares with the headline
_CARD = 600  # characters: a teaser with its date has fewer
_HEADLINE = 25  # characters of an alphabet: a link with fewer names a section or a person


class Surroundings:
    """The elements of a page around its headline."""

    def __init__(self, facts: Facts, title: str) -> None:
        self._facts = facts
        self.headline = _headline_element(facts, title)
        """The element with the title, else the first h1; None if there is neither."""
        self.shows_title = self.headline is not None and _has_text(self.headline, title)
        self._above_headline: set[HtmlElement] = set()
        if self.headline is not None:
            self._above_headline.update(self.headline.iterancestors())
        self._cards: dict[HtmlElement, bool] = {}
        self._own_path = path_of(facts.url)

    @cached_property
    def order(self) -> dict[HtmlElement, int]:
        """By element: its place on the page."""
        return {element: place for place, element in enumerate(self._facts.elements)}

    def after_headline(self, element: HtmlElement) -> int:
        """How many elements after the headline; on a page without one, after its beginning."""
        start = self.order[self.headline] if self.headline is not None else 0
        return self.order[element] - start

    def shared_block(self, element: HtmlElement) -> HtmlElement | None:
        """The innermost element around this one that also holds the headline."""
        for around in islice(element.iterancestors(), _DEEP):
            if around in self._above_headline or around.tag in ("body", "html"):
                return around
        return None

    def around(self, above: int, below: int) -> tuple[HtmlElement, ...]:
        """The elements up to so many above the headline and below; none without a headline."""
        if self.headline is None:
            return ()
        place = self.order[self.headline]
        return self._facts.elements[max(place - above, 0) : place + below + 1]

    def is_in_box(self, element: HtmlElement) -> bool:
        """Whether an element is in a box of other articles, of menus or of comments."""
        for around in islice(chain((element,), element.iterancestors()), _DEEP):
            if around in self._above_headline:
                return False
            if around.tag in _ELSEWHERE or _is_named_as_box(_names(around)):
                return True
        return False

    def is_elsewhere(self, element: HtmlElement) -> bool:
        """Whether an element is in a box, or in the card of another article."""
        for around in islice(chain((element,), element.iterancestors()), _DEEP):
            if around in self._above_headline or around.tag in ("body", "html"):
                return False
            if around.tag in _ELSEWHERE or _is_named_as_box(_names(around)):
                return True
            if around.tag == "a" and not self._leads_here(around, element):
                return True
            if self._is_card(around):
                return True
        return True

    def _leads_here(self, link: HtmlElement, date: HtmlElement) -> bool:
        """Whether a link around a date is the page's own, or has no other text than the date."""
        if self._own_path and path_of(link.get("href")) == self._own_path:
            return True
        return letters(link.text_content()) == letters(date.text_content())

    def _is_card(self, element: HtmlElement) -> bool:
        if element not in self._cards:
            self._cards[element] = self._shows_other_article(element)
        return self._cards[element]

    def _shows_other_article(self, element: HtmlElement) -> bool:
        """Whether an element has little text, and a link like another article's headline."""
        if len(element.text_content()) > _CARD:
            return False
        return any(map(self._leads_to_other_article, element.iter("a")))

    def _leads_to_other_article(self, link: HtmlElement) -> bool:
        if amount(clean_text(link.text_content())) < _HEADLINE:
            return False
        if _NO_ARTICLE.search(f"{link.get('href')} {link.get('rel')} {_names(link)}"):
            return False
        if not self._leads_to_site(link):
            return False
        return path_of(link.get("href")) not in ("", self._own_path)

    def _leads_to_site(self, link: HtmlElement) -> bool:
        """Whether a link leads to a page of the site, of a part of it, or of its publisher."""
        host = host_of(absolute(self._facts.url, link.get("href")) or self._facts.url)
        return host.split(".")[-2:] == host_of(self._facts.url).split(".")[-2:]


def _headline_element(facts: Facts, title: str) -> HtmlElement | None:
    """The heading with the title, else another element with it, else a heading like it.

    Else the first h1 that is not the site's name: a page may print its headline in other words.
    """
    headings = list(islice(facts.root.iter(*_HEADINGS), _MOST_HEADINGS))
    if title and (element := _with_text(facts, headings, title)) is not None:
        return element
    texts = {heading: spaced_text(heading) for heading in headings}
    for heading, text in texts.items():
        if title and is_alike(text, title):
            return heading
    for heading, text in texts.items():
        if heading.tag == "h1" and text and not facts.is_site_name(text):
            return heading
    return None


def _with_text(facts: Facts, headings: list[HtmlElement], title: str) -> HtmlElement | None:
    """The highest heading with the title, else the first other element with it."""
    exact = [heading for heading in headings if _has_text(heading, title)]
    if exact:
        return min(exact, key=lambda heading: str(heading.tag))
    for element in facts.elements:
        if _may_have(element, title, facts) and _has_text(element, title):
            return element
    return None


def _may_have(element: HtmlElement, title: str, facts: Facts) -> bool:
    """Whether an element of the page's body is as long as the title, white space aside."""
    if element.tag not in _LINES:
        return False
    return len(title) // 2 < facts.sizes[element] < 2 * len(title) + _MOST_SPACE


def _has_text(element: HtmlElement, title: str) -> bool:
    return letters(element.text_content()) == letters(title)


def _names(element: HtmlElement) -> str:
    """The element's classes and id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


@cache_short_texts(4096)
def _is_named_as_box(names: str) -> bool:
    if names == " ":
        return False
    words = _CAMEL.sub("-", _PAGE_BUILDER.sub("", names))
    return _OTHERS.search(words) is not None
