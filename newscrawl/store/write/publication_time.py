"""When an article was published: which of the times it was given is kept, and whether a page gives another one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from newscrawl.core.edits import same_moment
from newscrawl.core.records import Article, TimeSource, Timestamp
from newscrawl.core.times import from_utc_text, to_utc_text

# A page's own timestamp wins over a feed's, a feed's over a teaser's; any of them wins over nothing.
SOURCE_RANK: dict[str | None, int] = {
    None: -1, "url": 0, "teaser": 1, "sitemap": 2, "feed": 2, "page": 3, "meta": 3, "json-ld": 3,
}  # fmt: skip
RENDERED = timedelta(
    minutes=2
)  # a page that says it was changed this shortly before the fetch was made for it
PRECISIONS = ("year", "month", "day", "minute", "second")


@dataclass(frozen=True, slots=True)
class Time:
    """The five columns of a publication time, kept or replaced together."""

    at: str | None
    local: str | None
    raw: str | None
    precision: str | None
    source: str | None


def is_redated(old: sqlite3.Row, article: Article, seen_at: str) -> bool:
    """Whether the page names another time of publication in the same kind of place, or a later time of change.

    A time of change that is the moment of asking is the server's clock, and says nothing.
    """
    modified = to_utc_text(article.modified_at) if article.modified_at else None
    if modified and old["modified_at"] and modified > old["modified_at"]:
        rendered = from_utc_text(seen_at) - from_utc_text(modified)
        if rendered > RENDERED:
            return True
    new = article.published.local if article.published else None
    return old["published_source"] == article.published_source and not same_moment(
        old["published_local"], new
    )


def time_of(value: Timestamp | None, source: TimeSource | None, raw: str | None) -> Time:
    """A time that could not be read still has its raw text and its place."""
    if value is None:
        return Time(None, None, raw, None, source if raw else None)
    at = to_utc_text(value.utc) if value.utc else None
    return Time(at, value.local, value.raw, value.precision, source)


def row_time(row: sqlite3.Row | Mapping[str, str | None]) -> Time:
    return Time(
        row["published_at"], row["published_local"], row["published_raw"], row["published_precision"],
        row["published_source"],
    )  # fmt: skip


def outranks(row: sqlite3.Row, source: TimeSource) -> bool:
    """Whether a row has a time that no time of this source could better."""
    return (
        row["published_local"] is not None
        and SOURCE_RANK[row["published_source"]] > SOURCE_RANK[source]
    )


def better_time(old: Time, new: Time) -> Time:
    """The one to keep: a read one before an unread one, then the better source, then the newer word of the page.

    The same instant at a coarser precision (a template that shows minutes only) is no better.
    """
    if new.local is None:
        return (
            new
            if old.local is None and new.raw and SOURCE_RANK[new.source] > SOURCE_RANK[old.source]
            else old
        )
    if old.local is None:
        return new
    if SOURCE_RANK[new.source] != SOURCE_RANK[old.source]:
        return max(old, new, key=lambda time: SOURCE_RANK[time.source])
    coarser = PRECISIONS.index(new.precision or "year") < PRECISIONS.index(old.precision or "year")
    same = old.local[: len("2022-11-22T11:34")].startswith(new.local[: len("2022-11-22T11:34")])
    return old if coarser and same else new
