"""Which of a page's JSON-LD objects is its article, and not one that a list of other articles names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_ARTICLE = re.compile("article|posting|report|review|opinion|analysis", re.IGNORECASE)
_LIST = "itemListElement"
_PARTS = ("mainEntity", "mainEntityOfPage", "hasPart", _LIST)
_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Item:
    """An object; `listed` if it stands in a list of such objects."""

    data: dict[str, Any]
    listed: bool = False

    def is_article(self) -> bool:
        return _ARTICLE.search(str(self.data.get("@type"))) is not None


def items(value: object, depth: int = 0, *, listed: bool = False) -> Iterator[Item]:
    """The objects in a value, including those that are parts of others."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from items(item, depth + 1, listed=listed)
    elif isinstance(value, dict):
        yield Item(value, listed)
        for key in _PARTS:
            yield from items(value.get(key), depth + 1, listed=listed or key == _LIST)


def article_object(found: list[Item], paths: frozenset[str]) -> dict[str, Any]:
    """The page's article: one with headline and date before others, one with the page's own address first.

    `paths` are those of the page's addresses, by `path_of`. {} if there is no article, or if all are several other
    pages' articles.
    """
    articles = [item for item in found if item.is_article()]
    own = [item.data for item in articles if not item.listed or _paths(item.data) & paths]
    if not any(_paths(data) & paths for data in own):
        others: set[str] = set()
        for data in own:
            others |= _paths(data)
        if len(others) > 1:
            own = [data for data in own if not _paths(data)]
    return min(own, key=lambda data: (not _is_whole(data), not _paths(data) & paths), default={})


def path_of(url: object) -> str:
    """The path of an address, to compare addresses that differ only in host, scheme and parameters; '' if none."""
    try:
        return urlsplit(url).path.strip("/").lower() if isinstance(url, str) else ""
    except ValueError:
        return ""


def _paths(data: dict[str, Any]) -> frozenset[str]:
    """The paths of the addresses that an object declares as its own."""
    addresses = [data.get("url")]
    page = data.get("mainEntityOfPage")
    if isinstance(page, dict):
        addresses += [page.get("@id"), page.get("url")]
    else:
        addresses.append(page)
    return frozenset(filter(None, map(path_of, addresses)))


def _is_whole(data: dict[str, Any]) -> bool:
    return bool(data.get("headline") and data.get("datePublished"))
