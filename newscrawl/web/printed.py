"""A category's pages as the paper printed them: the lead, the first page, and what follows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from urllib.parse import urlsplit

from newscrawl.core.errors import UsageError
from newscrawl.core.times import from_utc_text
from newscrawl.store.read.front_pages import CategoryFront, Front, FrontEntry, shown_since

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One category on one day.

    `lead` is the first lead or featured article, else the first one. `first_page` are the others of
    the page, `further` those of the pages after it. `for_how_long` is how long each article had
    been on the page, by its row: `3 days`. `pages` are those that were read: `pages 1–3`.
    `not_now` are those that only the crawl before read, `not_before` those that only this one read.
    """

    front: Front
    category: CategoryFront
    lead: FrontEntry | None
    first_page: tuple[FrontEntry, ...]
    further: tuple[tuple[int, tuple[FrontEntry, ...]], ...]
    for_how_long: dict[int, str]
    new: int
    reworded: tuple[FrontEntry, ...]
    articles: frozenset[int]
    pages: str
    not_now: str
    not_before: str


def chosen_category(front: Front, key: str | None) -> CategoryFront:
    """The category of a key; by default the home page, else the first category.

    UsageError if its pages were not read on the day.
    """
    for category in front.categories:
        if category.key == key:
            return category
    if key is not None:
        names = ", ".join(category.key for category in front.categories)
        raise UsageError(
            f"no page of category {key[:40]!r} was read on {front.day}", f"those read: {names}"
        )
    return front.categories[0]


def home_first(front: Front, urls: dict[int, str | None]) -> list[CategoryFront]:
    """The categories in the order of the site file, the home page first."""

    def is_no_home(category: CategoryFront) -> bool:
        url = urls.get(category.category_id)
        return url is None or urlsplit(url).path not in ("", "/")

    return sorted(front.categories, key=is_no_home)


def printed(db: sqlite3.Connection, front: Front, category: CategoryFront) -> Printed:
    """The category's pages, with how long each article of the first page had been there."""
    pages = [
        (page, tuple(group)) for page, group in groupby(category.slots, lambda slot: slot.page)
    ]
    first_page = pages[0][1] if pages else ()
    highlighted = [slot for slot in first_page if slot.block in ("lead", "featured")]
    lead = next(iter([*highlighted, *first_page]), None)
    ids = [slot.article_id for slot in first_page]
    since = shown_since(db, category.category_id, ids, category.seen_at)
    return Printed(
        front=front,
        category=category,
        lead=lead,
        first_page=tuple(slot for slot in first_page if slot is not lead),
        further=tuple(pages[1:]),
        for_how_long={each: _length(since[each], category.seen_at) for each in since},
        new=sum(slot.move == "new" for slot in category.slots),
        reworded=_reworded(category.slots),
        articles=frozenset(slot.article_id for slot in category.slots),
        pages=_named(set(category.pages)),
        not_now=_named(set(category.compared_pages) - set(category.pages)),
        not_before=_named(set(category.pages) - set(category.compared_pages)),
    )


def _named(pages: set[int]) -> str:
    """`page 1`, `pages 1–3` or `pages 1, 3`; empty for none."""
    if not pages:
        return ""
    first, last = min(pages), max(pages)
    if first == last:
        return f"page {first}"
    if len(pages) == last - first + 1:
        return f"pages {first}–{last}"
    return f"pages {', '.join(map(str, sorted(pages)))}"


def _reworded(slots: Sequence[FrontEntry]) -> tuple[FrontEntry, ...]:
    """The entries with another headline than before, each article once."""
    found: dict[int, FrontEntry] = {}
    for slot in slots:
        if slot.reworded:
            found.setdefault(slot.article_id, slot)
    return tuple(found.values())


def _length(first: str, last: str) -> str:
    """`3 days`, `5 hours`; empty for less than an hour."""
    length = from_utc_text(last) - from_utc_text(first)
    hours = int(length.total_seconds()) // 3600
    if length >= DAY:
        return "a day" if length.days == 1 else f"{length.days:,} days"
    if hours == 0:
        return ""
    return "an hour" if hours == 1 else f"{hours} hours"
