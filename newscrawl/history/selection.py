"""Which captures of a site a backfill fetches, of all that an index lists."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from hashlib import sha256
from typing import Literal, get_args

from newscrawl.history.sources import Span
from newscrawl.history.targets import Target
from newscrawl.store.write.backfills import FILE, Planned

Captures = Literal["first", "last", "all", "changed"]
CAPTURES: tuple[Captures, ...] = get_args(Captures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is wanted. `categories` None: all, with the home page. `urls` empty: all addresses.

    `pages` are the pages of `urls`, as `page_of` gives them.
    """

    span: Span
    captures: Captures = "all"
    categories: frozenset[str] | None = None
    urls: tuple[str, ...] = ()
    pages: frozenset[tuple[str, str, int]] = frozenset()

    @property
    def key(self) -> str:
        """Names the part of a file that is wanted, in the plan."""
        pages = sha256(json.dumps(sorted(self.pages)).encode()).hexdigest()[:16]
        return f"{self.span.since} {self.span.until} {pages}"

    def has(self, target: Target) -> bool:
        """Whether a page is one of those of `urls`, if there are any."""
        return not self.urls or page_of(target) in self.pages


def page_of(target: Target) -> tuple[str, str, int]:
    """What identifies a page of a site, whatever its address: kind, key and number."""
    return target.kind, target.key, target.page


def chosen(
    selection: Selection,
    planned: Sequence[Planned],
    taken: Sequence[Planned],
    of_categories: Collection[str] | None,
    zone: tzinfo,
) -> list[Planned]:
    """The captures to fetch, of those that are planned.

    `taken` are those that the archive has, in order of time; `of_categories` are the keys of the
    articles of the selected categories, None for all. A day is one of the site's time zone.
    """
    wanted = [one for one in planned if _is_wanted(selection, one, of_categories)]
    if selection.captures == "all":
        return wanted
    groups: dict[tuple[object, ...], list[Planned]] = defaultdict(list)
    for one in [*taken, *wanted]:
        groups[_group_of(one, zone, selection.captures)].append(one)
    ids: set[int] = set()
    for group in groups.values():
        ids.update(one.id for one in _chosen_of(selection.captures, group))
    return [one for one in wanted if one.id in ids or one.kind == FILE]


def _is_wanted(
    selection: Selection, planned: Planned, of_categories: Collection[str] | None
) -> bool:
    if planned.kind == FILE:
        return True
    if selection.urls and (planned.kind, planned.key, planned.page) not in selection.pages:
        return False
    if selection.categories is None:
        return True
    if planned.kind == "listing":
        return planned.key in selection.categories
    return of_categories is not None and planned.key in of_categories


def _group_of(planned: Planned, zone: tzinfo, captures: Captures) -> tuple[object, ...]:
    """The captures among which some are chosen: those of an article, or of a page on one day."""
    page = (planned.kind, planned.key, planned.page)
    if planned.kind == "listing" and captures in ("first", "last"):
        return (*page, planned.captured_at.astimezone(zone).date())
    return page


def _chosen_of(captures: Captures, group: list[Planned]) -> list[Planned]:
    group.sort(key=lambda one: (one.captured_at, one.address, one.offset))
    # A page that was missing is no version of it.
    shown = [one for one in group if one.status is None or one.status < 300]
    if captures == "first":
        return shown[:1]
    if captures == "last":
        return shown[-1:]
    changed: list[Planned] = []
    for one in group:
        if not changed or one.digest is None or one.digest != changed[-1].digest:
            changed.append(one)
    return changed
