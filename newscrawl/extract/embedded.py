"""The data that a page has for machines: JSON-LD and meta elements."""

from __future__ import annotations

import html
import json
import re
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
ValuesByItem = dict[
    HtmlElement | None, list[str]
]  # the values of one name, by the microdata item around them
MAX_BLOCK = 1_000_000  # characters
_MAX_SALVAGED = 200_000  # characters
MAX_DEPTH = 64
_STRING = r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"'
_TYPE = re.compile(rf'"@type"\s*:\s*{_STRING}')
_SALVAGED = {
    key: re.compile(rf'"{key}"\s*:\s*{_STRING}\s*(?=[,}}])')
    for key in ("headline", "datePublished", "dateModified")
}
_AUTHOR = re.compile(
    rf'"author"\s*:\s*\[?\s*\{{[^{{}}]{{0,500}}?"name"\s*:\s*{_STRING}[^{{}}]{{0,500}}\}}\s*\]?\s*(?=[,}}])'
)
_DECODER = json.JSONDecoder(strict=False)
_NAMES = ("name", "url", "@id")  # the keys of an object that stand for it as a text, the best first


class Embedded:
    """The JSON-LD objects and meta values of a page, read once."""

    def __init__(self, page: ParsedPage) -> None:
        self.problems: list[Problem] = []
        self.objects: list[dict[str, Any]] = []
        for script in page.named("script"):
            type_ = html.unescape(script.get("type") or "").lower()
            if "ld+json" not in type_.replace(" ", ""):
                continue
            text = (script.text or "").strip()
            try:
                self.objects += _objects(_loads(text))
            except (ValueError, RecursionError) as error:
                message = f"a JSON-LD block cannot be read: {str(error)[:100]}"
                self.problems.append(Problem("extract", "bad_json_ld", message, raw=text[:200]))
                self.objects += _salvaged(text)
        self._article = self._first(ARTICLE_TYPES)
        self._metas = _metas(page)

    def values(self, place: str) -> list[str]:
        """The texts of `meta:name`, of `json-ld:name`, or of `json-ld:Type.name`.

        `json-ld:name` is that of the article object, the last form that of the first object of the
        type. An object as value gives its name or url.
        """
        prefix, _, name = place.partition(":")
        if prefix == "meta":
            return self._metas.get(name.lower(), [])
        item = self._article
        type_, dot, rest = name.partition(".")
        if dot and type_[:1].isupper():
            item, name = self._first((type_,)), rest
        return list(_texts(item.get(name))) if item else []

    def breadcrumb(self) -> list[tuple[str, str | None]]:
        """(name, address) of each step of the first BreadcrumbList, in order."""
        breadcrumb = self._first(("BreadcrumbList",))
        return list(_steps(breadcrumb.get("itemListElement"))) if breadcrumb else []

    def paywall(self) -> list[Problem]:
        """The problem `paywalled` if the page declares that its text is not free.

        What is read may be only the beginning of the text.
        """
        is_free = self._article.get("isAccessibleForFree") if self._article else None
        if isinstance(is_free, str):
            is_free = not is_free.strip().lower().endswith("false")
        if is_free is not False:
            return []
        message = "the page declares that its text is not free to read"
        return [Problem("extract", "paywalled", message, "body")]

    def _first(self, types: tuple[str, ...]) -> dict[str, Any] | None:
        """The page's first object of one of these types."""
        for item in self.objects:
            own = item["@type"]
            if any(name in types for name in (own if isinstance(own, list) else [own])):
                return item
        return None


def _loads(text: str) -> Any:
    """The values of JSON as publishers write it.

    It may have raw line ends in strings, entities, a `;` at its end, or two objects in a row.
    """
    if len(text) > MAX_BLOCK:
        raise ValueError(f"longer than {MAX_BLOCK} characters")
    text = text.removeprefix("<![CDATA[").removesuffix("]]>")
    text = text.strip().rstrip(";").strip()
    values: list[Any] = []
    position = 0
    while position < len(text):
        try:
            value, position = _DECODER.raw_decode(text, position)
        except ValueError:
            if not values:
                values.append(_DECODER.raw_decode(html.unescape(text))[0])
            break  # what follows a whole object (a stray brace) is ignored
        values.append(value)
        while position < len(text) and text[position] in " \r\n\t,;":
            position += 1
    return values


def _salvaged(text: str) -> list[dict[str, Any]]:
    """The article object of damaged JSON, with those of its fields that occur once and are whole.

    The usual damage is a text with quotation marks in it: what stands before and after is sound.
    """
    if len(text) > _MAX_SALVAGED:
        return []
    types = [match for match in _TYPE.findall(text) if match in ARTICLE_TYPES]
    if len(types) != 1:
        return []
    article: dict[str, Any] = {"@type": types[0]}
    for key, pattern in _SALVAGED.items():
        values = pattern.findall(text)
        if len(values) == 1:
            article[key] = json.loads(f'"{values[0]}"', strict=False)
    authors = _AUTHOR.findall(text)
    if len(authors) == 1:
        article["author"] = json.loads(f'"{authors[0]}"', strict=False)
    return [article]


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object that has a type, including those in lists and in `@graph`."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        yield from _objects(value.get("@graph"), depth + 1)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts in a value: a string, an object's name or url, those of each item of a list."""
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
        for key in _NAMES:
            if value.get(key):
                yield from _texts(value[key], depth + 1)
                return


def _steps(value: Any) -> Iterator[tuple[str, str | None]]:
    if not isinstance(value, list):
        return
    for step in value:
        if isinstance(step, list):  # a list inside the list has been seen
            yield from _steps(step)
        elif isinstance(step, dict):
            name, url = _step(step)
            if not isinstance(url, str):
                url = None
            if isinstance(name, str) and name.strip():
                yield html.unescape(name).strip(), url


def _step(step: dict[str, Any]) -> tuple[Any, Any]:
    """(name, address) of one step; both may stand in the step itself or in its item."""
    name, item = step.get("name"), step.get("item")
    if not isinstance(item, dict) or not item:
        return name, item
    url = item.get("@id") or item.get("url")
    return name or item.get("name"), url


def _metas(page: ParsedPage) -> dict[str, list[str]]:
    """The contents of the meta elements by name, in lower case.

    Of microdata only the values of the item that holds the page's headline: others belong to
    teasers.
    """
    metas: dict[str, list[str]] = {}
    items: dict[str, ValuesByItem] = {}
    item_of: dict[HtmlElement | None, HtmlElement | None] = {}  # by parent, which many metas share
    for meta in page.named("meta"):
        content = (meta.get("content") or "").strip()
        name = meta.get("property") or meta.get("name")
        if content and name:
            metas.setdefault(name.strip().lower(), []).append(content)
        elif content and (name := meta.get("itemprop")):
            parent = meta.getparent()
            if parent not in item_of:
                item_of[parent] = _item_around(meta)
            by_item = items.setdefault(name.strip().lower(), {})
            by_item.setdefault(item_of[parent], []).append(content)
    if items:
        above_headline: set[HtmlElement] = set()
        for h1 in page.named("h1"):
            above_headline.update(h1.iterancestors())
        for name, by_item in items.items():
            metas.setdefault(name, []).extend(_values_of_page(by_item, above_headline))
    return metas


def _item_around(meta: HtmlElement) -> HtmlElement | None:
    """The microdata item that a meta element belongs to."""
    for around in meta.iterancestors():
        if "itemscope" in around.attrib:
            return around
    return None


def _values_of_page(by_item: ValuesByItem, above_headline: set[HtmlElement]) -> list[str]:
    """The values of the innermost item that holds the headline, or of the only item."""
    if len(by_item) == 1:
        return next(iter(by_item.values()))
    holders = [item for item in by_item if item is None or item in above_headline]
    return by_item[holders[-1]] if holders else []
