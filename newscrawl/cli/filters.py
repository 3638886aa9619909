"""The options by which search and export choose articles."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from newscrawl.core.errors import UsageError
from newscrawl.core.text import clean_text

if TYPE_CHECKING:
    from newscrawl.store.filters import Filter

F = TypeVar("F", bound=Callable[..., Any])

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
# With an offset, a day outside of these years would have no UTC form of four digits.
FIRST_YEAR, LAST_YEAR = 1000, 9998


def filter_options(command: F) -> F:
    """Adds --site, --category, --since and --until."""
    for option in (
        click.option(
            "--until",
            metavar="DATE",
            help="Only what was published on this day (of the site) or earlier.",
        ),
        click.option(
            "--since",
            metavar="DATE",
            help="Only what was published on this day (of the site) or later.",
        ),
        click.option(
            "--category", metavar="NAME", help="Only this category: its key, slug or name."
        ),
        click.option("--site", metavar="SITE", help="Only this site."),
    ):
        command = option(command)
    return command


def make_filter(
    site: str | None, category: str | None, since: str | None, until: str | None
) -> Filter:
    """The filter that the options ask for; UsageError for a bad day. Names are checked by the store."""
    from newscrawl.store.filters import Filter

    first, last = day_texts(since, until)
    return Filter(
        site=None if site is None else clean_text(site),
        category=None if category is None else clean_text(category),
        since=first,
        until=last,
    )


def day_texts(since: str | None, until: str | None) -> tuple[str | None, str | None]:
    """Both days as the store takes them (`2026-09-01`); UsageError as `days` has it."""
    first, last = days(since, until)
    return first.isoformat() if first else None, last.isoformat() if last else None


def days(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """Both days read; UsageError where one is no day, or they are the wrong way round."""
    first, last = parse_day(since, "--since"), parse_day(until, "--until", end_of_month=True)
    if first and last and last < first:
        raise UsageError(f"--until {last} is before --since {first}", "exchange the two")
    return first, last


def parse_day(
    text: str | None, option: str, *, end_of_month: bool = False, months: bool = True
) -> date | None:
    """A day written `2026-09-01`, or the first (or last) day of a month written `2026-09`; UsageError for others."""
    if text is None:
        return None
    month = MONTH.fullmatch(text) if months else None
    try:
        day = (
            date.fromisoformat(f"{text}-01" if month else text)
            if month or DAY.fullmatch(text)
            else None
        )
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UsageError(
            f"{option} {text[:40]!r}: expected a day such as 2026-09-01"
            + (", or a month such as 2026-09" if months else ""),
            "year, month, day, in this order",
        )
    return (
        (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if month and end_of_month
        else day
    )


def day_after(day: date | None) -> date | None:
    """The next day; None for none."""
    return day + timedelta(days=1) if day else None
