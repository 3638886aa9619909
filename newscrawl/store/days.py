"""Days in the time zones of the sites, as spans of UTC text that SQL can compare."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.store.known_names import site_names

FIRST, LAST = "0000", "9999"  # before and after every time


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
    """A WITH part `span(site, first, after)` and its values.

    For each site it has the moments at which the days from `since` to `until` begin and end.
    """
    values: list[str] = []
    sites = site_names(db)
    for site in sites:
        zone = zone_of(db, site)
        first = day_bounds(date.fromisoformat(since), zone)[0] if since else FIRST
        after = day_bounds(date.fromisoformat(until), zone)[1] if until else LAST
        values += [site, first, after]
    if not sites:
        return "span(site, first, after) AS (SELECT NULL, NULL, NULL WHERE 0)", []
    rows = ", ".join(["(?, ?, ?)"] * len(sites))
    return f"span(site, first, after) AS (VALUES {rows})", values
