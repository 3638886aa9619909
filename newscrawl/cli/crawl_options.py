"""The options that say what to crawl: the same for `crawl` and for `collect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlsplit

import click

Decorated = TypeVar("Decorated", bound=Callable[..., object])
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


def what_to_crawl(command: Decorated) -> Decorated:
    """Adds the options that choose pages."""
    return _with(command, _WHAT)


def how_to_run(command: Decorated) -> Decorated:
    """Adds --set, --quiet and --json."""
    return _with(command, _HOW)


def with_password(url: str, environ: Mapping[str, str]) -> str:
    """The queue's address; its password from the environment, where it does not stand in the list of processes."""
    password = environ.get(PASSWORD_VARIABLE)
    scheme, separator, rest = url.partition("://")
    if not password or not separator or "@" in urlsplit(url).netloc:
        return url
    return f"{scheme}://:{quote(password, safe='')}@{rest}"


def _with(command: Decorated, options: tuple[Callable[[Decorated], Decorated], ...]) -> Decorated:
    for option in reversed(options):
        command = option(command)
    return command
