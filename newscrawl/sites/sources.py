"""Where a site lists its articles beside its category pages: its feeds, its sitemaps, and what their addresses say."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from newscrawl.core.times import CompiledFormats, compile_formats
from newscrawl.core.urls import absolute, canonical, host_of, path_and_query
from newscrawl.sites.schema import Category
from newscrawl.sites.site import Site

_PARTS = {
    "year": r"(?P<year>\d{4})",
    "month": r"(?P<month>\d{1,2})",
    "day": r"(?P<day>\d{1,2})",
    "n": r"\d{1,6}",
}
_PLACE = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Source:
    """A page that a crawl begins with; `category` is the key of the category whose first page or feed it is."""

    kind: Literal["category", "feed", "sitemap"]
    url: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the site: from `first` to before `after`."""

    first: date
    after: date


def ways_of(site: Site) -> tuple[str, ...]:
    """How articles of the site can be discovered, by its site file."""
    return tuple(way for way in ("category", "feed", "sitemap") if sources_of(site, (way,), None))


def sources_of(
    site: Site, ways: Collection[str], keys: Collection[str] | None
) -> tuple[Source, ...]:
    """What a crawl begins with. With `keys` only what says of which category an article is: no sitemaps."""
    pages = (
        [Source("category", row.url, row.key) for row in site.categories]
        if "category" in ways
        else []
    )
    feeds = feeds_of(site) if "feed" in ways else ()
    found = [source for source in (*pages, *feeds) if keys is None or source.category in keys]
    maps = sitemaps_of(site) if "sitemap" in ways and keys is None else ()
    return (*found, *maps)


def feeds_of(site: Site) -> tuple[Source, ...]:
    """Every feed of the site file: each category's, then those of no category."""
    base, rule = site.origin + "/", site.model.feeds
    found: dict[str, Source] = {}
    for category in site.model.category:
        if (
            url := source_url(site, base, category.feed or _formed(rule.category, category))
        ) is not None:
            found.setdefault(url, Source("feed", url, category.key))
    for path in rule.site:
        if (url := source_url(site, base, path)) is not None:
            found.setdefault(url, Source("feed", url))
    return tuple(found.values())


def sitemaps_of(site: Site) -> tuple[Source, ...]:
    """The sitemaps, or indexes of them, that a crawl begins with."""
    paths = site.model.sitemap.url if site.model.sitemap else ()
    urls = [source_url(site, site.origin + "/", path) for path in paths]
    return tuple(Source("sitemap", url) for url in dict.fromkeys(urls) if url is not None)


def source_url(site: Site, base: str, href: str | None) -> str | None:
    """The address of a feed or sitemap as it is asked for: on the site's origin, its whole query kept; else None."""
    url = absolute(base, href)
    if url is None or not site.owns(url):
        return None
    url = canonical(url, [name for name, _ in parse_qsl(urlsplit(url).query)])
    elsewhere = host_of(url) != host_of(site.origin) and host_of(url) in site.hosts
    return url if elsewhere else site.origin + path_and_query(url)


def article_at(site: Site, base: str, href: str | None) -> tuple[str, str] | None:
    """(canonical address, key) of the article that a source names, its tracking parameters left out; else None."""
    url = absolute(base, href)
    if url is None or not site.owns(url):
        return None
    url = site.canonical_url(url)
    key = site.article_key(url)
    return (url, key) if key is not None else None


def leads_away(site: Site, base: str, href: str | None) -> bool:
    """Whether an address is none that a crawl of this site may ask for."""
    url = absolute(base, href)
    return bool(href) and (url is None or not site.owns(url))


def holds_articles(site: Site, url: str) -> bool:
    """Whether a sitemap that an index names is one of those the site file describes; all are where it has no forms."""
    forms = site.model.sitemap.children if site.model.sitemap else ()
    return not forms or any(_child_pattern(form).fullmatch(path_and_query(url)) for form in forms)


def period_of(site: Site, url: str) -> Period | None:
    """The year, month or day whose articles a sitemap holds, by its address; None where the address says none."""
    for form in site.model.sitemap.children if site.model.sitemap else ():
        found = _child_pattern(form).fullmatch(path_and_query(url))
        if found and "year" in found.groupdict():
            return _period(found.groupdict())
    return None


def source_formats(site: Site, kind: Literal["feed", "sitemap"]) -> CompiledFormats:
    """How a source prints times: its own formats before the site's."""
    own = (
        site.model.feeds.formats
        if kind == "feed"
        else site.model.sitemap.formats
        if site.model.sitemap
        else ()
    )
    return _formats((*own, *site.model.formats)) if own else site.formats


def _formed(form: str | None, category: Category) -> str | None:
    if form is None or (category.slug is None and "{slug}" in form):
        return None
    return form.format(slug=category.slug, key=category.key)


def _period(parts: dict[str, str | None]) -> Period | None:
    year, month, day = (
        int(parts[name] or 0) if name in parts else None for name in ("year", "month", "day")
    )
    try:
        first = date(year or 0, 1 if month is None else month, 1 if day is None else day)
        if month is None:
            return Period(first, first.replace(year=first.year + 1))
        if day is None:
            return Period(first, (first + timedelta(days=31)).replace(day=1))
        return Period(first, first + timedelta(days=1))
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def _child_pattern(form: str) -> re.Pattern[str]:
    pieces = _PLACE.split(form)
    return re.compile(
        "".join(_PARTS[piece] if n % 2 else re.escape(piece) for n, piece in enumerate(pieces))
    )


@lru_cache(maxsize=256)
def _formats(formats: tuple[str, ...]) -> CompiledFormats:
    return compile_formats(formats)
