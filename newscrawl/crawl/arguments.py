"""The options of a crawl, checked against the site.

They come from the options of `newscrawl crawl` or the arguments of `scrapy crawl -a`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from newscrawl.core.days import day_range
from newscrawl.core.errors import UsageError
from newscrawl.crawl.options import WAYS, CrawlOptions
from newscrawl.sites.config import Config, SiteRange, load_config
from newscrawl.sites.site import Site
from newscrawl.sites.sources import ways_of

DEFAULT_WAY = "category"
YES, NO = ("1", "true", "yes"), ("0", "false", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of a crawl as the user wrote them, before they are checked against a site."""

    categories: tuple[str, ...] = ()
    discover: str | None = None  # None: as in newscrawl.toml, or else by category pages
    since: str | None = None
    until: str | None = None
    max_pages: int | None = None
    limit: int | None = None
    max_requests: int | None = None
    max_minutes: float | None = None
    full: bool = False
    refetch: bool = False
    no_warc: bool = False
    due: bool = False
    base_url: str | None = None
    urls: tuple[str, ...] = ()


def options_for(
    site: Site, asked: Asked, *, config: Config, now: datetime, retry_pause: float = 1.0
) -> CrawlOptions:
    """The options for the crawl of one site.

    The site's range in newscrawl.toml applies to what `asked` leaves open, and its hours if the
    site file has none. A mirror has no hours. With `urls` nothing is discovered, so neither ranges
    nor ways nor days are used. Days such as `7d` are counted from the day of `now`, an instant, in
    the site's time zone. Raises UsageError, before anything is fetched, for an option that the site
    does not support.
    """
    if not asked.urls:
        asked = within_range(asked, config.range.get(site.name))
    options = CrawlOptions(
        categories=asked.categories,
        discover=read_ways(asked.discover or DEFAULT_WAY),
        max_pages=asked.max_pages,
        limit=asked.limit,
        full=asked.full,
        refetch=asked.refetch,
        urls=asked.urls,
        base_url=asked.base_url,
        warc=not asked.no_warc,
        retry_pause=retry_pause,
        max_requests=asked.max_requests,
        max_minutes=asked.max_minutes,
        due=asked.due,
    )
    if not asked.urls:
        since, until = day_range(asked.since, asked.until, site.timezone, now)
        discover = _ways_of_site(site, options)
        options = replace(options, discover=discover, since=since, until=until)
    if asked.base_url is not None:
        return options
    return replace(options, hours=site.politeness.hours or config.politeness.hours)


def options_from_arguments(
    site: Site, arguments: Mapping[str, str], folder: Path, *, now: datetime, retry_pause: float
) -> CrawlOptions:
    """The options of `scrapy crawl -a NAME=VALUE`, with the newscrawl.toml of `folder`."""
    return options_for(
        site,
        read_arguments(arguments),
        config=load_config(folder, os.environ),
        now=now,
        retry_pause=retry_pause,
    )


def within_range(asked: Asked, limits: SiteRange | None) -> Asked:
    """What was asked, with the limits of newscrawl.toml where no option was given."""
    if limits is None:
        return asked
    return replace(
        asked,
        since=asked.since or limits.since,
        max_pages=asked.max_pages or limits.max_pages,
        categories=asked.categories or limits.categories,
        discover=asked.discover or ",".join(limits.discover) or None,
    )


def read_ways(text: str) -> tuple[str, ...]:
    """The sources in `feed,category`, in the order in which a crawl uses them.

    UsageError for any other word.
    """
    words = {word.strip() for word in text.split(",")}
    unknown = sorted(words - set(WAYS))
    if unknown:
        raise UsageError(
            f"--discover {text[:40]!r}: unknown source {unknown[0]!r}",
            f"the sources are {', '.join(WAYS)}",
        )
    return tuple(way for way in WAYS if way in words)


def _ways_of_site(site: Site, options: CrawlOptions) -> tuple[str, ...]:
    site.category_keys(options.categories)
    if options.base_url is not None:
        site.rebased(options.base_url)
    if options.categories and "sitemap" in options.discover:
        raise UsageError(
            "--category with --discover sitemap:"
            " a sitemap does not contain the category of an article",
            "use only one of the two",
        )
    available = ways_of(site)
    ways = tuple(way for way in options.discover if way in available)
    if not ways:
        raise UsageError(
            f"the site file of {site.name} contains no {' and no '.join(options.discover)}",
            f"available: --discover {','.join(available)}",
        )
    return ways


def read_arguments(arguments: Mapping[str, str]) -> Asked:
    """The arguments of `scrapy crawl -a NAME=VALUE`: the options of `crawl`, with underscores.

    UsageError for an unknown name (it lists the known ones) and for a value of the wrong kind.
    """
    values: dict[str, object] = {}
    for name, text in arguments.items():
        if name not in ARGUMENTS:
            known = ", ".join(sorted(ARGUMENTS))
            raise UsageError(
                f"unknown spider argument {name[:40]!r}", f"the arguments are: {known}"
            )
        field, read = ARGUMENTS[name]
        try:
            values[field] = read(text)
        except ValueError as error:
            raise UsageError(
                f"-a {name}={text[:40]}: {error}", "see: newscrawl crawl --help"
            ) from error
    return Asked(**values)  # type: ignore[arg-type]


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ValueError("expected a whole number of at least 1")
    return int(text)


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < float("inf"):
        raise ValueError("expected a number greater than 0")
    return minutes


def _flag(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError("expected 1 or 0")
    return text.lower() in YES


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _text(text: str) -> str:
    return text


def _urls(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Argument -> the field of Asked, and the function that reads its text.
ARGUMENTS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "category": ("categories", _list),
    "discover": ("discover", _text),
    "since": ("since", _text),
    "until": ("until", _text),
    "max_pages": ("max_pages", _count),
    "limit": ("limit", _count),
    "max_requests": ("max_requests", _count),
    "max_minutes": ("max_minutes", _minutes),
    "full": ("full", _flag),
    "refetch": ("refetch", _flag),
    "no_warc": ("no_warc", _flag),
    "base_url": ("base_url", _text),
    "url": ("urls", _urls),
}
