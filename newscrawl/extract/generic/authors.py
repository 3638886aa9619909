"""The authors of an article, by its data, its metadata, or the byline that the page prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.extract.generic.byline_words import WRITTEN_BY
from newscrawl.extract.generic.facts import Facts, first_text
from newscrawl.extract.generic.names import LONGEST, is_byline, names_in
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.shown_text import spaced_text
from newscrawl.extract.generic.surroundings import Surroundings

_METAS = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "dcsext.author",
    "cxenseparse:author",
)
_WRITTEN_BY = re.compile(one_of(WRITTEN_BY), re.IGNORECASE)
_BYLINES = etree.XPath(
    "//*[self::a or self::span or self::p or self::div or self::strong or self::address or self::b "
    "or self::li][@rel='author' or @itemprop='author' or re:test(@class, $names, 'i')]",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
_AUTHOR_NAMES = (
    r"(^|[\s_-])(author(s|[_-]?names?|[_-]?link)?|byline(__?author|[_-]name)?|writer|reporter|autor"
    r"|auteur|autore|yazar|penulis|tac-?gia)"
    r"([\s_\d]|$|-(?!views?|count|avatar|im(g|age)|photo|bio|desc|social|follow|email|more|posts))"
)
_SIGNATURE = etree.XPath(
    ".//p[contains(@style, 'right') or contains(@class, 'right') or contains(@class, 'author')]"
    "//*[self::strong or self::b]"
)
_MAX_DEPTH = 3
# Addresses of people's pages.
_PROFILE = re.compile(
    r"/(?:authors?|aut(?:o|eu)r(?:e|es|en|i|in)?|by|people|person|profiles?|journalists?|reporters?"
    r"|contributors?|writers?|u|columnists?|redaktion|tac-gia|yazar(?:lar)?|penulis)/[^/?#]+",
    re.IGNORECASE,
)
_SHORTEST = 3  # characters of a linked name: shorter ones are words for the page
_ABOVE, _BELOW = 10, 40  # elements around the headline
_LINE_TAGS = frozenset("p span div li dt dd td em i strong b address small h4 h5 h6".split())
_LONGEST_BYLINE = 200  # characters of an element with links to people
_LONGEST_LINE = 120  # characters of a line with the author and the date


def authors(facts: Facts, surroundings: Surroundings) -> tuple[str, tuple[str, ...]] | None:
    """(place, names); None if nobody is named.

    A name that is the site's own counts only if nobody else is named.
    """
    organisation: tuple[str, tuple[str, ...]] | None = None
    for place, bylines in _places(facts, surroundings):
        names = _distinct_names(bylines)
        people = tuple(name for name in names if not facts.is_site_name(name))
        if people and (organisation is None or any(map(_is_full, people))):
            return place, people
        if names and organisation is None:
            organisation = place, names
    return organisation


def _distinct_names(bylines: list[str]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for byline in bylines:
        names |= dict.fromkeys(names_in(byline))
    return tuple(names)


def _is_full(name: str) -> bool:
    """Whether this is a full name, not `red` or `APA`: two words, or a script without spaces."""
    return " " in name or not name.isascii()


def _places(facts: Facts, surroundings: Surroundings) -> Iterator[tuple[str, list[str]]]:
    """(place, bylines) of every place that may name the authors, the surest first."""
    yield "json-ld:author", list(_in_data(facts, facts.data.get("author")))
    for meta in _METAS:
        yield f"meta:{meta}", facts.embedded.values(f"meta:{meta}")
    for number in ("1", "2"):
        label = facts.meta(f"twitter:label{number}")
        if label and _WRITTEN_BY.search(label[0]):
            yield f"meta:twitter:data{number}", facts.meta(f"twitter:data{number}")
    yield "byline", _first_byline(facts.root)
    yield "byline:link", _author_links(surroundings)
    yield "byline:label", _labelled_line(facts, surroundings)
    signatures = cast("list[HtmlElement]", _SIGNATURE(facts.root))
    yield "signature", [spaced_text(element) for element in signatures[-1:]]


def _in_data(facts: Facts, value: object, depth: int = 0) -> Iterator[str]:
    """The names in the value of `author`."""
    if isinstance(value, list) and depth < _MAX_DEPTH:
        for item in value:
            yield from _in_data(facts, item, depth + 1)
    elif isinstance(value, dict):
        name = _name_of(facts, value)
        if name:
            yield name
        elif isinstance(value.get("name"), list):
            yield from _in_data(facts, value["name"], depth + 1)
    elif isinstance(value, str):
        yield first_text(value)


def _name_of(facts: Facts, person: dict[str, object]) -> str:
    """The name of a person object; '' if it has none."""
    if name := first_text(person.get("name")):
        return name
    given = first_text(person.get("givenName"))
    family = first_text(person.get("familyName"))
    if name := f"{given} {family}".strip():
        return name
    if name := first_text(person.get("byline")):
        return name
    return facts.people.get(str(person.get("@id")), "")


def _first_byline(root: HtmlElement) -> list[str]:
    """The first byline of the page that has a name, and its other elements under one parent."""
    elements = cast("list[HtmlElement]", _BYLINES(root, names=_AUTHOR_NAMES))
    for element in elements:
        printed = spaced_text(element)
        if linked := _linked_names(element):
            return linked
        if 2 < len(printed) <= 2 * LONGEST and names_in(printed):
            parent, class_ = element.getparent(), element.get("class")
            return [
                spaced_text(other)
                for other in elements
                if other.getparent() is parent and other.get("class") == class_
            ]
    return []


def _linked_names(element: HtmlElement) -> list[str]:
    """The names of the people to whose pages an element links, if it has other text too."""
    links = [link for link in element.iter("a") if _PROFILE.search(link.get("href") or "")]
    if element.tag == "a" or len(element.text_content()) > _LONGEST_BYLINE:
        return []
    names = (spaced_text(link) for link in links)
    return [name for name in names if _is_full(name) and names_in(name)]


def _author_links(surroundings: Surroundings) -> list[str]:
    """The names of links beside the headline that lead to people's pages."""
    names: dict[str, None] = {}
    for element in surroundings.around(_ABOVE, _BELOW):
        if element.tag != "a" or not _PROFILE.search(element.get("href") or ""):
            continue
        name = spaced_text(element)
        is_name = _is_full(name) and _SHORTEST <= len(name) <= LONGEST
        if is_name and not surroundings.is_in_box(element):
            names[name] = None
    return list(names)


def _labelled_line(facts: Facts, surroundings: Surroundings) -> list[str]:
    """The first short line beside the headline that begins like a byline: `Piše: Ada Quill`."""
    for element in surroundings.around(_ABOVE, _BELOW):
        if element.tag not in _LINE_TAGS or facts.sizes[element] > _LONGEST_BYLINE:
            continue
        line = spaced_text(element)
        if len(line) > _LONGEST_LINE or not is_byline(line) or surroundings.is_in_box(element):
            continue
        inner = (spaced_text(child) for child in element if child.tag in _LINE_TAGS)
        return [next(filter(is_byline, inner), line)]
    return []
