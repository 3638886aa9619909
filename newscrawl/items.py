"""The items that go through the pipelines: a page as extracted, with the task and the capture that it belongs to.

An item of another spider (a dict, a dataclass, an attrs class, a scrapy.Item) is an article too: `draft_of` reads
it, `write_fields` writes what a pipeline changed. Its fields have the names of core.records.Draft. Only `url` is
required; `body` is accepted for `paragraphs`, and texts and lists of texts for every field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem

from newscrawl.core.records import (
    Capture,
    Crumb,
    Draft,
    Feed,
    Link,
    Listing,
    RawTime,
    Sitemap,
    Task,
)

TEMPLATE = "item"  # the template of an article that newscrawl did not extract itself
DRAFT_FIELDS = tuple(field.name for field in fields(Draft))
_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(slots=True, kw_only=True)
class ArticleItem(Draft):
    """An article page."""

    task: Task
    capture: Capture


@dataclass(slots=True, kw_only=True)
class ListingItem:
    """A category page."""

    task: Task
    capture: Capture
    listing: Listing


@dataclass(slots=True, kw_only=True)
class DiscoveryItem:
    """A feed or a sitemap."""

    task: Task
    capture: Capture
    found: Feed | Sitemap


Item = ArticleItem | ListingItem | DiscoveryItem


def item_of(task: Task, capture: Capture, extracted: Draft | Listing | Feed | Sitemap) -> Item:
    """The item of an extracted page."""
    if isinstance(extracted, Draft):
        values = {name: getattr(extracted, name) for name in DRAFT_FIELDS}
        return ArticleItem(task=task, capture=capture, **values)
    if isinstance(extracted, Listing):
        return ListingItem(task=task, capture=capture, listing=extracted)
    return DiscoveryItem(task=task, capture=capture, found=extracted)


def task_of(item: object) -> Task | None:
    """The task that an item answers; None for an item of another spider."""
    if isinstance(item, Item):
        return item.task
    task = ItemAdapter(item).get("task")
    return task if isinstance(task, Task) else None


def capture_of(item: object) -> Capture | None:
    """The capture that an item was read from; None for an item of another spider."""
    if isinstance(item, Item):
        return item.capture
    capture = ItemAdapter(item).get("capture")
    return capture if isinstance(capture, Capture) else None


def asked_url_of(item: object) -> str:
    """The address that was asked for: the task's, for an item of another spider its own."""
    task = task_of(item)
    return task.url if task is not None else draft_of(item).url


def draft_of(item: object, site: str = "") -> Draft:
    """The article that an item is: an ArticleItem itself, else a Draft with the values of the item's fields.

    DropItem where the item has no `url`, or a value that cannot be understood.
    """
    if isinstance(item, Draft):
        return item
    if not ItemAdapter.is_item(item):
        raise DropItem(f"expected an item, got {type(item).__name__}", log_level="ERROR")
    adapter = ItemAdapter(item)
    if not isinstance(adapter.get("url"), str):
        raise DropItem(
            f"{_name(item)} has no field 'url', which newscrawl's pipelines need; its fields are:"
            f" {', '.join(adapter) or 'none'}",
            log_level="ERROR",
        )
    values = {name: adapter[name] for name in DRAFT_FIELDS if adapter.get(name) is not None}
    if "paragraphs" not in values and adapter.get("body") is not None:
        values["paragraphs"] = adapter["body"]
    given = {name: _READ[name](value) if name in _READ else value for name, value in values.items()}
    return Draft(**{"site": site, "template": TEMPLATE} | given)


def write_fields(item: object, draft: Draft, names: Iterable[str]) -> None:
    """Writes these fields of a draft into the item that it was read from, where they differ from the item's.

    DropItem where the item's class lacks a field for a value.
    """
    if item is draft:
        return
    adapter = ItemAdapter(item)
    before = draft_of(item, draft.site)
    for name in names:
        value = getattr(draft, name)
        if value == getattr(before, name):
            continue
        if name == "paragraphs" and "body" in adapter:
            name, value = "body", "\n\n".join(value)
        try:
            adapter[name] = value
        except KeyError:
            raise DropItem(
                f"{_name(item)} has no field {name!r}, which newscrawl's pipelines write;"
                " add it, or use newscrawl.items.ArticleItem or a dict",
                log_level="ERROR",
            ) from None


def _name(item: object) -> str:
    return f"an item of the class {type(item).__name__}"


def _texts(value: object) -> tuple[str, ...]:
    """One text or several, as several."""
    return (value,) if isinstance(value, str) else tuple(_iterated(value))


def _paragraphs(value: object) -> tuple[str, ...]:
    """The paragraphs of a text with blank lines between them, or of a list."""
    return tuple(_PARAGRAPH.split(value)) if isinstance(value, str) else _texts(value)


def _crumb(value: object) -> Crumb:
    return value if isinstance(value, Crumb) else Crumb(str(value))


def _crumbs(value: object) -> tuple[Crumb, ...]:
    return tuple(_crumb(one) for one in _iterated(value))


def _times(value: object) -> tuple[RawTime, ...]:
    """A time as a text or a datetime, or several candidates."""
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, str):
        return (RawTime(value, "page", "item"),)
    return tuple(_iterated(value))


def _links(value: object) -> tuple[Link, ...]:
    return tuple(_iterated(value))


def _iterated(value: object) -> Iterable[Any]:
    if isinstance(value, Iterable):
        return value
    raise DropItem(f"expected a text or a list, got {type(value).__name__}", log_level="ERROR")


_READ: Mapping[str, Any] = {
    "paragraphs": _paragraphs,
    "authors": _texts,
    "tags": _texts,
    "breadcrumb": _crumbs,
    "category": _crumb,
    "published": _times,
    "modified": _times,
    "links": _links,
}
