"""Which of a page's JSON-LD objects is its article, and not one of a list of other articles."""

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

    def is_whole(self) -> bool:
        """Whether it has a headline and a date."""
        return bool(self.data.get("headline") and self.data.get("datePublished"))

    def paths(self) -> set[str]:
        """The paths of the addresses that the object declares as its own."""
        addresses = [self.data.get("url")]
        page = self.data.get("mainEntityOfPage")
        if isinstance(page, dict):
            addresses += [page.get("@id"), page.get("url")]
        else:
            addresses.append(page)
        return set(map(path_of, addresses)) - {""}


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


def article_object(found: list[Item], page_paths: set[str]) -> dict[str, Any]:
    """The page's article, one with headline and date preferred, then one with the page's address.

    `page_paths` are those of the page's addresses, by `path_of`. {} if there is no article, or if
    all are several other pages' articles.
    """
    articles: list[Item] = []
    paths: set[str] = set()  # of all these articles
    for item in found:
        if item.is_article() and (not item.listed or item.paths() & page_paths):
            articles.append(item)
            paths |= item.paths()
    if not paths & page_paths and len(paths) > 1:
        articles = [item for item in articles if not item.paths()]
    best = min(articles, key=lambda item: _rank(item, page_paths), default=None)
    return best.data if best else {}


def page_object(found: list[Item], page_paths: set[str]) -> dict[str, Any]:
    """The WebPage object of the page: the only one, or the one with its address; {} if none is."""
    pages = [item for item in found if item.data.get("@type") == "WebPage" and not item.listed]
    own = [item for item in pages if item.paths() & page_paths or len(pages) == 1]
    return own[0].data if own else {}


def path_of(url: object) -> str:
    """The path of an address; '' if it has none.

    For comparing addresses that may differ in host, scheme and parameters.
    """
    if not isinstance(url, str):
        return ""
    try:
        return urlsplit(url).path.strip("/").lower()
    except ValueError:
        return ""


def _rank(item: Item, page_paths: set[str]) -> tuple[bool, bool]:
    """What sorts the best article first."""
    return not item.is_whole(), not item.paths() & page_paths
