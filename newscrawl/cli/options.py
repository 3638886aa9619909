"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

import click

from newscrawl.core.errors import UsageError
from newscrawl.core.text import clean_text

if TYPE_CHECKING:
    from newscrawl.store.filters import Filter

F = TypeVar("F", bound=Callable[..., Any])
PASSWORD_VARIABLE = "NEWSCRAWL_QUEUE_PASSWORD"

_WHAT = (
    click.option(
        "--category",
        "categories",
        metavar="KEY",
        multiple=True,
        help="Only this category (key or slug); repeatable.",
    ),
    click.option(
        "--since",
        metavar="DATE",
        help="Only articles published on this day (or in this month) or later.",
    ),
    click.option(
        "--until",
        metavar="DATE",
        help="Only articles published on this day (or in this month) or earlier.",
    ),
    click.option(
        "--discover",
        metavar="WAYS",
        default="category",
        show_default=True,
        help="How articles are found: any of category, feed, sitemap, divided by commas.",
    ),
    click.option(
        "--max-pages", type=click.IntRange(1), metavar="N", help="At most N pages of each category."
    ),
    click.option(
        "--limit", type=click.IntRange(1), metavar="N", help="At most N articles of each site."
    ),
    click.option(
        "--max-requests",
        type=click.IntRange(1),
        metavar="N",
        help="Ask each site for at most N pages in all.",
    ),
    click.option(
        "--max-minutes",
        type=click.FloatRange(0, min_open=True),
        metavar="N",
        help="Begin no page after that.",
    ),
    click.option("--full", is_flag=True, help="Do not stop at pages that are known."),
    click.option(
        "--refetch", is_flag=True, help="Ask again, conditionally, for every stored article."
    ),
    click.option("--no-warc", is_flag=True, help="Do not keep the raw pages."),
    click.option(
        "--base-url", metavar="URL", help="Crawl a mirror: URL replaces the site file's origin."
    ),
)
_HOW = (
    click.option(
        "--set",
        "overrides",
        metavar="KEY=VALUE",
        multiple=True,
        help="A Scrapy setting; repeatable.",
    ),
    click.option("--quiet", is_flag=True, help="Print one line a site: for cron."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
)


def what_to_crawl(command: F) -> F:
    """Adds the options that choose pages."""
    return _with(command, _WHAT)


def how_to_run(command: F) -> F:
    """Adds --set, --quiet and --json."""
    return _with(command, _HOW)


def with_password(url: str, environ: Mapping[str, str]) -> str:
    """The queue's address; its password from the environment, where it does not stand in the list of processes."""
    password = environ.get(PASSWORD_VARIABLE)
    scheme, separator, rest = url.partition("://")
    if not password or not separator or "@" in urlsplit(url).netloc:
        return url
    return f"{scheme}://:{quote(password, safe='')}@{rest}"


def _with(command: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def jobs_option(command: F) -> F:
    """Adds --jobs; None where it is not given: the cores, but one process where starting others costs more."""
    text = "Processes to use.  [default: the cores]"
    return click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help=text)(command)


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
