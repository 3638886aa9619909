"""The pages on which a site lists its articles: category pages, feeds and sitemaps."""

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

# The patterns of the names in the template of a sitemap's URL.
_PATTERNS = {
    "year": r"(?P<year>\d{4})",
    "month": r"(?P<month>\d{1,2})",
    "day": r"(?P<day>\d{1,2})",
    "n": r"\d{1,6}",
}
_NAME = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Source:
    """A page with which a crawl begins.

    `category` is the key of the category, if it is the first page or the feed of one.
    """

    kind: Literal["category", "feed", "sitemap"]
    url: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Days in the site's zone, from `first` to before `after`."""

    first: date
    after: date


def ways_of(site: Site) -> tuple[str, ...]:
    """The ways in which articles of the site can be discovered, according to its site file."""
    return tuple(way for way in ("category", "feed", "sitemap") if sources_of(site, (way,), None))


def sources_of(
    site: Site, ways: Collection[str], keys: Collection[str] | None
) -> tuple[Source, ...]:
    """The pages with which a crawl begins.

    With `keys`, these are only pages of the categories with these keys, so no sitemaps.
    """
    sources: list[Source] = []
    if "category" in ways:
        sources += [Source("category", row.url, row.key) for row in site.categories]
    if "feed" in ways:
        sources += feeds_of(site)
    if "sitemap" in ways:
        sources += sitemaps_of(site)
    if keys is None:
        return tuple(sources)
    return tuple(source for source in sources if source.category in keys)


def feeds_of(site: Site) -> tuple[Source, ...]:
    """Every feed of the site file: those of categories, then those without a category."""
    base = site.origin + "/"
    rule = site.model.feeds
    feeds: dict[str, Source] = {}
    for category in site.model.category:
        path = category.feed or _category_path(rule.category, category)
        url = source_url(site, base, path)
        if url is not None:
            feeds.setdefault(url, Source("feed", url, category.key))
    for path in rule.site:
        url = source_url(site, base, path)
        if url is not None:
            feeds.setdefault(url, Source("feed", url))
    return tuple(feeds.values())


def sitemaps_of(site: Site) -> tuple[Source, ...]:
    """The sitemaps, or indexes of sitemaps, with which a crawl begins."""
    paths = site.model.sitemap.url if site.model.sitemap else ()
    urls = [source_url(site, site.origin + "/", path) for path in paths]
    return tuple(Source("sitemap", url) for url in dict.fromkeys(urls) if url is not None)


def source_url(site: Site, base: str, href: str | None) -> str | None:
    """The URL of a feed or sitemap, on the site's origin and with its whole query.

    None if the link does not lead to the site.
    """
    url = absolute(base, href)
    if url is None or not site.owns(url):
        return None
    url = canonical(url, [name for name, _ in parse_qsl(urlsplit(url).query)])
    host = host_of(url)
    if host != host_of(site.origin) and host in site.hosts:
        return url
    return site.origin + path_and_query(url)


def article_at(site: Site, base: str, href: str | None) -> tuple[str, str] | None:
    """(canonical URL, key) of the article that a link leads to; None if it is not an article."""
    url = absolute(base, href)
    if url is None or not site.owns(url):
        return None
    url = site.canonical_url(url)
    key = site.article_key(url)
    return (url, key) if key is not None else None


def leads_away(site: Site, base: str, href: str | None) -> bool:
    """Whether a link leads to a URL that a crawl of this site may not request."""
    url = absolute(base, href)
    return bool(href) and (url is None or not site.owns(url))


def holds_articles(site: Site, url: str) -> bool:
    """Whether a sitemap in an index has articles.

    These are the sitemaps that match a template of the site file, or all if it has no templates.
    """
    templates = _child_templates(site)
    if not templates:
        return True
    path = path_and_query(url)
    return any(_child_pattern(template).fullmatch(path) for template in templates)


def period_of(site: Site, url: str) -> Period | None:
    """The year, month or day of a sitemap's articles, from its URL; None if the URL has none."""
    path = path_and_query(url)
    for template in _child_templates(site):
        match = _child_pattern(template).fullmatch(path)
        if match and "year" in match.groupdict():
            return _period(match.groupdict())
    return None


def _child_templates(site: Site) -> tuple[str, ...]:
    return site.model.sitemap.children if site.model.sitemap else ()


def source_formats(site: Site, kind: Literal["feed", "sitemap"]) -> CompiledFormats:
    """The time formats of a source: its own, then those of the site."""
    rule = site.model.feeds if kind == "feed" else site.model.sitemap
    if rule is None or not rule.formats:
        return site.formats
    return _compiled_formats((*rule.formats, *site.model.formats))


def _category_path(template: str | None, category: Category) -> str | None:
    """The path that a template gives for a category; None if it needs a slug and there is none."""
    if template is None or (category.slug is None and "{slug}" in template):
        return None
    return template.format(slug=category.slug, key=category.key)


def _period(parts: dict[str, str | None]) -> Period | None:
    """The days of the `year`, `month` and `day` in a URL; None if there is no such day."""
    try:
        first = date(*(int(parts.get(name) or 1) for name in ("year", "month", "day")))
        if "month" not in parts:
            return Period(first, first.replace(year=first.year + 1))
        if "day" not in parts:
            return Period(first, (first + timedelta(days=31)).replace(day=1))
        return Period(first, first + timedelta(days=1))
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def _child_pattern(template: str) -> re.Pattern[str]:
    texts_and_names = _NAME.split(template)  # in turn
    pieces = []
    for index, piece in enumerate(texts_and_names):
        is_name = index % 2 == 1
        pieces.append(_PATTERNS[piece] if is_name else re.escape(piece))
    return re.compile("".join(pieces))


@lru_cache(maxsize=256)
def _compiled_formats(formats: tuple[str, ...]) -> CompiledFormats:
    return compile_formats(formats)
