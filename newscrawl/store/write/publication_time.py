"""When an article was published: which time is kept, and whether a page gives another one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from newscrawl.core.edits import same_moment
from newscrawl.core.records import Article, TimeSource, Timestamp
from newscrawl.core.times import from_utc_text, to_utc_text

# A page's own time outranks that of a feed, a feed's that of a teaser; any of them outranks none.
SOURCE_RANK: dict[str | None, int] = {
    None: -1,
    "url": 0,
    "teaser": 1,
    "sitemap": 2,
    "feed": 2,
    "page": 3,
    "meta": 3,
    "json-ld": 3,
}
# A time of change this shortly before the fetch means that the page was generated for it.
GENERATED = timedelta(minutes=2)
PRECISIONS = ("year", "month", "day", "minute", "second")
_TO_THE_MINUTE = len("2022-11-22T11:34")


@dataclass(frozen=True, slots=True)
class Time:
    """The five columns of a publication time, which are kept or replaced together."""

    at: str | None
    local: str | None
    raw: str | None
    precision: str | None
    source: str | None


def is_redated(row: sqlite3.Row, article: Article, seen_at: str) -> bool:
    """Whether the page has another publication time of the same source, or a later time of change.

    A time of change that is the moment of the fetch comes from the server's clock and means
    nothing.
    """
    modified = to_utc_text(article.modified_at) if article.modified_at else None
    if modified and row["modified_at"] and modified > row["modified_at"]:
        age = from_utc_text(seen_at) - from_utc_text(modified)
        if age > GENERATED:
            return True
    if row["published_source"] != article.published_source:
        return False
    local = article.published.local if article.published else None
    return not same_moment(row["published_local"], local)


def time_of(value: Timestamp | None, source: TimeSource | None, raw: str | None) -> Time:
    """The columns for a time; one that could not be read still has its raw text and its source."""
    if value is None:
        return Time(None, None, raw, None, source if raw else None)
    at = to_utc_text(value.utc) if value.utc else None
    return Time(at, value.local, value.raw, value.precision, source)


def row_time(row: sqlite3.Row | Mapping[str, str | None]) -> Time:
    """The columns of a row."""
    return Time(
        at=row["published_at"],
        local=row["published_local"],
        raw=row["published_raw"],
        precision=row["published_precision"],
        source=row["published_source"],
    )


def outranks(row: sqlite3.Row, source: TimeSource) -> bool:
    """Whether a row has a time that no time of this source can improve."""
    if row["published_local"] is None:
        return False
    return SOURCE_RANK[row["published_source"]] > SOURCE_RANK[source]


def better_time(old: Time, new: Time) -> Time:
    """The time to keep: one that could be read, then one of a higher source, then the newer one.

    The same time with less precision (a template that shows only minutes) does not replace it.
    """
    old_rank, new_rank = SOURCE_RANK[old.source], SOURCE_RANK[new.source]
    if new.local is None:
        improves = old.local is None and bool(new.raw) and new_rank > old_rank
        return new if improves else old
    if old.local is None:
        return new
    if new_rank != old_rank:
        return new if new_rank > old_rank else old
    is_coarser = _precision(new) < _precision(old)
    same_minute = old.local[:_TO_THE_MINUTE].startswith(new.local[:_TO_THE_MINUTE])
    return old if is_coarser and same_minute else new


def _precision(time: Time) -> int:
    return PRECISIONS.index(time.precision or "year")
