"""Days in the time zones of the sites, as spans of UTC text that SQL can compare."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from newscrawl.core.times import from_utc_text, to_utc_text

FIRST, LAST = "0000", "9999"  # before and after every time
_ZONE = "ifnull(nullif(timezone, ''), 'UTC')"
# The sites of a zone of zone_bounds().
IN_ZONE = f"site IN (SELECT site FROM sites WHERE {_ZONE} = ?)"


def zone_of(db: sqlite3.Connection, site: str) -> ZoneInfo:
    """A site's time zone; UTC if the archive does not know it."""
    row = db.execute("SELECT timezone FROM sites WHERE site = ?", (site,)).fetchone()
    return ZoneInfo(row[0] or "UTC")


def local_text(utc: str, zone: ZoneInfo) -> str:
    """`2026-09-01 10:00` in a zone, from UTC text."""
    return from_utc_text(utc).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def day_bounds(day: date, zone: ZoneInfo) -> tuple[str, str]:
    """The first moment of the day and of the next day, as UTC text."""
    return _start_of(day, zone), _start_of(day + timedelta(days=1), zone)


def _start_of(day: date, zone: ZoneInfo) -> str:
    return to_utc_text(datetime.combine(day, time(), zone).astimezone(UTC))


def spans(db: sqlite3.Connection, since: str | None, until: str | None) -> tuple[str, list[str]]:
    """A WITH part with `span(site, first, after)`, and its values: three for each time zone.

    For each site it has the moments at which the days from `since` to `until` begin and end.
    """
    zones = zone_bounds(db, since, until)
    if not zones:
        return "span(site, first, after) AS (SELECT NULL, NULL, NULL WHERE 0)", []
    rows = ", ".join(["(?, ?, ?)"] * len(zones))
    values = list(chain.from_iterable(zones))
    return (
        f"zone(name, first, after) AS (VALUES {rows}),"
        " span(site, first, after) AS ("
        f"SELECT site, first, after FROM sites JOIN zone ON zone.name = {_ZONE})",
        values,
    )


def zone_bounds(
    db: sqlite3.Connection, since: str | None, until: str | None
) -> list[tuple[str, str, str]]:
    """Each time zone of the sites, with bounds() in it."""
    names = [row[0] for row in db.execute(f"SELECT DISTINCT {_ZONE} FROM sites")]
    return [(name, *bounds(ZoneInfo(name), since, until)) for name in names]


def bounds(zone: ZoneInfo, since: str | None, until: str | None) -> tuple[str, str]:
    """The moments at which the days from `since` to `until` begin and end; None is no limit."""
    first = day_bounds(date.fromisoformat(since), zone)[0] if since else FIRST
    after = day_bounds(date.fromisoformat(until), zone)[1] if until else LAST
    return first, after
