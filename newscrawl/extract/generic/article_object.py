"""Which of a page's JSON-LD objects is its article: not one of those that a list of other articles names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_ARTICLE = re.compile("article|posting|report|review|opinion|analysis", re.IGNORECASE)
_INSIDE = ("mainEntity", "mainEntityOfPage", "hasPart")
_LIST = "itemListElement"
_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Item:
    """An object; `listed`: it stands in a list of such."""

    data: dict[str, Any]
    listed: bool = False


def items(value: object, depth: int = 0, *, listed: bool = False) -> Iterator[Item]:
    """The objects in a value, those that are parts of others too."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from items(one, depth + 1, listed=listed)
    elif isinstance(value, dict):
        yield Item(value, listed)
        for key in (*_INSIDE, _LIST):
            yield from items(value.get(key), depth + 1, listed=listed or key == _LIST)


def article_object(found: list[Item], paths: frozenset[str]) -> dict[str, Any]:
    """The article that the page is: one with headline and date before others, one with the page's own address first.

    `paths`: the page's addresses, as `path_of`. {} where there is none, or where all are several other pages'.
    """
    articles = [one for one in found if _ARTICLE.search(str(one.data.get("@type")))]
    own = [one.data for one in articles if not one.listed or _paths(one.data) & paths]
    others = (
        {path for data in own for path in _paths(data)}
        if not any(_paths(data) & paths for data in own)
        else set()
    )
    if len(others) > 1:
        own = [data for data in own if not _paths(data)]
    return min(own, key=lambda data: (not _is_whole(data), not _paths(data) & paths), default={})


def path_of(url: object) -> str:
    """The path of an address, for comparing addresses that differ in host, scheme and parameters only; '' of none."""
    try:
        return urlsplit(url).path.strip("/").lower() if isinstance(url, str) else ""
    except ValueError:
        return ""


def _paths(data: dict[str, Any]) -> frozenset[str]:
    """Of the addresses that an object says to be its own."""
    page = data.get("mainEntityOfPage")
    inside = (page.get("@id"), page.get("url")) if isinstance(page, dict) else (page,)
    return frozenset(filter(None, map(path_of, (data.get("url"), *inside))))


def _is_whole(data: dict[str, Any]) -> bool:
    return bool(data.get("headline") and data.get("datePublished"))
