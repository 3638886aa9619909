"""Front pages by day: what the category pages of a site showed, and how that differs from the day before.

A day is one of the site's own time zone. Of the crawls of a day the last one that read a category's first page
counts; it is compared with the last one before that day, or, on the first day of all, with the one before it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from newscrawl.core.errors import UsageError
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.store.days import day_bounds, local_text, zone_of
from newscrawl.store.filters import check_site

# `deeper`: it stands further down than the earlier crawl had read, so nobody knows whether it is new.
Move = Literal["first", "new", "up", "down", "same", "deeper"]

LONGEST_CRAWL = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FrontEntry:
    """One place of a category page. `rank` counts over all pages from 1; `before` is the rank it had, None if none."""

    rank: int
    page: int
    position: int
    block: str
    article_id: int
    key: str
    url: str
    state: str
    teased: str | None
    headline: str | None
    published_raw: str | None
    published_local: str | None
    before: int | None
    move: Move

    @property
    def retitled(self) -> bool:
        """Whether the article's own headline is another than the one it was teased with."""
        return bool(self.teased and self.headline and self.teased != self.headline)


@dataclass(frozen=True, slots=True)
class CategoryFront:
    """A category as it was seen. `left` are those of the earlier crawl, no deeper than this one read, now missing."""

    category_id: int
    key: str
    name: str
    seen_at: str
    seen_local: str
    compared_at: str | None
    slots: tuple[FrontEntry, ...]
    left: tuple[FrontEntry, ...]


@dataclass(frozen=True, slots=True)
class Front:
    """A site's category pages on one day; `earlier` and `later` are the nearest days that have any."""

    site: str
    name: str
    day: str
    earlier: str | None
    later: str | None
    categories: tuple[CategoryFront, ...]


def front_days(db: sqlite3.Connection, site: str) -> list[str]:
    """The days on which category pages were read, the first one first; UsageError for an unknown site."""
    check_site(db, site)
    zone = zone_of(db, site)
    rows = db.execute(
        "SELECT (SELECT seen_at FROM listings l WHERE l.crawl_id = c.id AND l.page = 1 LIMIT 1) AS seen_at"
        " FROM crawls c WHERE c.site = ? ORDER BY c.id",
        (site,),
    )
    return sorted({local_text(row[0], zone)[:10] for row in rows if row[0] is not None})


def front_page(db: sqlite3.Connection, site: str, day: str | None = None) -> Front:
    """The category pages of a day (`2026-09-01`), by default the last one; UsageError where none was read then."""
    days = front_days(db, site)
    if not days:
        raise UsageError(
            f"no category page of {site} was read yet", f"read them with: newscrawl crawl {site}"
        )
    day = day or days[-1]
    if day not in days:
        raise UsageError(
            f"no category page of {site} was read on {day}", f"days near it: {_near(days, day)}"
        )
    zone = zone_of(db, site)
    start, end = day_bounds(date.fromisoformat(day), zone)
    rows = db.execute(
        "SELECT id, key, ifnull(name, ifnull(slug, key)) AS name FROM categories WHERE site = ? ORDER BY id",
        (site,),
    ).fetchall()
    fronts = [_category(db, site, row, start, end, zone) for row in rows]
    name = db.execute("SELECT name FROM sites WHERE site = ?", (site,)).fetchone()[0]
    place = days.index(day)
    return Front(
        site, name, day, days[place - 1] if place else None, days[place + 1] if place + 1 < len(days) else None,
        tuple(front for front in fronts if front is not None),
    )  # fmt: skip


def _category(
    db: sqlite3.Connection, site: str, category: sqlite3.Row, start: str, end: str, zone: ZoneInfo
) -> CategoryFront | None:
    earliest = to_utc_text(from_utc_text(start) - LONGEST_CRAWL)
    crawl = _walk(db, site, category["id"], earliest, start, end)
    if crawl is None:
        return None
    before = _walk(db, site, category["id"], "", "", start) or _walk(
        db, site, category["id"], earliest, start, end, below=crawl
    )
    now_rows, then_rows = _rows(db, crawl, category["id"]), _rows(db, before, category["id"])
    now_ids = _ranks(now_rows)
    then_ids = _ranks(then_rows)
    slots = tuple(
        _slot(
            row,
            rank,
            then_ids.get(row["article_id"]),
            _move(rank, row["article_id"], then_ids, len(then_rows)),
        )
        for rank, row in enumerate(now_rows, 1)
    )
    left = tuple(
        _slot(row, rank, rank, "down")
        for rank, row in enumerate(then_rows[: len(now_rows)], 1)
        if row["article_id"] not in now_ids
    )
    seen = now_rows[0]["seen_at"]
    compared = then_rows[0]["seen_at"] if then_rows else None
    return CategoryFront(
        category["id"], category["key"], category["name"], seen, local_text(seen, zone),
        local_text(compared, zone) if compared else None, slots, left,
    )  # fmt: skip


def _walk(
    db: sqlite3.Connection,
    site: str,
    category_id: int,
    earliest: str,
    since: str,
    until: str,
    *,
    below: int | None = None,
) -> int | None:
    """The last crawl, begun at `earliest` or later, that read the category's first page within the time.

    `below`: only crawls before the one with this id.
    """
    row = db.execute(
        "SELECT c.id FROM crawls c WHERE c.site = ? AND c.started_at >= ? AND c.started_at < ?"
        " AND c.id < ifnull(?, c.id + 1) AND EXISTS"
        " (SELECT 1 FROM listings l WHERE l.crawl_id = c.id AND l.category_id = ? AND l.page = 1"
        " AND l.seen_at >= ? AND l.seen_at < ?) ORDER BY c.id DESC LIMIT 1",
        (site, earliest, until, below, category_id, since, until),
    ).fetchone()
    return int(row[0]) if row else None


def _rows(db: sqlite3.Connection, crawl_id: int | None, category_id: int) -> list[sqlite3.Row]:
    """What a crawl saw of a category, from the top."""
    if crawl_id is None:
        return []
    return db.execute(
        "SELECT l.page, l.position, l.block, l.article_id, l.title AS teased, l.published_raw, l.seen_at,"
        " a.key, a.url, a.state, a.title AS headline, a.published_local"
        " FROM listings l JOIN articles a ON a.id = l.article_id"
        " WHERE l.crawl_id = ? AND l.category_id = ? ORDER BY l.page, l.position",
        (crawl_id, category_id),
    ).fetchall()


def _ranks(rows: Sequence[sqlite3.Row]) -> dict[int, int]:
    """Article -> its highest place."""
    ranks: dict[int, int] = {}
    for rank, row in enumerate(rows, 1):
        ranks.setdefault(row["article_id"], rank)
    return ranks


def _move(rank: int, article_id: int, before: dict[int, int], depth: int) -> Move:
    if not before:
        return "first"
    was = before.get(article_id)
    if was is None:
        return "new" if rank <= depth else "deeper"
    return "same" if was == rank else "up" if was > rank else "down"


def _slot(row: sqlite3.Row, rank: int, before: int | None, move: Move) -> FrontEntry:
    return FrontEntry(
        rank, row["page"], row["position"], row["block"], row["article_id"], row["key"], row["url"], row["state"],
        row["teased"], row["headline"], row["published_raw"], row["published_local"], before, move,
    )  # fmt: skip


def shown_on(db: sqlite3.Connection, article_id: int) -> list[dict[str, Any]]:
    """Where category pages showed an article: one row for each category and wording, the first seen first.

    `best_place` is the highest place on its page, `day` the first day in the site's zone.
    """
    rows = db.execute(
        "SELECT c.site, c.key AS category_key, ifnull(c.name, ifnull(c.slug, c.key)) AS category, l.title AS teased,"
        " count(DISTINCT l.crawl_id) AS crawls, min(l.seen_at) AS first_seen_at, max(l.seen_at) AS last_seen_at,"
        " min(l.page) AS best_page, min(l.position) AS best_place"
        " FROM listings l JOIN categories c ON c.id = l.category_id WHERE l.article_id = ?"
        " GROUP BY l.category_id, l.title ORDER BY first_seen_at, c.id LIMIT 500",
        (article_id,),
    ).fetchall()
    zones = {site: zone_of(db, site) for site in {row["site"] for row in rows}}
    return [
        dict(row) | {"day": local_text(row["first_seen_at"], zones[row["site"]])[:10]}
        for row in rows
    ]


def _near(days: Iterable[str], day: str) -> str:
    known = list(days)
    before = [each for each in known if each < day][-2:]
    after = [each for each in known if each > day][:2]
    return ", ".join(before + after)
