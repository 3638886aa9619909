"""A site as described by its file: hosts, URLs of articles and categories, times, politeness."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import regex

from newscrawl.core.errors import UsageError
from newscrawl.core.records import HOME, CategoryRow, SiteRow
from newscrawl.core.text import fold
from newscrawl.core.times import CompiledFormats, compile_formats
from newscrawl.core.urls import (
    absolute,
    canonical,
    host_of,
    masked,
    origin_of,
    path_and_query,
    web_host,
)
from newscrawl.sites.schema import Category, SiteModel, SitePoliteness
from newscrawl.sites.selectors import is_costly
from newscrawl.sites.values import duration

# Matching a URL takes microseconds, but the rules of a bad or malicious site file may take forever.
MATCH_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class SiteCategory:
    """A category to crawl. `url` is the absolute URL of its first page."""

    key: str
    slug: str | None
    name: str | None
    url: str
    feed: str | None = None


@dataclass(frozen=True, slots=True)
class ListLimits:
    """The shortest and the longest time between two requests of a list."""

    shortest: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """The parts of a category page's URL. `page` counts from 1.

    `slug` is None if the URL has none.
    """

    key: str
    slug: str | None
    page: int


class _UrlCache:
    """The results for the last URLs of a site, because its pages repeat the same links."""

    def __init__(self, site: Site) -> None:
        cached = lru_cache(maxsize=2_048)
        self.canonical_url = cached(site._canonical_url)
        self.article_key = cached(site._article_key)
        self.category_of = cached(site._category_of)
        self.category_link = cached(site._category_link)


@dataclass(frozen=True)
class Site:
    """A checked and compiled site file. `origin` is the mirror's if the site is crawled there."""

    model: SiteModel
    origin: str

    @staticmethod
    def load(name: str, folder: str | PathLike[str] | None = None) -> Site:
        """The site of a site file: one of the package's, or of the `sites/` of an archive's folder.

        UsageError if there is none of that name, SiteFileError, with all problems, if it is
        invalid.
        """
        from newscrawl.sites.loading import load_site

        return load_site(name, None if folder is None else Path(folder))

    @cached_property
    def name(self) -> str:
        return self.model.name

    @property
    def title(self) -> str:
        return self.model.title

    @property
    def domain(self) -> str:
        return self.model.domain

    @property
    def generic(self) -> bool:
        """Whether there is no site file, so that pages are read by what all news pages share."""
        return False

    @property
    def language(self) -> str | None:
        return self.model.language

    @cached_property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.model.timezone)

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of printed times without an offset; None if it is unknown."""
        return self.timezone

    @cached_property
    def has_costly_selectors(self) -> bool:
        """Whether a selector of the site may take more than linear time."""
        return any(map(is_costly, _texts(self.model.model_dump())))

    @cached_property
    def pickled(self) -> bytes:
        """The site for another process, without what it has cached."""
        return pickle.dumps(self, pickle.HIGHEST_PROTOCOL)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.model, self.origin)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Every `host[:port]` that a crawl may connect to; for a mirror, only the mirror."""
        if self.origin != self.model.origin:
            return frozenset({host_of(self.origin)})
        return self._own_hosts

    @cached_property
    def _own_hosts(self) -> frozenset[str]:
        """The hosts of links to the site. The pages of a mirror may link to the site itself."""
        return frozenset({host_of(self.origin), host_of(self.model.origin), *self.model.hosts})

    @cached_property
    def formats(self) -> CompiledFormats:
        return compile_formats(self.model.formats)

    @cached_property
    def revisit(self) -> tuple[timedelta, ...]:
        """The ages, since the first fetch, at which an article is fetched again."""
        return tuple(duration(text) for text in self.model.revisit)

    @cached_property
    def lists(self) -> ListLimits:
        """How often a list may be requested by a crawl of what is due, and how seldom."""
        times = self.model.lists
        return ListLimits(duration(times.min), duration(times.max))

    @property
    def politeness(self) -> SitePoliteness:
        return self.model.politeness

    def as_row(self) -> SiteRow:
        """The row of this site in the archive, with its categories."""
        categories = tuple(
            CategoryRow(category.key, category.slug, category.name, category.url)
            for category in self.categories
        )
        return SiteRow(
            site=self.name,
            name=self.title,
            domain=self.domain,
            language=self.language,
            timezone=str(self.zone) if self.zone else None,
            categories=categories,
        )

    def category_keys(self, requested: tuple[str, ...]) -> frozenset[str] | None:
        """The keys of the categories with these keys, slugs or names; None (all) if none is given.

        Names are compared without case and marks. UsageError for an unknown one; it lists the
        categories of the site.
        """
        if not requested:
            return None
        keys: set[str] = set()
        for text in requested:
            found = self._categories_called(text)
            if not found:
                known = ", ".join(_key_and_slug(category) for category in self.categories)
                hint = f"its categories are: {known}"
                raise UsageError(f"{self.name} has no category {text!r}", hint)
            keys.update(category.key for category in found)
        return frozenset(keys)

    def _categories_called(self, text: str) -> list[SiteCategory]:
        """The categories with this key or slug, else those with this name."""
        found = [category for category in self.categories if text in (category.key, category.slug)]
        if found:
            return found
        name = fold(text)
        return [
            category
            for category in self.categories
            if category.name is not None and fold(category.name) == name
        ]

    @property
    def legacy_tls(self) -> bool:
        return self.model.legacy_tls

    @property
    def max_pages(self) -> int | None:
        return self.model.max_pages

    @property
    def verified(self) -> bool:
        """Whether every part of the file was checked on a real page."""
        if self.model.unverified:
            return False
        templates = [template.unverified for template in self.model.template]
        listings = [listing.unverified for listing in self.model.listing]
        return not any(templates + listings)

    @cached_property
    def categories(self) -> tuple[SiteCategory, ...]:
        """The categories that a crawl reads, in its order: the home page first.

        A category of the site file that has the key or the URL of the home page takes its place.
        """
        categories = tuple(self._category(category) for category in self.model.category)
        home = self._home
        if home is None or any(home.key == row.key or home.url == row.url for row in categories):
            return categories
        return (home, *categories)

    @cached_property
    def _home(self) -> SiteCategory | None:
        """The home page as a category; None if the site file does not name it."""
        if self.model.home is None:
            return None
        return SiteCategory(HOME, None, self.model.home.name, self.home_url)

    @cached_property
    def home_url(self) -> str:
        """The canonical URL of the home page, on the mirror if the site is crawled there."""
        path = self.model.home.path if self.model.home else "/"
        return self.canonical_url(self.origin + path)

    def is_home(self, url: str) -> bool:
        """Whether a URL is that of the home page, on any host of the site."""
        return self.owns(url) and self.canonical_url(url) == self.home_url

    def _category(self, category: Category) -> SiteCategory:
        base = self.origin + "/"
        path = category.url
        if not path:
            start = self.model.category_start or ""
            path = start.format(slug=category.slug, key=category.key)
        url = self.canonical_url(absolute(base, path) or self.origin)
        feed = absolute(base, category.feed)
        return SiteCategory(category.key, category.slug, category.name, url, feed)

    @cached_property
    def _article_url(self) -> regex.Pattern[str]:
        return regex.compile(self.model.article_url)

    @cached_property
    def _category_url(self) -> regex.Pattern[str] | None:
        return regex.compile(self.model.category_url) if self.model.category_url else None

    @cached_property
    def _category_slugs(self) -> dict[str, str]:
        return {category.slug: category.key for category in self.model.category if category.slug}

    def owns(self, url: str) -> bool:
        """Whether a URL is on one of the site's hosts."""
        try:
            return web_host(url) in self._own_hosts
        except ValueError:  # an invalid URL
            return False

    def canonical_url(self, url: str) -> str:
        """The canonical form of a URL; on any host of the site, it gets the site's origin.

        An invalid URL is returned unchanged.
        """
        return self._cache.canonical_url(url)

    @cached_property
    def _cache(self) -> _UrlCache:
        return _UrlCache(self)

    def _canonical_url(self, url: str) -> str:
        if not self.owns(url):
            return _canonical_elsewhere(url, self.model.keep_query)
        clean = canonical(url, self.model.keep_query)
        if origin_of(clean) == self.origin:
            return clean
        return self.origin + path_and_query(clean)

    def article_key(self, url: str) -> str | None:
        """The site's own id of the article at a URL; None if it is not an article of this site."""
        return self._cache.article_key(url)

    def _article_key(self, url: str) -> str | None:
        if not self.owns(url):
            return None
        match = _match(self._article_url, self._rule_text(url))
        return match["id"] if match else None

    def is_another_article(self, url: str, key: str) -> bool:
        """Whether a URL is that of an article of this site, but of another one than `key`."""
        return self.article_key(url) not in (None, key)

    def address_of(self, key: str) -> str | None:
        """The URL of the article with this id; None if the site's URLs need more than the id."""
        path = self.model.article_by_id
        if path is None:
            return None
        return self.canonical_url(self.origin + path.replace("{id}", key))

    def _rule_text(self, url: str) -> str:
        """The text that rules match: path and query without tracking parameters."""
        return path_and_query(canonical(url, self.model.keep_query))

    def category_of(self, url: str) -> CategoryPage | None:
        """The category page at a URL; None if it is not a category page of this site."""
        return self._cache.category_of(url)

    def _category_of(self, url: str) -> CategoryPage | None:
        if not self.owns(url):
            return None
        if self.is_home(url) and self.categories and self.categories[0] == self._home:
            return CategoryPage(HOME, None, 1)
        if self._category_url is None:
            return None
        match = _match(self._category_url, self._rule_text(url))
        if match is None:
            return None
        groups = match.groupdict()
        slug = groups.get("slug")
        key = groups.get("id")
        if not key and slug:
            key = self._category_slugs.get(slug, slug)
        if not key:
            return None
        return CategoryPage(key, slug, self._page_number(groups.get("page")))

    def category_link(self, url: str) -> tuple[str, str | None]:
        """The canonical URL of a link, and the key of the category that it leads to.

        The key is None for all other URLs, including the home page.
        """
        return self._cache.category_link(url)

    def _category_link(self, url: str) -> tuple[str, str | None]:
        if not self.owns(url):
            return url, None
        url = self.canonical_url(url)
        category = self.category_of(url)
        is_front_page = self.is_home(url) or urlsplit(url).path == "/"
        if category is None or is_front_page:
            return url, None
        return url, category.key

    def _page_number(self, digits: str | None) -> int:
        """The number of a category page, from 1. Some sites count from 0 in their URLs."""
        if not digits:
            return 1
        numbers = [rule.first_number for rule in self.model.listing if rule.page == "category"]
        return int(digits) - next(iter(numbers), 1) + 1

    def rebased(self, base_url: str) -> Site:
        """The same site on a mirror: with other URLs, but the same keys.

        UsageError if `base_url` is not an origin.
        """
        url = absolute(base_url, base_url)
        if url is None or path_and_query(url) != "/":
            message = f"--base-url {masked(base_url)}: expected http://HOST[:PORT]"
            raise UsageError(message, "for example http://127.0.0.1:8900")
        return dataclasses.replace(self, origin=origin_of(base_url))


def _canonical_elsewhere(url: str, keep_query: tuple[str, ...]) -> str:
    try:
        return canonical(url, keep_query)
    except ValueError:
        return url


def _match(pattern: regex.Pattern[str], text: str) -> regex.Match[str] | None:
    try:
        return pattern.search(text, timeout=MATCH_SECONDS)
    except TimeoutError:
        return None


def _texts(value: object) -> Iterator[str]:
    """Every text in a model."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _key_and_slug(category: SiteCategory) -> str:
    if category.slug == category.key:
        return category.key
    return f"{category.key} ({category.slug})"
