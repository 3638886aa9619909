"""Front pages by day: what category pages showed, and how that differs from the day before.

A day is one in the site's own time zone. Of all crawls of a day, the last one that read the first
page of a category counts. It is compared with the last one before that day; on the first day of
all, with the one before it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from newscrawl.core.errors import UsageError
from newscrawl.core.records import HOME, OLD_HOME
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.store.days import day_bounds, local_text, zone_of
from newscrawl.store.known_names import check_site

# `deeper`: the place is further down than the earlier crawl had read, so nobody knows whether the
# article is new.
Move = Literal["first", "new", "up", "down", "same", "deeper"]

LONGEST_CRAWL = timedelta(days=7)
# Beyond these, the days around a day do not exist.
FIRST_DAY, LAST_DAY = "0002-01-01", "9998-12-31"
NEAR_DAYS = 2  # days to name before and after one on which nothing was read


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEntry:
    """One place of a category page.

    `rank` counts over all pages from 1. `before` is the rank that the article had; None if it had
    none.
    """

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
    summary: str | None = None  # of the teaser
    teased_before: str | None = None  # the headline that the earlier crawl saw in its place

    @property
    def retitled(self) -> bool:
        """Whether the article's own headline differs from that of its teaser."""
        return bool(self.teased and self.headline and self.teased != self.headline)

    @property
    def reworded(self) -> bool:
        """Whether the page had another headline for the article before."""
        return bool(self.teased and self.teased_before and self.teased != self.teased_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFront:
    """A category as a crawl saw it.

    `left` are the articles that the earlier crawl saw, no deeper than this crawl read, and this one
    did not.
    """

    category_id: int
    key: str
    name: str
    seen_at: str
    seen_local: str
    compared_at: str | None
    slots: tuple[FrontEntry, ...]
    left: tuple[FrontEntry, ...]
    pages: tuple[int, ...] = ()
    compared_pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A site's category pages on one day; `earlier` and `later` are the nearest other days."""

    site: str
    name: str
    day: str
    earlier: str | None
    later: str | None
    categories: tuple[CategoryFront, ...]


def front_days(db: sqlite3.Connection, site: str) -> list[str]:
    """The days on which category pages were read, in order; UsageError for an unknown site."""
    return list(crawls_of_days(db, site))


def crawls_of_days(db: sqlite3.Connection, site: str) -> dict[str, int]:
    """The days on which category pages were read, in order, with the number of crawls that did.

    UsageError for an unknown site.
    """
    check_site(db, site)
    zone = zone_of(db, site)
    rows = db.execute(
        "SELECT (SELECT seen_at FROM listings l WHERE l.crawl_id = c.id AND l.page = 1 LIMIT 1)"
        " FROM crawls c WHERE c.site = ? ORDER BY c.id",
        (site,),
    )
    days = Counter(local_text(seen_at, zone)[:10] for (seen_at,) in rows if seen_at is not None)
    return dict(sorted(days.items()))


def sites_with_fronts(db: sqlite3.Connection, limit: int, offset: int = 0) -> list[str]:
    """A part of the sites that have front pages, by name."""
    rows = db.execute(
        "SELECT s.site FROM sites s WHERE EXISTS (SELECT 1 FROM crawls c CROSS JOIN listings l"
        " ON l.crawl_id = c.id AND l.page = 1 WHERE c.site = s.site)"
        " ORDER BY s.site LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [row[0] for row in rows]


def front_page(db: sqlite3.Connection, site: str, day: str | None = None) -> Front:
    """The category pages of a day, by default the last one; UsageError if none was read then."""
    check_site(db, site)
    days = _Days(db, site)
    day = day or days.before(LAST_DAY)
    if day is None:
        raise UsageError(
            f"no category page of {site} was read yet", f"read them with: newscrawl crawl {site}"
        )
    if not FIRST_DAY <= day <= LAST_DAY or not days.has(day):
        all_days = front_days(db, site)
        earlier = [each for each in all_days if each < day]
        later = [each for each in all_days if each > day]
        near = ", ".join(earlier[-NEAR_DAYS:] + later[:NEAR_DAYS])
        raise UsageError(f"no category page of {site} was read on {day}", f"days near it: {near}")
    fronts = _Fronts(db, site, day)
    return Front(
        site=site,
        name=db.execute("SELECT name FROM sites WHERE site = ?", (site,)).fetchone()[0],
        day=day,
        earlier=days.before(day),
        later=days.after(day),
        categories=tuple(fronts.categories()),
    )


class _Days:
    """The days on which category pages of a site were read, without a look at all of its crawls.

    A crawl reads its pages within LONGEST_CRAWL of its start.
    """

    def __init__(self, db: sqlite3.Connection, site: str) -> None:
        self._db, self._site = db, site
        self._zone = zone_of(db, site)

    def has(self, day: str) -> bool:
        """Whether category pages were read on the day."""
        start, end = self._bounds(day)
        crawls = self._crawls("c.started_at >= ? AND c.started_at < ?", _before(start), end)
        return any(read_on == day for _, read_on in crawls)

    def before(self, day: str) -> str | None:
        """The last of the days before this one."""
        start, _ = self._bounds(day)
        crawls = self._crawls("c.started_at < ? ORDER BY c.started_at DESC", start)
        found: str | None = None
        earliest_start = ""
        for started_at, read_on in crawls:
            if started_at < earliest_start:
                break
            if read_on is not None and (found or "") < read_on < day:
                found = read_on
                # A crawl that began earlier may have read its pages later.
                earliest_start = _before(self._bounds(found)[0])
        return found

    def after(self, day: str) -> str | None:
        """The first of the days after this one."""
        start, _ = self._bounds(day)
        crawls = self._crawls("c.started_at >= ? ORDER BY c.started_at", _before(start))
        found: str | None = None
        for started_at, read_on in crawls:
            if found is not None and local_text(started_at, self._zone)[:10] >= found:
                break
            if read_on is not None and day < read_on and (found is None or read_on < found):
                found = read_on
        return found

    def _bounds(self, day: str) -> tuple[str, str]:
        return day_bounds(date.fromisoformat(day), self._zone)

    def _crawls(self, condition: str, *values: str) -> Iterator[tuple[str, str | None]]:
        """When each crawl began (UTC), and the day on which it read a first page, if it did."""
        rows = self._db.execute(
            "SELECT c.started_at, (SELECT seen_at FROM listings l"
            " WHERE l.crawl_id = c.id AND l.page = 1 LIMIT 1)"
            f" FROM crawls c WHERE c.site = ? AND {condition}",
            (self._site, *values),
        )
        for started_at, seen_at in rows:
            yield started_at, None if seen_at is None else local_text(seen_at, self._zone)[:10]


def _before(moment: str) -> str:
    """The earliest start of a crawl that may still read pages at a moment (UTC text)."""
    return to_utc_text(from_utc_text(moment) - LONGEST_CRAWL)


class _Fronts:
    """The category pages of one site on one day."""

    def __init__(self, db: sqlite3.Connection, site: str, day: str) -> None:
        self._db, self._site = db, site
        self._zone: ZoneInfo = zone_of(db, site)
        self._start, self._end = day_bounds(date.fromisoformat(day), self._zone)

    def categories(self) -> list[CategoryFront]:
        """The categories whose first page was read on the day, the home page first."""
        rows = self._db.execute(
            "SELECT id, key, ifnull(name, ifnull(slug, key)) AS name FROM categories WHERE site = ?"
            " ORDER BY key NOT IN (?, ?), id",
            (self._site, HOME, OLD_HOME),
        ).fetchall()
        fronts = [self._category(row) for row in rows]
        return [front for front in fronts if front is not None]

    def _category(self, category: sqlite3.Row) -> CategoryFront | None:
        crawl = self._last_crawl(category["id"])
        if crawl is None:
            return None
        earlier_crawl = self._crawl_before(category["id"], crawl)
        rows = self._rows(category["id"], crawl)
        earlier_rows = self._rows(category["id"], earlier_crawl)
        ranks = _ranks(rows)
        earlier_ranks = _ranks(earlier_rows)
        earlier_titles = {row["article_id"]: row["teased"] for row in reversed(earlier_rows)}
        slots: list[FrontEntry] = []
        for rank, row in enumerate(rows, 1):
            before = earlier_ranks.get(row["article_id"])
            move = _move(rank, before, len(earlier_rows))
            entry = _entry(row, rank, before, move)
            slots.append(replace(entry, teased_before=earlier_titles.get(row["article_id"])))
        left: list[FrontEntry] = []
        for rank, row in enumerate(earlier_rows[: len(rows)], 1):
            if row["article_id"] not in ranks:
                left.append(_entry(row, rank, rank, "down"))
        seen_at = rows[0]["seen_at"]
        compared_at = earlier_rows[0]["seen_at"] if earlier_rows else None
        return CategoryFront(
            category_id=category["id"],
            key=category["key"],
            name=category["name"],
            seen_at=seen_at,
            seen_local=local_text(seen_at, self._zone),
            compared_at=None if compared_at is None else local_text(compared_at, self._zone),
            slots=tuple(slots),
            left=tuple(left),
            pages=_pages(rows),
            compared_pages=_pages(earlier_rows),
        )

    def _last_crawl(self, category_id: int, *, below: int | None = None) -> int | None:
        """The last crawl before `below` that read the category's first page on the day."""
        row = self._db.execute(
            "SELECT c.id FROM crawls c WHERE c.site = ? AND c.started_at >= ? AND c.started_at < ?"
            " AND (? IS NULL OR (c.started_at, c.id) <"
            " (SELECT b.started_at, b.id FROM crawls b WHERE b.id = ?)) AND EXISTS"
            " (SELECT 1 FROM listings l WHERE l.crawl_id = c.id AND l.category_id = ?"
            " AND l.page = 1 AND l.seen_at >= ? AND l.seen_at < ?)"
            " ORDER BY c.started_at DESC, c.id DESC LIMIT 1",
            (
                self._site,
                _before(self._start),
                self._end,
                below,
                below,
                category_id,
                self._start,
                self._end,
            ),
        ).fetchone()
        return row["id"] if row else None

    def _crawl_before(self, category_id: int, crawl: int) -> int | None:
        """The last crawl to read the category's first page before the day, else before `crawl`."""
        row = self._db.execute(
            "SELECT c.id FROM crawls c WHERE c.site = ? AND c.started_at < ? AND EXISTS"
            " (SELECT 1 FROM listings l WHERE l.crawl_id = c.id AND l.category_id = ?"
            " AND l.page = 1 AND l.seen_at < ?)"
            " ORDER BY c.started_at DESC, c.id DESC LIMIT 1",
            (self._site, self._start, category_id, self._start),
        ).fetchone()
        return row["id"] if row else self._last_crawl(category_id, below=crawl)

    def _rows(self, category_id: int, crawl_id: int | None) -> list[sqlite3.Row]:
        """What a crawl saw of a category, from the top."""
        return self._db.execute(
            "SELECT l.page, l.position, l.block, l.article_id, l.title AS teased, l.published_raw,"
            " l.summary, l.seen_at, a.key, a.url, a.state, a.title AS headline, a.published_local"
            " FROM listings l JOIN articles a ON a.id = l.article_id"
            " WHERE l.crawl_id = ? AND l.category_id = ? ORDER BY l.page, l.position",
            (crawl_id, category_id),
        ).fetchall()


def _pages(rows: Sequence[sqlite3.Row]) -> tuple[int, ...]:
    """The numbers of the pages on which a crawl saw articles."""
    return tuple(sorted({row["page"] for row in rows}))


def _ranks(rows: Sequence[sqlite3.Row]) -> Mapping[int, int]:
    """Article id -> its highest rank."""
    ranks: dict[int, int] = {}
    for rank, row in enumerate(rows, 1):
        ranks.setdefault(row["article_id"], rank)
    return ranks


def _move(rank: int, before: int | None, earlier_depth: int) -> Move:
    """How an entry moved, if the earlier crawl read `earlier_depth` entries."""
    if earlier_depth == 0:
        return "first"
    if before is None:
        return "new" if rank <= earlier_depth else "deeper"
    if before == rank:
        return "same"
    return "up" if before > rank else "down"


def _entry(row: sqlite3.Row, rank: int, before: int | None, move: Move) -> FrontEntry:
    return FrontEntry(
        rank=rank,
        page=row["page"],
        position=row["position"],
        block=row["block"],
        article_id=row["article_id"],
        key=row["key"],
        url=row["url"],
        state=row["state"],
        teased=row["teased"],
        headline=row["headline"],
        published_raw=row["published_raw"],
        published_local=row["published_local"],
        before=before,
        move=move,
        summary=row["summary"],
    )


def category_urls(db: sqlite3.Connection, site: str) -> dict[int, str | None]:
    """The address of each category of a site, by its row; None if its site file has none."""
    rows = db.execute("SELECT id, url FROM categories WHERE site = ?", (site,))
    return dict(map(tuple, rows))


def shown_since(
    db: sqlite3.Connection, category_id: int, article_ids: Sequence[int], seen_at: str
) -> dict[int, str]:
    """When each article was first seen on the category's pages, up to a moment (UTC text)."""
    rows = db.execute(
        "SELECT article_id, min(seen_at) FROM listings INDEXED BY listings_article"
        " WHERE article_id IN (SELECT value FROM json_each(?)) AND category_id = ?"
        " AND seen_at <= ? GROUP BY article_id",
        (json.dumps(article_ids), category_id, seen_at),
    )
    return dict(map(tuple, rows))


def shown_on(db: sqlite3.Connection, article_id: int) -> list[dict[str, Any]]:
    """Where category pages showed an article: one row for each category and wording.

    `best_place` is the highest place on its page, `day` the first day in the site's zone.
    """
    rows = db.execute(
        "SELECT c.site, c.key AS category_key, ifnull(c.name, ifnull(c.slug, c.key)) AS category,"
        " l.title AS teased, count(DISTINCT l.crawl_id) AS crawls, min(l.seen_at) AS first_seen_at,"
        " max(l.seen_at) AS last_seen_at, min(l.page) AS best_page, min(l.position) AS best_place"
        " FROM listings l JOIN categories c ON c.id = l.category_id WHERE l.article_id = ?"
        " GROUP BY l.category_id, l.title ORDER BY first_seen_at, c.id LIMIT 500",
        (article_id,),
    ).fetchall()
    zones = {site: zone_of(db, site) for site in {row["site"] for row in rows}}
    shown: list[dict[str, Any]] = []
    for row in rows:
        day = local_text(row["first_seen_at"], zones[row["site"]])[:10]
        shown.append(dict(row) | {"day": day})
    return shown
