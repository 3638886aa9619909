"""Days of the sites' own time zones, as spans of UTC text that SQL can compare with."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newscrawl.core.times import from_utc_text, to_utc_text

FIRST, LAST = "0000", "9999"  # before and after every time


def zone_of(db: sqlite3.Connection, site: str) -> ZoneInfo:
    """A site's time zone; UTC where the archive does not know it."""
    row = db.execute("SELECT timezone FROM sites WHERE site = ?", (site,)).fetchone()
    return ZoneInfo(row[0] or "UTC")


def local_text(utc: str, zone: ZoneInfo) -> str:
    """`2026-09-01 10:00` on the clock of a zone."""
    return from_utc_text(utc).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def day_bounds(day: date, zone: ZoneInfo) -> tuple[str, str]:
    """The day's first moment and the next day's, as UTC text."""
    first, second = (
        datetime.combine(each, time(), zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return to_utc_text(first), to_utc_text(second)


def spans(db: sqlite3.Connection, since: str | None, until: str | None) -> tuple[str, list[str]]:
    """A WITH part `span(site, first, after)`: when the days from `since` to `until` begin and end at each site."""
    rows = []
    for (site,) in db.execute("SELECT site FROM sites ORDER BY site").fetchall():
        zone = zone_of(db, site)
        first = day_bounds(date.fromisoformat(since), zone)[0] if since else FIRST
        after = day_bounds(date.fromisoformat(until), zone)[1] if until else LAST
        rows.append((site, first, after))
    if not rows:
        return "span(site, first, after) AS (SELECT NULL, NULL, NULL WHERE 0)", []
    values = ", ".join(["(?, ?, ?)"] * len(rows))
    return f"span(site, first, after) AS (VALUES {values})", [
        value for row in rows for value in row
    ]
