"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

import click
from click.shell_completion import CompletionItem

from newscrawl.cli.app import App
from newscrawl.cli.rows import AnyCount
from newscrawl.core.days import day_texts
from newscrawl.core.text import clean_text

if TYPE_CHECKING:
    from newscrawl.store.filters import Filter

F = TypeVar("F", bound=Callable[..., Any])
PASSWORD_VARIABLE = "NEWSCRAWL_QUEUE_PASSWORD"


class _Site(click.ParamType[str]):
    """The name of a site, which a shell completes. Commands check later whether it exists."""

    name = "site"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from newscrawl.sites.loading import available_sites

        names = available_sites(ctx.ensure_object(App).archive)
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


class QueryCommand(click.Command):
    """Takes a word that begins with one dash as a part of the query."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        # click takes an argument that begins with a space for a word.
        words = [f" {arg}" if _is_excluded_word(arg) else arg for arg in args[:end]]
        return super().parse_args(ctx, words + args[end:])


def _is_excluded_word(argument: str) -> bool:
    return argument.startswith("-") and not argument.startswith("--") and argument != "-"


SITE = _Site()
_WHAT_TO_CRAWL = (
    click.option(
        "--category",
        "categories",
        metavar="KEY",
        multiple=True,
        help="Crawl only this category (key, slug or name); repeatable.",
    ),
    click.option(
        "--since",
        metavar="DATE",
        help="Only articles published on or after DATE: 2026-09-01, 2026-09, yesterday or 7d.",
    ),
    click.option("--until", metavar="DATE", help="Only articles published on or before DATE."),
    click.option(
        "--discover",
        metavar="SOURCES",
        help="How to find articles: category, feed, sitemap, or several separated by commas."
        "  [default: category]",
    ),
    click.option(
        "--max-pages",
        type=click.IntRange(1),
        metavar="N",
        help="Read at most N pages of each category.",
    ),
    click.option(
        "--limit", type=click.IntRange(1), metavar="N", help="Fetch at most N articles per site."
    ),
    click.option(
        "--max-requests",
        type=click.IntRange(1),
        metavar="N",
        help="Request at most N pages of any kind per site.",
    ),
    click.option(
        "--max-minutes",
        type=click.FloatRange(0, min_open=True),
        metavar="N",
        help="Start no new request after N minutes.",
    ),
    click.option(
        "--full", is_flag=True, help="Read all category pages, even if they list nothing new."
    ),
    click.option(
        "--refetch",
        is_flag=True,
        help="Fetch every stored article again, with conditional requests.",
    ),
    click.option("--no-warc", is_flag=True, help="Do not store raw pages."),
    click.option(
        "--base-url", metavar="URL", help="Crawl the mirror at URL instead of the site itself."
    ),
)
_HOW_TO_RUN = (
    click.option(
        "--set",
        "overrides",
        metavar="KEY=VALUE",
        multiple=True,
        help="Change a Scrapy setting; repeatable.",
    ),
    click.option("--quiet", is_flag=True, help="Print one line per site, for cron."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
)
_FILTERS = (
    click.option("--site", type=SITE, metavar="SITE", help="Only articles from this site."),
    click.option(
        "--category", metavar="NAME", help="Only articles in this category (key, slug or name)."
    ),
    click.option(
        "--since",
        metavar="DATE",
        help="Only articles published on or after DATE, in the site's time zone.",
    ),
    click.option(
        "--until",
        metavar="DATE",
        help="Only articles published on or before DATE, in the site's time zone.",
    ),
)
_FACTS = (
    click.option(
        "--author", metavar="NAME", help="Only articles by this author (a name, or words of it)."
    ),
    click.option("--tag", metavar="NAME", help="Only articles with this tag (or words of it)."),
    click.option(
        "--min-words", type=AnyCount(0), metavar="N", help="Only texts of at least N words."
    ),
    click.option(
        "--max-words", type=AnyCount(0), metavar="N", help="Only texts of at most N words."
    ),
    click.option(
        "--revised/--not-revised",
        default=None,
        help="Only articles with more than one revision, or with only one.",
    ),
    click.option(
        "--gone/--not-gone",
        default=None,
        help="Only articles that are no longer on their site, or that still are.",
    ),
)


def what_to_crawl(command: F) -> F:
    """Adds the options of `crawl` and `collect` that choose pages."""
    return _with(_WHAT_TO_CRAWL, command)


def how_to_run(command: F) -> F:
    """Adds --set, --quiet and --json."""
    return _with(_HOW_TO_RUN, command)


def fact_options(command: F) -> F:
    """Adds --author, --tag, --min-words, --max-words, --revised and --gone, for make_filter()."""
    return _with(_FACTS, command)


def filter_options(command: F) -> F:
    """Adds --site, --category, --since and --until, for make_filter()."""
    return _with(_FILTERS, command)


def json_option(text: str = "Print JSON.") -> Callable[[F], F]:
    """Adds --json; `text` is its help."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def jobs_option(command: F) -> F:
    """Adds --jobs. None, the default, is a process per core, or one where more would be slower."""
    return click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Number of processes.  [default: one per core]",
    )(command)


def _with(options: tuple[Callable[[F], F], ...], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def make_filter(
    app: App,
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    **facts: Any,
) -> Filter:
    """The filter of filter_options(), and of fact_options().

    UsageError for a bad day; the store checks the names.
    """
    from newscrawl.store.filters import Filter

    first, last = day_texts(since, until, app.today)
    return Filter(
        site=None if site is None else clean_text(site),
        category=None if category is None else clean_text(category),
        since=first,
        until=last,
        **facts,
    )


def with_password(url: str, environ: Mapping[str, str]) -> str:
    """The queue's URL with the password from the environment, unless the URL has one itself.

    On the command line the password would show in the list of processes.
    """
    password = environ.get(PASSWORD_VARIABLE)
    scheme, separator, rest = url.partition("://")
    if not password or not separator or "@" in urlsplit(url).netloc:
        return url
    return f"{scheme}://:{quote(password, safe='')}@{rest}"
