"""What a page says about itself for machines: JSON-LD and meta elements."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from newscrawl.core.records import Problem
from newscrawl.sites.page_index import ParsedPage

ARTICLE_TYPES = (
    "NewsArticle",
    "Article",
    "ReportageNewsArticle",
    "BlogPosting",
    "LiveBlogPosting",
    "AnalysisNewsArticle",
)
MAX_BLOCK = 1_000_000
MAX_DEPTH = 64
_DECODER = json.JSONDecoder(strict=False)


class Embedded:
    """The JSON-LD objects and meta values of a page, read once."""

    def __init__(self, page: ParsedPage) -> None:
        self.problems: list[Problem] = []
        self.objects = [item for text in _blocks(page) for item in self._read(text)]
        self._article = next((item for item in self.objects if _is_a(item, ARTICLE_TYPES)), None)
        self._metas = _metas(page)

    def values(self, place: str) -> list[str]:
        """The texts of `json-ld:name` (of the article; objects are followed to their name or url) or `meta:name`."""
        prefix, _, name = place.partition(":")
        if prefix == "meta":
            return self._metas.get(name.lower(), [])
        return list(_texts(self._lookup(name)))

    def breadcrumb(self) -> list[tuple[str, str | None]]:
        """(name, address) of each step of a BreadcrumbList, in order."""
        for item in self.objects:
            if _is_a(item, ("BreadcrumbList",)):
                return list(_steps(item.get("itemListElement")))
        return []

    def paywall(self) -> list[Problem]:
        """`paywalled` where the page says that the text is not free: what is read may be its beginning only."""
        said = self._article.get("isAccessibleForFree") if self._article else None
        if said is not False and not (
            isinstance(said, str) and said.strip().lower().endswith("false")
        ):
            return []
        return [
            Problem(
                "extract", "paywalled", "the page says that its text is not free to read", "body"
            )
        ]

    def _lookup(self, name: str) -> Any:
        """`name` of the article object, or `Type.name` of the first object of that type."""
        kind, dot, rest = name.partition(".")
        if dot and kind[:1].isupper():
            found = next((item for item in self.objects if _is_a(item, (kind,))), None)
            return found.get(rest) if found else None
        return self._article.get(name) if self._article else None

    def _read(self, text: str) -> Iterator[dict[str, Any]]:
        try:
            yield from _objects(_loads(text))
        except (ValueError, RecursionError) as error:
            message = f"a JSON-LD block cannot be read: {str(error)[:100]}"
            self.problems.append(Problem("extract", "bad_json_ld", message, raw=text[:200]))


def _blocks(page: ParsedPage) -> Iterator[str]:
    for script in page.named("script"):
        kind = html.unescape(script.get("type") or "").lower().replace(" ", "")
        if "ld+json" in kind and script.text and script.text.strip():
            yield script.text.strip()


def _loads(text: str) -> Any:
    """JSON as publishers write it: raw line ends in strings, entities, a `;` at the end, two objects glued."""
    if len(text) > MAX_BLOCK:
        raise ValueError(f"longer than {MAX_BLOCK} characters")
    text = text.removeprefix("<![CDATA[").removesuffix("]]>").strip().rstrip(";").strip()
    found: list[Any] = []
    place = 0
    while place < len(text):
        try:
            value, place = _DECODER.raw_decode(text, place)
        except ValueError:
            if found:
                break  # what follows a whole object (a stray brace) is nothing
            value, place = _DECODER.raw_decode(html.unescape(text)), len(text)
            value = value[0]
        found.append(value)
        while place < len(text) and text[place] in " \r\n\t,;":
            place += 1
    return found


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object that has a type, `@graph` and lists opened."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        yield from _objects(value.get("@graph"), depth + 1)


def _is_a(item: dict[str, Any], types: tuple[str, ...]) -> bool:
    kind = item.get("@type")
    return any(
        name in types
        for name in (kind if isinstance(kind, list) else [kind])
        if isinstance(name, str)
    )


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts in a value: a string, an object's name or url, each of a list."""
    if isinstance(value, str):
        text = html.unescape(value).strip()
        if text:
            yield text
    elif isinstance(value, bool) or depth > MAX_DEPTH:
        return
    elif isinstance(value, int | float):
        yield str(value)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, depth + 1)
    elif isinstance(value, dict):
        for key in ("name", "url", "@id"):
            if value.get(key):
                yield from _texts(value[key], depth + 1)
                return


def _steps(value: Any) -> Iterator[tuple[str, str | None]]:
    if not isinstance(value, list):
        return
    for step in value:
        if isinstance(step, list):  # seen: a list inside the list
            yield from _steps(step)
        elif isinstance(step, dict):
            item = step.get("item")
            inner = item if isinstance(item, dict) else {}
            name = step.get("name") or inner.get("name")
            url = inner.get("@id") or inner.get("url") if inner else item
            if isinstance(name, str) and name.strip():
                yield html.unescape(name).strip(), url if isinstance(url, str) else None


def _metas(page: ParsedPage) -> dict[str, list[str]]:
    """By name in lower case: the contents. Of microdata only what is about the page's headline, not a teaser's."""
    found: dict[str, list[str]] = {}
    items: dict[str, dict[HtmlElement | None, list[str]]] = {}
    item_of: dict[HtmlElement | None, HtmlElement | None] = {}  # by parent, which many metas share
    for meta in page.named("meta"):
        content = (meta.get("content") or "").strip()
        name = meta.get("property") or meta.get("name")
        if content and name:
            found.setdefault(name.strip().lower(), []).append(content)
        elif content and (name := meta.get("itemprop")):
            parent = meta.getparent()
            if parent not in item_of:
                item_of[parent] = next(
                    (one for one in meta.iterancestors() if "itemscope" in one.attrib), None
                )
            items.setdefault(name.strip().lower(), {}).setdefault(item_of[parent], []).append(
                content
            )
    above = {one for h1 in page.named("h1") for one in h1.iterancestors()} if items else set()
    for name, by_item in items.items():
        found.setdefault(name, []).extend(_of_the_page(by_item, above))
    return found


def _of_the_page(
    by_item: dict[HtmlElement | None, list[str]], above: set[HtmlElement]
) -> list[str]:
    """The values of the innermost item that holds the headline, or of the only item."""
    if len(by_item) == 1:
        return next(iter(by_item.values()))
    holders = [item for item in by_item if item is None or item in above]
    return by_item[holders[-1]] if holders else []
