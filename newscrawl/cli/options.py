"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

import click

from newscrawl.core.days import day_texts
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
