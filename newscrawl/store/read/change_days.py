"""How many changes were seen on each day."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from newscrawl.store.days import day_bounds
from newscrawl.store.indexes import revised_ids
from newscrawl.store.read.sites import named_sites

# The index of revisions after the first has the times alone: without a site, no article is read.
_TIMES = """
    SELECT fetched_at FROM revisions INDEXED BY revisions_changed
    WHERE revision > 1 AND fetched_at >= ? AND fetched_at < ?
"""
_TIMES_OF_SITES = """
    SELECT a.site, r.fetched_at FROM revisions r INDEXED BY revisions_changed
    CROSS JOIN articles a ON a.id = r.article_id
    WHERE r.revision > 1 AND r.fetched_at >= ? AND r.fetched_at < ?
"""
_TIMES_OF_SITE = """
    SELECT fetched_at FROM revisions INDEXED BY revisions_changed
    WHERE revision > 1 AND fetched_at >= ? AND fetched_at < ? AND article_id IN ({revised_ids})
"""
_GONE = """
    SELECT site, gone_at FROM articles INDEXED BY articles_gone
    WHERE gone_at IS NOT NULL AND revision > 0 AND gone_at >= ? AND gone_at < ?
"""


def change_days(
    db: sqlite3.Connection, first: date, last: date, site: str | None = None
) -> Mapping[str, int]:
    """The changes of each day from the first to the last, in the zones of their sites."""
    zones = {each.site: each.zone for each in named_sites(db)}
    starts = {zone: _starts(first, last, ZoneInfo(zone)) for zone in set(zones.values())}
    if not starts:
        return {}
    earliest = min(days[0] for days in starts.values())
    latest = max(days[-1] for days in starts.values())
    counts: Counter[int] = Counter()
    if site is None and len(starts) == 1:
        days = next(iter(starts.values()))
        for (moment,) in db.execute(_TIMES, (earliest, latest)):
            counts[bisect_right(days, moment)] += 1
    elif site is None:
        for its_site, moment in db.execute(_TIMES_OF_SITES, (earliest, latest)):
            counts[bisect_right(starts[zones[its_site]], moment)] += 1
    else:
        times = _TIMES_OF_SITE.format(revised_ids=revised_ids(db))
        for (moment,) in db.execute(times, (earliest, latest, site)):
            counts[bisect_right(starts[zones[site]], moment)] += 1
    for its_site, moment in db.execute(_GONE, (earliest, latest)):
        if site in (None, its_site):
            counts[bisect_right(starts[zones[its_site]], moment)] += 1
    length = (last - first).days + 1
    return {
        (first + timedelta(days=number - 1)).isoformat(): count
        for number, count in counts.items()
        if 1 <= number <= length
    }


def _starts(first: date, last: date, zone: ZoneInfo) -> Sequence[str]:
    """The first moments of the days, and of the day after, as UTC text."""
    length = (last - first).days + 2
    return [day_bounds(first + timedelta(days=number), zone)[0] for number in range(length)]


def last_change(db: sqlite3.Connection) -> str | None:
    """When the newest change was seen (UTC text); None if none was."""
    revised = db.execute(
        "SELECT max(fetched_at) FROM revisions INDEXED BY revisions_changed WHERE revision > 1"
    ).fetchone()[0]
    gone = db.execute(
        "SELECT max(gone_at) FROM articles INDEXED BY articles_gone"
        " WHERE gone_at IS NOT NULL AND revision > 0"
    ).fetchone()[0]
    return max(filter(None, (revised, gone)), default=None)
