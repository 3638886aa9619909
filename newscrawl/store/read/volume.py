"""How much was published about something: articles by time, site, category, author or tag.

Times are those of the site's own zone.
"""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Literal, get_args

from newscrawl.core.errors import UsageError
from newscrawl.core.query import Query
from newscrawl.core.query_parser import parse_query
from newscrawl.store.conditions import Conditions
from newscrawl.store.filters import Filter
from newscrawl.store.known_names import check_site
from newscrawl.store.matching import Matcher
from newscrawl.store.read.publication_days import articles_by_period, published_days
from newscrawl.store.rows import HIDDEN

By = Literal["hour", "day", "week", "month", "year", "site", "category", "author", "tag"]
BYS: tuple[By, ...] = get_args(By)
PERIODS: tuple[By, ...] = ("hour", "day", "week", "month", "year")
MOST_PERIODS = 100_000
# How much of `2026-09-01T10:00:00+07:00` names the period. A week is made of its days.
_LENGTHS: Mapping[By, int] = {"hour": 13, "day": 10, "week": 10, "month": 7, "year": 4}
_LEAST: Mapping[By, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=28),
    "year": timedelta(days=365),
}
_GROUPS: Mapping[By, tuple[str, str]] = {
    # SQL expression, and what it is taken from beside the articles
    "site": ("a.site", ""),
    "category": (
        "ifnull(c.name, c.key)",
        " LEFT JOIN categories c ON c.id = a.category_id",
    ),
    "author": ("n.value", " JOIN json_each(a.authors) n"),
    "tag": ("n.value", " JOIN json_each(a.tags) n"),
}
# With the names that conditions on articles use.
_HOURS = "(SELECT article_id AS id, hour AS published_local FROM publication_hours) a"


@dataclass(frozen=True, slots=True)
class Count:
    """The articles of one period, site, category, author or tag (`name`).

    `articles` has a number for each query; `of` counts all articles, None if they were not counted.
    A period is `2026-09-01T10`, `2026-09-01`, `2026-W36`, `2026-09` or `2026`.
    """

    name: str
    articles: tuple[int, ...]
    of: int | None = None

    @property
    def shares(self) -> tuple[float | None, ...]:
        """For each query, its part of all articles; None where there are none."""
        if not self.of:
            return (None,) * len(self.articles)
        return tuple(number / self.of for number in self.articles)


@dataclass(frozen=True, slots=True)
class Volume:
    """`counts` are periods in order, or others, the most frequent first.

    Periods run from the first to the last day of the filter, or else to the last publication of the
    site or archive; those without an article are among them.

    `without` is how many articles of each query have no such name: no publication day, no tag.

    If `step` is not 1, every step-th article was counted, and the numbers of articles of queries
    are estimates: `step` times what was counted.
    """

    by: By
    queries: tuple[Query, ...]
    counts: tuple[Count, ...]
    without: tuple[int, ...]
    step: int = 1


def volume(
    db: sqlite3.Connection,
    queries: Sequence[str],
    only: Filter,
    *,
    by: By = "month",
    share: bool = False,
    step: int = 1,
) -> Volume:
    """How many articles each query finds; `share` counts all articles, too.

    With a `step`, the articles that queries find are estimated from every step-th article.
    UsageError for a query without a letter or digit, and for a name that the archive lacks.
    """
    parsed = tuple(map(parse_query, queries))
    found = [counts_by(db, replace(only, search=typed), by, step) for typed in queries]
    without = tuple(counts.pop(None, 0) for counts in found)
    names = _names(db, found, only, by)
    totals: Mapping[str | None, int] = counts_by(db, only, by) if share else {}
    counts = tuple(
        Count(
            name,
            tuple(counts[name] for counts in found),
            totals.get(name, 0) if share else None,
        )
        for name in names
    )
    return Volume(by, parsed, counts, without, step)


def counts_by(db: sqlite3.Connection, only: Filter, by: By, step: int = 1) -> Counter[str | None]:
    """How many articles have each name; None for those without.

    With a `step`, only articles whose id is a multiple of it are counted, each so many times.
    """
    if by in _LENGTHS and by != "hour" and _by_days_only(only):
        return _kept_counts(db, only, by)
    expression, join = _GROUPS.get(by, ("", ""))
    if by in _LENGTHS:
        expression = f"substr(a.published_local, 1, {_LENGTHS[by]})"
    source = _hours(db, only, step) if by in PERIODS else None
    if source is None:
        source = _articles(db, only)
    conditions = source.conditions
    if step > 1:
        conditions.add(f"{source.id} % ? = 0", step)
    counts: Counter[str | None] = Counter()
    rows = db.execute(
        f"SELECT {expression} AS name, count(*) FROM {source.sql}{join}"
        f" WHERE {conditions.sql} GROUP BY name",
        conditions.values,
    )
    for name, count in rows:
        counts[_name(name, by)] += step * count
    if by in ("author", "tag"):
        # An article with several names counts for each; without any, it is in no row above.
        conditions.add(f"a.{by}s = '[]'")
        sql = f"SELECT count(*) FROM {source.sql} WHERE {conditions.sql}"
        counts[None] += step * db.execute(sql, conditions.values).fetchone()[0]
    return counts


def _by_days_only(only: Filter) -> bool:
    return only == Filter(site=only.site, since=only.since, until=only.until)


def _kept_counts(db: sqlite3.Connection, only: Filter, by: By) -> Counter[str | None]:
    """The same for all articles of a site or of the archive, from the kept numbers of days."""
    if only.site is not None:
        check_site(db, only.site)
    kept = articles_by_period(db, _LENGTHS[by], only.site, only.since, only.until)
    counts: Counter[str | None] = Counter()
    for period, articles in kept.items():
        counts[_name(period, by)] += articles
    return counts


@dataclass(frozen=True, slots=True)
class _Source:
    """What follows FROM and WHERE; its articles are called `a`, and their ids `id`."""

    sql: str
    conditions: Conditions
    id: str = "a.id"


def _articles(db: sqlite3.Connection, only: Filter) -> _Source:
    conditions = only.conditions(db)
    conditions.add("a.revision > 0")
    return _Source("articles a", conditions)


def _hours(db: sqlite3.Connection, only: Filter, step: int) -> _Source | None:
    """The same from the hours of publication alone, which is much faster.

    None if the filter asks for more than words of the text, a site and days, or the archive is of
    an older schema.
    """
    query = only.query()
    days = Filter(since=only.since, until=only.until)
    rest = replace(only, search=None, author=None, tag=None, site=None)
    if rest != days or not _has_hours(db):
        return None
    if only.site is not None:
        check_site(db, only.site)
    conditions = days.other_conditions(db, with_hidden=True)  # the table has no hidden articles
    if only.site is not None:
        # The list of a site's articles is read from an index alone.
        ids = "SELECT id FROM articles WHERE site = ? AND id % ? = 0"
        conditions.add(f"+a.id IN ({ids})", only.site, step)
    if query is None:
        return _Source(_HOURS, conditions)
    matching = Matcher(db).matching(query)
    if matching.full_text is None or matching.conditions:
        return None
    conditions.add("a.id = f.rowid")
    conditions.add("articles_fts MATCH ?", matching.full_text)
    # The matches come in the order of their ids, so that the hours are read in one pass.
    return _Source(f"articles_fts f CROSS JOIN {_HOURS}", conditions, "f.rowid")


def _has_hours(db: sqlite3.Connection) -> bool:
    table = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'publication_hours'").fetchone()
    return table is not None


def _name(found: object, by: By) -> str | None:
    """None too for a time that is less exact than the period, or none."""
    if not isinstance(found, str):
        return None
    if by not in _LENGTHS:
        return found
    return _period(_span(found)[0], by) if _is_calendar(found, by) else None


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _names(
    db: sqlite3.Connection, found: Sequence[Counter[str | None]], only: Filter, by: By
) -> list[str]:
    """The names in the order of the rows."""
    names = {name for name in chain.from_iterable(found) if name is not None}
    if by in PERIODS:
        return _periods(names | _ends(db, only, by), only, by)
    return sorted(names, key=lambda name: ([-counts[name] for counts in found], name))


def _ends(db: sqlite3.Connection, only: Filter, by: By) -> set[str]:
    """Periods in which the site, or the archive, has an article: the first and the last one.

    Days that are less exact than the period are not counted.
    """
    ends = set()
    for newest_first in (False, True):
        for day in published_days(db, only.site, newest_first=newest_first):
            names = _hours_of(db, only.site, day) if by == "hour" else {day[: _LENGTHS[by]]}
            counted = {name for name in names if _is_calendar(name, by)}
            ends |= counted
            if counted:
                break
    return ends


def _hours_of(db: sqlite3.Connection, site: str | None, day: str) -> set[str]:
    rows = db.execute(
        f"SELECT substr(published_local, 1, {_LENGTHS['hour']}) FROM articles"
        f" WHERE revision > 0 AND state NOT IN {HIDDEN} AND site = ifnull(?, site)"
        " AND published_local >= ? AND published_local < ? || 'U'",
        (site, day, day),
    )
    return {row[0] for row in rows}


def _is_calendar(name: str, by: By) -> bool:
    try:
        _span(name)
    except ValueError:
        return False
    return len(name) == _LENGTHS[by]


def _periods(names: set[str], only: Filter, by: By) -> list[str]:
    """Every period from the first to the last one of these, or of the filter."""
    spans = [_span(name) for name in names]
    first = _span(only.since)[0] if only.since else min((span[0] for span in spans), default=None)
    last = _span(only.until)[1] if only.until else max((span[1] for span in spans), default=None)
    if first is None or last is None:
        return []
    count = (last - first) / _LEAST[by]
    if count > MOST_PERIODS:
        raise UsageError(
            f"from {first:%Y-%m-%d} to {last:%Y-%m-%d} there are over {MOST_PERIODS:,} periods",
            "count by longer periods, or add --since and --until",
        )
    step = timedelta(hours=1) if by == "hour" else timedelta(days=1)
    periods = dict.fromkeys(_period(moment, by) for moment in _moments(first, last, step))
    return list(periods)


def _moments(first: datetime, last: datetime, step: timedelta) -> Iterator[datetime]:
    # Not beyond the last one: nothing follows the year 9999.
    for number in range((last - first) // step + 1):
        yield first + number * step


def _period(moment: datetime, by: By) -> str:
    if by == "week":
        return _week(moment.date())
    return moment.isoformat()[: _LENGTHS[by]]


def _span(name: str) -> tuple[datetime, datetime]:
    """The first and the last hour of a period."""
    if "W" in name:
        monday = datetime.fromisoformat(name)
        # The last week of the year 9999 ends before Sunday.
        return monday, monday + min(timedelta(days=6, hours=23), datetime.max - monday)
    if len(name) == _LENGTHS["hour"]:
        hour = datetime.fromisoformat(name)
        return hour, hour
    year, month, day = [*map(int, name.split("-")), 0, 0][:3]
    first = datetime(year, month or 1, day or 1)
    last_month = month or 12
    last_day = day or monthrange(year, last_month)[1]
    return first, datetime(year, last_month, last_day, 23)
