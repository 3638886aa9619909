"""Converts items of other spiders to articles: dicts, dataclasses, attrs classes, scrapy.Item.

The fields of such an item have the names of core.records.Draft. Only `url` is required.

- `body`, one text with blank lines between its paragraphs, is accepted instead of `paragraphs`.
- `published` and `modified` are a text as printed, or a datetime.
- `authors` and `tags` are one text, or several.
- `category` and `breadcrumb` are names.
- `fetched_at` is the time of the fetch, by default now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem

from newscrawl.core.records import Capture, Crumb, Link, RawTime, Task
from newscrawl.crawl.session import now_utc
from newscrawl.items import DRAFT_FIELDS, ArticleItem

TEMPLATE = "item"  # the template of an article that newscrawl did not extract itself
_BLANK_LINE = re.compile(r"\n\s*\n")


def article_item(item: object) -> ArticleItem:
    """The article of an item. Raises DropItem for a missing `url` or a value of the wrong type."""
    if not ItemAdapter.is_item(item):
        raise _unusable(f"expected an item, got {type(item).__name__}")
    fields = ItemAdapter(item)
    url = fields.get("url")
    if not isinstance(url, str):
        names = ", ".join(fields) or "none"
        raise _unusable(f"{_kind(item)} has no field 'url'; its fields are: {names}")
    values: dict[str, Any] = {"site": "", "template": TEMPLATE}
    for name in DRAFT_FIELDS:
        value = fields.get(name)
        if value is not None:
            values[name] = _READ[name](value) if name in _READ else value
    if "paragraphs" not in values and fields.get("body") is not None:
        values["paragraphs"] = _paragraphs(fields["body"])
    return ArticleItem(task=_task(fields), capture=_capture(fields), **values)


def write_fields(item: object, article: ArticleItem, names: Iterable[str]) -> None:
    """Writes the changed fields among `names` back to the item from which the article was read.

    Raises DropItem if the class of the item has no such field.
    """
    fields = ItemAdapter(item)
    before = article_item(item)
    for name in names:
        value = getattr(article, name)
        if value == getattr(before, name):
            continue
        if name == "paragraphs" and "body" in fields:
            name, value = "body", "\n\n".join(value)
        try:
            fields[name] = value
        except KeyError:
            raise _unusable(
                f"{_kind(item)} has no field {name!r}, which newscrawl's pipelines set:"
                " add it, or use newscrawl.items.ArticleItem or a dict"
            ) from None


def _task(fields: ItemAdapter) -> Task:
    task = fields.get("task")
    if isinstance(task, Task):
        return task
    return Task(site="", url=fields["url"], kind="article")  # the last pipeline knows the site


def _capture(fields: ItemAdapter) -> Capture:
    """The capture of the item if newscrawl's spider made it; otherwise one without a raw page."""
    capture = fields.get("capture")
    if isinstance(capture, Capture):
        return capture
    fetched_at = fields.get("fetched_at")
    if not isinstance(fetched_at, datetime):
        fetched_at = now_utc()
    return Capture(url=fields["url"], kind="article", status=200, fetched_at=fetched_at)


def _texts(value: object) -> tuple[str, ...]:
    """The texts of a value that is one text or several."""
    return (value,) if isinstance(value, str) else tuple(map(str, _several(value)))


def _paragraphs(value: object) -> tuple[str, ...]:
    """The paragraphs of one text with blank lines between them, or of several texts."""
    return tuple(_BLANK_LINE.split(value)) if isinstance(value, str) else _texts(value)


def _crumb(value: object) -> Crumb:
    return value if isinstance(value, Crumb) else Crumb(str(value))


def _crumbs(value: object) -> tuple[Crumb, ...]:
    return tuple(map(_crumb, _several(value)))


def _times(value: object) -> tuple[RawTime, ...]:
    """The candidates of a value that is a printed time, a datetime, or a list of candidates."""
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, str):
        return (RawTime(value, "page", "item"),)
    return tuple(_several(value))


def _links(value: object) -> tuple[Link, ...]:
    links = tuple(_several(value))
    if not all(isinstance(link, Link) for link in links):
        raise _unusable("expected records of newscrawl.core.records.Link in the field 'links'")
    return links


def _several(value: object) -> Iterable[Any]:
    if isinstance(value, Iterable):
        return value
    raise _unusable(f"expected a text or a list, got {type(value).__name__}")


_READ: Mapping[str, Callable[[object], Any]] = {
    "paragraphs": _paragraphs,
    "authors": _texts,
    "tags": _texts,
    "breadcrumb": _crumbs,
    "category": _crumb,
    "published": _times,
    "modified": _times,
    "links": _links,
}


def _kind(item: object) -> str:
    return f"an item of class {type(item).__name__}"


def _unusable(message: str) -> DropItem:
    return DropItem(message, log_level="ERROR")
