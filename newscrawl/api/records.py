"""The rows that the Python API gives: frozen records, whose attributes are named as the columns.

Moments (`…_at`) are aware datetimes in UTC; None is an unknown value. Their `repr` leaves out what
would fill a screen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from newscrawl.core.records import LinkKind
from newscrawl.core.times import from_utc_text
from newscrawl.export.columns import kind_of

State = Literal["stub", "stored", "gone", "failed", "blocked", "degraded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an article. Numbers begin at 1, and `fetched_at` is when it was first seen.

    `warc_file`, `warc_offset` and `warc_length` (in bytes) say where its raw page is; None for a
    page whose raw form was not stored.
    """

    article_id: int
    site: str = field(repr=False)
    key: str = field(repr=False)
    url: str = field(repr=False)
    revision: int
    fetched_at: datetime
    title: str | None = field(repr=False)
    summary: str | None = field(repr=False)
    body: str | None = field(repr=False)
    body_hash: str | None = field(repr=False)
    modified_at: datetime | None = field(repr=False)
    template: str | None = field(repr=False)
    extractor: str | None = field(repr=False)
    warc_file: str | None = field(repr=False)
    warc_offset: int | None = field(repr=False)
    warc_length: int | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link from one article to another. `position` counts from 1 within the kind.

    Both ends are rows of articles. A target with the state `stub` was never read: its values are
    those that links and listings show. `last_seen_at` is when the link was last seen.
    """

    kind: LinkKind
    position: int
    anchor: str | None = field(repr=False)
    source_id: int
    source_site: str = field(repr=False)
    source_key: str
    source_url: str = field(repr=False)
    source_state: State = field(repr=False)
    source_title: str | None = field(repr=False)
    source_published_at: datetime | None = field(repr=False)
    target_id: int
    target_site: str = field(repr=False)
    target_key: str
    target_url: str = field(repr=False)
    target_state: State = field(repr=False)
    target_title: str | None
    target_published_at: datetime | None = field(repr=False)
    first_seen_at: datetime = field(repr=False)
    last_seen_at: datetime
    first_crawl_id: int | None = field(repr=False)
    last_crawl_id: int | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One place of a category page, as a crawl saw it. `page` and `position` count from 1.

    `teased_title` is what the category page shows, `article_title` what the article's own page
    shows. `block` is `featured` or `list`, and on a home page also `lead`, `main` or
    `section`.
    """

    site: str
    category_key: str
    category: str | None
    crawl_id: int = field(repr=False)
    seen_at: datetime
    page: int
    position: int
    block: str = field(repr=False)
    article_id: int
    article_key: str
    url: str = field(repr=False)
    teased_title: str | None
    article_title: str | None = field(repr=False)
    teased_summary: str | None = field(repr=False)
    published_raw: str | None = field(repr=False)
    published_at: datetime | None = field(repr=False)
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetch of an article's page, and where its raw bytes are.

    `revision` is the number of the revision that was read from it; None if there was no new one.
    """

    id: int
    url: str
    status: int
    fetched_at: datetime
    etag: str | None = field(repr=False)
    last_modified: str | None = field(repr=False)
    warc_file: str | None
    warc_offset: int | None = field(repr=False)
    warc_length: int | None = field(repr=False)
    payload_digest: str | None = field(repr=False)
    revision: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontSlot:
    """One place of a category page on a day. `place` counts over all its pages, from 1.

    `before` is the place on the page it is compared with; None if the article was not there.
    `move` is `first` (nothing to compare with), `new`, `up`, `down`, `same`, `deeper` (the earlier
    crawl had not read so far down) or `left` (it is no longer there; `place` is None).
    """

    category_key: str = field(repr=False)
    category: str
    seen_at: datetime = field(repr=False)
    place: int | None
    page: int = field(repr=False)
    position: int = field(repr=False)
    block: str = field(repr=False)
    article_id: int = field(repr=False)
    key: str
    url: str = field(repr=False)
    state: State
    teased: str | None
    headline: str | None = field(repr=False)
    published_raw: str | None = field(repr=False)
    published_local: str | None = field(repr=False)
    before: int | None
    move: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a publisher changed in an article, seen at `seen_at`.

    `revision` is the number of the new revision; None if the page was removed. `kinds` are those of
    `newscrawl diff --help`, `numbers` the replaced ones (`3 -> 5 people`), and `notice` is the text
    in which the publisher announces the change. `coarse` is 1 if the texts differ too much to be
    compared word by word, else 0.
    """

    article_id: int
    site: str
    key: str
    title: str | None
    published_local: str | None
    seen_at: datetime
    revision: int | None
    kinds: tuple[str, ...]
    numbers: tuple[str, ...]
    notice: str | None
    coarse: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeCount:
    """How many articles a query found in a period, or for a site, category, author or tag (`name`).

    A period is `2026-09-01T10`, `2026-09-01`, `2026-W36`, `2026-09` or `2026`, in the zone of each
    site. `share` is the part of all articles there, from 0 to 1; None if it was not requested, or
    if there are none.
    """

    name: str
    query: str
    articles: int
    share: float | None


def columns_of(record: type[Any]) -> tuple[str, ...]:
    """The names of a record's attributes, which are columns."""
    return tuple(each.name for each in fields(record) if not each.name.startswith("_"))


def values_of(columns: tuple[str, ...], values: tuple[Any, ...]) -> Mapping[str, Any]:
    """The attributes of a record, from values as they are stored. ValueError for a damaged one."""
    return {name: _value(name, value) for name, value in zip(columns, values, strict=True)}


def _value(column: str, value: Any) -> Any:
    if value is None:
        return None
    kind = kind_of(column)
    if kind == "instant":
        return from_utc_text(value)
    return tuple(json.loads(value)) if kind == "list" else value
