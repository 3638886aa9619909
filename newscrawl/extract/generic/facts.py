"""What a page of an unknown site says about itself for machines: its article object, its metas, its own name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from ...text import clean_text
from ..embedded import Embedded

_ARTICLE = re.compile("article|posting|report|review|opinion|analysis", re.IGNORECASE)
_INSIDE = ("mainEntity", "mainEntityOfPage", "itemListElement", "hasPart")
_NOT_LETTERS = re.compile(r"[\W_]+")
SECTIONS = ("article:section", "parsely-section", "content_category", "section", "category")
MAX_DEPTH = 8
MAX_NAME = 40


@dataclass(frozen=True)
class Facts:
    """`data`: the page's JSON-LD article object, empty where it has none. `names`: the site's, letters only."""

    root: HtmlElement
    url: str
    embedded: Embedded
    data: dict[str, Any]
    people: dict[str, str]  # by @id: objects that an author may refer to
    names: frozenset[str]

    def meta(self, *names: str) -> list[str]:
        """The values of the first of these metas that the page has."""
        for name in names:
            values = [clean for value in self.embedded.values(f"meta:{name}") if (clean := text(value))]
            if values:
                return values
        return []

    def own(self, key: str) -> str:
        """A text of the article object; '' where it has none."""
        return text(self.data.get(key))

    def is_site_name(self, name: str) -> bool:
        """Whether a name is the site's own, not a person's or a section's."""
        bare = letters(name)
        return bool(bare) and any(bare == one or (len(bare) > 2 and bare in one) for one in self.names)

    def headlines(self) -> tuple[str, ...]:
        """Every text that is the page's headline in one place or another."""
        shown = (clean_text(h1.text_content()) for h1 in self.root.iter("h1"))
        said = (self.own("headline"), *self.meta("og:title"), clean_text(self.root.findtext(".//title") or ""))
        return tuple(dict.fromkeys(filter(None, (*shown, *said))))


def facts_of(root: HtmlElement, url: str) -> Facts:
    """Reads the page's data once."""
    embedded = Embedded(root)
    objects = [one for item in embedded.objects for one in _objects(item)]
    articles = [one for one in objects if _ARTICLE.search(str(one.get("@type")))]
    whole = (one for one in articles if one.get("headline") and one.get("datePublished"))
    data = next(whole, articles[0] if articles else {})
    people = {one["@id"]: text(one.get("name")) for one in objects if isinstance(one.get("@id"), str)}
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    publisher = data.get("publisher")
    names = [
        host,
        *host.split(".")[:-1],
        *embedded.values("meta:og:site_name"),
        *embedded.values("meta:application-name"),
        *([text(publisher.get("name"))] if isinstance(publisher, dict) else []),
    ]
    return Facts(root, url, embedded, data, people, frozenset(filter(None, map(letters, names))))


def text(value: object) -> str:
    """A clean text: of a list its first, of anything else but a string ''."""
    value = value[0] if isinstance(value, list) and value else value
    return clean_text(html.unescape(value)) if isinstance(value, str) else ""


def letters(value: str) -> str:
    """For comparing texts that differ in white space, signs and case only."""
    return _NOT_LETTERS.sub("", value).casefold()


def _objects(value: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth)
    elif isinstance(value, dict) and depth < MAX_DEPTH:
        yield value
        for key in _INSIDE:
            yield from _objects(value.get(key), depth + 1)
