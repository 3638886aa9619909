"""Numbers over time: articles by day, outcomes of crawls, and which fields pages give."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from newscrawl.store.known_names import check_site
from newscrawl.store.read.publication_days import DAY, SiteDay, last_known_day, site_days

# A site's newest articles are enough to see which fields its pages give now, and take the same time
# in any archive.
NEWEST = 2000
FIELDS: Mapping[str, str] = {
    "headline": "a.title IS NOT NULL AND a.title <> ''",
    "standfirst": "a.summary IS NOT NULL AND a.summary <> ''",
    "text": "a.word_count > 0",
    "publication time": "a.published_at IS NOT NULL",
    "time of change": "a.modified_at IS NOT NULL",
    "authors": "a.authors <> '[]'",
    "category": "a.category_id IS NOT NULL",
    "tags": "a.tags <> '[]'",
    "picture": "a.image_url IS NOT NULL",
}
OUTCOMES = ("new", "changed", "unchanged", "not_modified", "alias", "failed", "pending")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOutcome:
    """The outcomes of the article pages that one crawl requested, in the order of OUTCOMES."""

    crawl_id: int
    site: str
    started_at: str
    finished_at: str | None
    reason: str | None
    exit_code: int | None
    counts: Mapping[str, int]
    failed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of a site's newest `articles` stored articles have the field."""

    site: str
    field: str
    present: int
    articles: int


def articles_per_day(
    db: sqlite3.Connection, days: int, sites: Sequence[str] | None = None
) -> Iterator[SiteDay]:
    """The last `days` days up to the newest article of any site, without days of no publication.

    Of these sites, by default of all.
    """
    last = last_days(db, days)
    if last is not None:
        yield from (day for day in site_days(db, *last, sites) if len(day.day) == DAY)


def last_days(db: sqlite3.Connection, days: int) -> tuple[str, str] | None:
    """The first and last of the `days` days up to the newest article; None without an article."""
    newest = last_known_day(db)
    if newest is None:
        return None
    first = date.fromisoformat(newest) - timedelta(days=days - 1)
    return first.isoformat(), newest


def crawl_outcomes(
    db: sqlite3.Connection, limit: int, site: str | None = None, offset: int = 0
) -> Iterator[CrawlOutcome]:
    """The last crawls, the newest first, without the first `offset`.

    UsageError for an unknown site.
    """
    if site is not None:
        check_site(db, site)
    of_site, values = _of_site(site)
    rows = db.execute(
        f"SELECT * FROM crawls WHERE {of_site} AND reason IS NOT 'imported'"
        " ORDER BY id DESC LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return map(_outcome, rows)


def count_crawls(db: sqlite3.Connection, site: str | None = None) -> int:
    """How many crawls there are, of all sites or of one."""
    of_site, values = _of_site(site)
    row = db.execute(
        f"SELECT count(*) FROM crawls WHERE {of_site} AND reason IS NOT 'imported'", values
    ).fetchone()
    return int(row[0])


def _of_site(site: str | None) -> tuple[str, tuple[str, ...]]:
    """A condition on `site` that an index answers, and its values."""
    if site is None:
        return "1", ()
    return "site = ?", (site,)


def _outcome(row: sqlite3.Row) -> CrawlOutcome:
    stats: dict[str, Any] = json.loads(row["stats"])
    failed: dict[str, int] = stats.get("failed") or {}
    counts = {name: int(stats.get(name) or 0) for name in OUTCOMES if name != "failed"}
    counts["failed"] = sum(failed.values())
    return CrawlOutcome(
        crawl_id=row["id"],
        site=row["site"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        reason=row["reason"],
        exit_code=row["exit_code"],
        counts={name: counts[name] for name in OUTCOMES},
        failed=failed,
    )


def field_coverage(db: sqlite3.Connection, sites: Sequence[str]) -> Iterator[Coverage]:
    """Every field of these sites."""
    sums = ", ".join(f"ifnull(sum({condition}), 0)" for condition in FIELDS.values())
    for site in sites:
        *present, articles = db.execute(
            f"SELECT {sums}, count(*) FROM"
            " (SELECT * FROM articles WHERE site = ? AND state = 'stored'"
            " ORDER BY id DESC LIMIT ?) a",
            (site, NEWEST),
        ).fetchone()
        for field, count in zip(FIELDS, present, strict=True):
            yield Coverage(site, field, count, articles)
