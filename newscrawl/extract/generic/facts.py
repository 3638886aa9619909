"""What a page of an unknown site says about itself for machines: its article object, its metas, its own name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from newscrawl.core.text import clean_text
from newscrawl.extract.embedded import Embedded
from newscrawl.extract.generic.article_object import article_object, items, path_of
from newscrawl.sites.page_index import ParsedPage

_NOT_LETTERS = re.compile(r"[\W_]+")
SECTIONS = ("article:section", "parsely-section", "content_category", "section", "category")
LINES = frozenset(
    {"p", "li", "h2", "h3", "h4", "h5", "h6", "div", "span", "strong", "b", "td", "blockquote"}
)
_MANY = 8  # children: no line of text
_LONG = 4000  # characters, white space too: no line of text
_NO_TEXT = frozenset({"script", "style"})
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
    elements: tuple[
        HtmlElement, ...
    ]  # all, in order; lxml makes each of them anew on every walk unless they are kept

    @cached_property
    def sizes(self) -> dict[HtmlElement, int]:
        """By element: about how much there is to read in it, in characters; computed without reading any twice."""
        sizes: dict[HtmlElement, int] = {}
        for element in reversed(self.elements):
            size = len(element.text or "") if element.tag not in _NO_TEXT else 0
            for child in element:
                size += sizes[child] + len(child.tail or "") + 1
            sizes[element] = size
        return sizes

    @cached_property
    def shown(self) -> tuple[tuple[HtmlElement, str], ...]:
        """The elements that may be one line of text or one heading, each with what it shows."""
        small = (one for one in self.elements if one.tag in LINES and len(one) < _MANY)
        short = (one for one in small if 0 < self.sizes[one] <= _LONG)
        return tuple((one, text) for one in short if (text := clean_text(one.text_content())))

    def meta(self, *names: str) -> list[str]:
        """The values of the first of these metas that the page has."""
        for name in names:
            values = [
                clean for value in self.embedded.values(f"meta:{name}") if (clean := text(value))
            ]
            if values:
                return values
        return []

    def own(self, key: str) -> str:
        """A text of the article object; '' where it has none."""
        return text(self.data.get(key))

    def is_site_name(self, name: str) -> bool:
        """Whether a name is the site's own, not a person's or a section's."""
        bare = letters(name)
        return bool(bare) and any(
            bare == one or (len(bare) > 2 and bare in one) for one in self.names
        )

    def headlines(self) -> tuple[str, ...]:
        """Every text that is the page's headline in one place or another."""
        shown = (clean_text(h1.text_content()) for h1 in self.root.iter("h1"))
        said = (
            self.own("headline"),
            *self.meta("og:title"),
            clean_text(self.root.findtext(".//title") or ""),
        )
        return tuple(dict.fromkeys(filter(None, (*shown, *said))))


def facts_of(root: HtmlElement, url: str) -> Facts:
    """Reads the page's data once."""
    embedded = Embedded(ParsedPage(root))
    found = list(items(embedded.objects))
    data = article_object(
        found, frozenset(filter(None, map(path_of, (url, *_addresses(root, embedded)))))
    )
    people = {
        one.data["@id"]: text(one.data.get("name"))
        for one in found
        if isinstance(one.data.get("@id"), str)
    }
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    publisher = data.get("publisher")
    names = [
        host,
        *host.split(".")[:-1],
        *embedded.values("meta:og:site_name"),
        *embedded.values("meta:application-name"),
        *([text(publisher.get("name"))] if isinstance(publisher, dict) else []),
    ]
    return Facts(
        root,
        url,
        embedded,
        data,
        people,
        frozenset(filter(None, map(letters, names))),
        tuple(root.iter()),
    )


def text(value: object) -> str:
    """A clean text: of a list its first, of anything else but a string ''."""
    value = value[0] if isinstance(value, list) and value else value
    return clean_text(html.unescape(value)) if isinstance(value, str) else ""


def letters(value: str) -> str:
    """For comparing texts that differ in white space, signs and case only."""
    return _NOT_LETTERS.sub("", value).casefold()


def _addresses(root: HtmlElement, embedded: Embedded) -> Iterator[str]:
    """Those that the page gives itself."""
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            yield link.get("href") or ""
    yield from embedded.values("meta:og:url")
