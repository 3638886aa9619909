"""What a page of an unknown site has for machines: article object, metadata, site names."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from newscrawl.core.text import clean_text, fold
from newscrawl.extract.embedded import Embedded
from newscrawl.extract.generic.article_object import article_object, items, page_object, path_of
from newscrawl.extract.generic.shown_text import spaced_text
from newscrawl.sites.page_index import ParsedPage

SECTIONS = ("article:section", "parsely-section", "content_category", "section", "category")
MAX_NAME = 40  # letters of a site's name
_NOT_LETTERS = re.compile(r"[\W_]+")
_LINES = frozenset("p li h2 h3 h4 h5 h6 div span strong b td blockquote".split())
_MOST_NAMES = 50  # of what links to the home page show
_MANY = 8  # children: an element with so many is not a line of text
_LONG = 4000  # characters including white space: a longer text is not a line
_NO_TEXT = frozenset({"script", "style"})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A page's data, and its elements with what they show.

    `data` is the page's JSON-LD article object, `page_data` its WebPage object; each is empty if it
    has none. `people` are the names of the objects that an author may refer to, by `@id`.
    `site_names` are in bare letters. `own_paths` are those of the addresses that the page declares
    as its own, without slashes. `elements` are all elements in document order: lxml would make each
    of them anew on every walk.
    """

    root: HtmlElement
    url: str
    embedded: Embedded
    data: dict[str, Any]
    page_data: dict[str, Any]
    people: dict[str, str]
    site_names: frozenset[str]
    own_paths: frozenset[str]
    elements: tuple[HtmlElement, ...]

    @cached_property
    def sizes(self) -> dict[HtmlElement, int]:
        """By element: about how many characters it shows.

        Computed without reading any text twice.
        """
        sizes: dict[HtmlElement, int] = {}
        for element in reversed(self.elements):
            size = len(element.text or "") if element.tag not in _NO_TEXT else 0
            for child in element:
                size += sizes[child] + len(child.tail or "") + 1
            sizes[element] = size
        return sizes

    @cached_property
    def lines(self) -> tuple[tuple[HtmlElement, str], ...]:
        """The elements that may be one line of text or one heading, each with its text."""
        lines: list[tuple[HtmlElement, str]] = []
        for element in self.elements:
            if element.tag not in _LINES or len(element) >= _MANY:
                continue
            if 0 < self.sizes[element] <= _LONG:
                text = clean_text(element.text_content())
                if text:
                    lines.append((element, text))
        return tuple(lines)

    def meta(self, *names: str) -> list[str]:
        """The values of the first of these meta elements that the page has."""
        for name in names:
            values = map(first_text, self.embedded.values(f"meta:{name}"))
            if present := list(filter(None, values)):
                return present
        return []

    def data_text(self, key: str) -> str:
        """A text of the article object; '' if it has none."""
        return first_text(self.data.get(key))

    def title(self) -> str:
        """The text of the `title` element; '' if there is none."""
        return clean_text(self.root.findtext(".//title") or "")

    def headings(self) -> list[str]:
        """The texts of the h1 elements, in order."""
        return [spaced_text(h1) for h1 in self.root.iter("h1")]

    def headlines(self) -> tuple[str, ...]:
        """Every text that is the page's headline in one place or another."""
        headlines = (
            *self.headings(),
            self.data_text("headline"),
            *self.meta("og:title"),
            self.title(),
        )
        return tuple(dict.fromkeys(filter(None, headlines)))

    @cached_property
    def folded_names(self) -> frozenset[str]:
        """The site's names without marks, as they stand in addresses."""
        return frozenset(map(fold, self.site_names))

    @cached_property
    def home_names(self) -> frozenset[str]:
        """What links to the home page show, in bare letters without marks: the site's name, often.

        Also words such as `Home`, and so only for comparison with a whole name.
        """
        parts = urlsplit(self.url)
        home = {"/", f"{parts.scheme}://{parts.netloc}", f"//{parts.netloc}"}
        names: set[str] = set()
        for link in self.root.iter("a"):
            href = link.get("href") or ""
            if href in home or href.rstrip("/") in home:
                images = (image.get("alt") or "" for image in link.iter("img"))
                names |= {link.text_content(), link.get("title") or "", *images}
            if len(names) > _MOST_NAMES:
                break
        bare = {letters(fold(name)) for name in names if len(name) < 2 * MAX_NAME}
        return frozenset(name for name in bare if len(name) > 2)

    def is_site_name(self, name: str) -> bool:
        """Whether a name is the site's own, not a person's or a section's."""
        bare = letters(name)
        if len(bare) <= 2:
            return bare in self.site_names
        return any(bare in own for own in self.site_names)


def facts_of(root: HtmlElement, url: str) -> Facts:
    """The page's facts; its data is read once."""
    embedded = Embedded(ParsedPage(root))
    found = list(items(embedded.objects))
    own_paths = frozenset(map(path_of, filter(None, _own_addresses(root, embedded))))
    paths = {path_of(url), *own_paths}
    data = article_object(found, paths - {""})
    people = {
        item.data["@id"]: first_text(item.data.get("name"))
        for item in found
        if isinstance(item.data.get("@id"), str)
    }
    site_names = frozenset(map(letters, _site_names(url, embedded, data)))
    return Facts(
        root=root,
        url=url,
        embedded=embedded,
        data=data,
        page_data=page_object(found, paths - {""}),
        people=people,
        site_names=site_names - {""},
        own_paths=own_paths,
        elements=tuple(root.iter()),
    )


def first_text(value: object) -> str:
    """A clean text: of a list its first item, '' for anything else that is not a string."""
    if isinstance(value, list) and value:
        value = value[0]
    return clean_text(html.unescape(value)) if isinstance(value, str) else ""


def letters(value: str) -> str:
    """The text without white space, signs and case, for comparisons."""
    return _NOT_LETTERS.sub("", value).casefold()


def _own_addresses(root: HtmlElement, embedded: Embedded) -> Iterator[str]:
    """The addresses that the page declares as its own."""
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            yield link.get("href") or ""
    yield from embedded.values("meta:og:url")


def _as_written(host: str) -> str:
    """A host with the letters that its name has: `bücher.example` for `xn--bcher-kva.example`."""
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _site_names(url: str, embedded: Embedded, data: dict[str, Any]) -> Iterator[str]:
    """The names of the site: its host and the parts of it, and what metadata and data call it."""
    host = _as_written(urlsplit(url).hostname or "").removeprefix("www.")
    yield host
    yield from host.split(".")[:-1]
    yield from embedded.values("meta:og:site_name")
    yield from embedded.values("meta:application-name")
    publisher = data.get("publisher")
    if isinstance(publisher, dict):
        yield first_text(publisher.get("name"))
