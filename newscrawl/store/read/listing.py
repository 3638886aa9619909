"""All articles, or those of a filter without words, the newest first: a search for nothing typed.

The order is that of the local times of publication, which an index has, so that the first articles
of a million are found at once. Articles without a time are the last.
"""

from __future__ import annotations

import sqlite3
from functools import cached_property

from newscrawl.store.conditions import Conditions
from newscrawl.store.filters import Filter
from newscrawl.store.indexes import has_index
from newscrawl.store.read.publication_days import count_days, place_of
from newscrawl.store.read.search import MOST_RANKED, Order, Search, Total

YEAR = len("2026")
AFTER = "~"  # sorts after every digit and letter of a time
# A site or category with fewer articles than this is read as a whole and sorted.
FEW = 20_000
FAR = 2_000  # articles that are skipped one by one


def found_articles(
    db: sqlite3.Connection, typed: str, only: Filter, order: Order = "rank"
) -> Search:
    """The search for what was typed; all articles of the filter if nothing was."""
    if typed.strip() or only.query() is not None:
        return Search(db, typed, only, order)
    return Listing(db, only)


class Listing(Search):
    """The articles of a filter that has no words."""

    def __init__(self, db: sqlite3.Connection, only: Filter) -> None:
        super().__init__(db, "", only, "time")

    def total(self, *, exact: bool) -> Total:
        """How many articles there are, or at least are."""
        conditions = self._conditions  # made in any case: a site that is not there is an error
        if self._is_counted:
            counted = count_days(self._db, self._only.site, self._only.since, self._only.until)
            return Total(counted, exact=True)
        ids = f"SELECT a.id FROM {self._counted_source} WHERE {conditions.sql}"
        limit = -1 if exact else MOST_RANKED
        count = self._db.execute(
            f"SELECT count(*) FROM ({ids} LIMIT ?)", (*conditions.values, limit)
        ).fetchone()[0]
        return Total(int(count), exact=exact or count < MOST_RANKED)

    @property
    def order_note(self) -> None:
        """All of them are in order."""

    @property
    def _counted_source(self) -> str:
        return self._source_in_order if self._only.revised else "articles a"

    @property
    def _is_counted(self) -> bool:
        """Whether articles per site and day, which are kept in a table, answer how many."""
        only = self._only
        return only == Filter(site=only.site, since=only.since, until=only.until)

    def latest_ids(self, most: int = MOST_RANKED) -> list[int]:
        """The newest of them, at most `most`."""
        return list(self.ids(most))

    def _parts(self, limit: int | None, offset: int) -> list[tuple[str, list[object]]]:
        conditions = Conditions()
        conditions.add_all(self._conditions)
        only = self._only
        # The exact conditions on days are in the filter. These bound what is read of the index.
        if only.since is not None:
            conditions.add("a.published_local >= ?", only.since[:YEAR])
        if only.until is not None:
            conditions.add("a.published_local <= ?", only.until + AFTER)
        if self._is_counted and offset > FAR:
            # Of what comes before, only the numbers of days are read.
            day, offset = place_of(self._db, only.site, only.since, only.until, offset)
            if day:
                conditions.add("(a.published_local <= ? OR a.published_local IS NULL)", day + AFTER)
            else:
                conditions.add("a.published_local IS NULL")
        source = self._source_in_order
        listed = (
            f"(SELECT a.id AS value FROM {source} WHERE {conditions.sql}"
            " ORDER BY a.published_local DESC, a.id DESC LIMIT ? OFFSET ?) m"
        )
        return [(listed, [*conditions.values, -1 if limit is None else limit, offset])]

    @cached_property
    def _conditions(self) -> Conditions:
        conditions = self._only.other_conditions(self._db)
        conditions.add("a.revision > 1" if self._only.revised else "a.revision > 0")
        return conditions

    @property
    def _source_in_order(self) -> str:
        """The articles, by the index that reads the fewest of them."""
        if self._only.revised and has_index(self._db, "articles_revised"):
            return "articles a INDEXED BY articles_revised"
        return "articles a" if self._is_small else "articles a INDEXED BY articles_local"

    @cached_property
    def _is_small(self) -> bool:
        """Whether to read all articles of the site or category, and not the index on times."""
        only = self._only
        if only.site is None and only.category is None:
            return not has_index(self._db, "articles_local")
        # With hidden ones, of which there are few: the index alone is read.
        listed = Filter(site=only.site, category=only.category)
        chosen = listed.conditions(self._db, with_hidden=True)
        ids = f"SELECT 1 FROM articles a WHERE {chosen.sql} LIMIT {FEW}"
        count = self._db.execute(f"SELECT count(*) FROM ({ids})", chosen.values).fetchone()[0]
        return count < FEW or not has_index(self._db, "articles_local")
