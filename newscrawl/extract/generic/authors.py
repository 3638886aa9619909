"""Who wrote an article: the names in its data, in its metas, then those that the page prints as a by-line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.text import clean_text
from newscrawl.extract.generic.facts import Facts, text
from newscrawl.extract.generic.names import LONGEST, split
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.vocabulary import WRITTEN_BY

_METAS = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "byl", "dcsext.author", "cxenseparse:author",
)  # fmt: skip
_WRITTEN_BY = re.compile(one_of(WRITTEN_BY), re.IGNORECASE)
_BYLINES = etree.XPath(
    """//*[self::a or self::span or self::p or self::div or self::strong or self::address or self::b or self::li][
    @rel='author' or @itemprop='author' or re:test(@class, $names, 'i')]""",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
_AUTHOR_NAMES = r"(^|[\s_-])(author(s|[_-]?names?|[_-]?link)?|byline(__?author|[_-]name)?|writer|reporter)([\s_\d-]|$)"
_SIGNATURE = etree.XPath(
    ".//p[contains(@style, 'right') or contains(@class, 'right') or contains(@class, 'author')]"
    "//*[self::strong or self::b]"
)


def authors(facts: Facts) -> tuple[str, tuple[str, ...]] | None:
    """(place, names); a name that is the site's own only where nobody else is named. None where nobody is."""
    organisation: tuple[str, tuple[str, ...]] | None = None
    for place, raw in _places(facts):
        names = tuple(dict.fromkeys(name for one in raw for name in split(one)))
        people = tuple(name for name in names if not facts.is_site_name(name))
        if people and (organisation is None or any(map(_is_full, people))):
            return place, names if place.startswith("json-ld:") else people
        if names and organisation is None:
            organisation = place, names
    return organisation


def _is_full(name: str) -> bool:
    """First and last name, or a name in a script that does not divide them: no `red` and no `APA`."""
    return " " in name or not name.isascii()


def _places(facts: Facts) -> Iterator[tuple[str, list[str]]]:
    yield "json-ld:author", list(_names(facts, facts.data.get("author")))
    for meta in _METAS:
        yield f"meta:{meta}", facts.embedded.values(f"meta:{meta}")
    for number in ("1", "2"):
        label = facts.meta(f"twitter:label{number}")
        if label and _WRITTEN_BY.search(label[0]):
            yield f"meta:twitter:data{number}", facts.meta(f"twitter:data{number}")
    yield "byline", _first_byline(facts.root)
    yield "signature", [clean_text(one.text_content()) for one in _signatures(facts.root)[-1:]]


def _names(facts: Facts, value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, list) and depth < 3:
        for item in value:
            yield from _names(facts, item, depth + 1)
    elif isinstance(value, dict):
        given = f"{text(value.get('givenName'))} {text(value.get('familyName'))}".strip()
        name = (
            text(value.get("name"))
            or given
            or text(value.get("byline"))
            or facts.people.get(str(value.get("@id")), "")
        )
        if name:
            yield name
        elif isinstance(value.get("name"), list):
            yield from _names(facts, value["name"], depth + 1)
    elif isinstance(value, str):
        yield text(value)


def _first_byline(root: HtmlElement) -> list[str]:
    """The names in the first by-line of the page that has any: several elements of one parent belong together."""
    for element in _bylines(root):
        printed = clean_text(element.text_content())
        if 2 < len(printed) <= 2 * LONGEST and split(printed):
            siblings = [
                one
                for one in _bylines(element.getparent())
                if one.get("class") == element.get("class")
            ]
            return [
                clean_text(one.text_content())
                for one in siblings
                if one.getparent() is element.getparent()
            ] or [printed]
    return []


def _signatures(root: HtmlElement) -> list[HtmlElement]:
    return cast("list[HtmlElement]", _SIGNATURE(root))


def _bylines(root: HtmlElement | None) -> list[HtmlElement]:
    return (
        cast("list[HtmlElement]", _BYLINES(root, names=_AUTHOR_NAMES)) if root is not None else []
    )
