"""A site as its file describes it: its addresses, its categories, its times, how fast it may be asked."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import regex

from newscrawl.core.errors import UsageError
from newscrawl.core.records import CategoryRow, SiteRow
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
from newscrawl.sites.schema import SiteModel, SitePoliteness

# A rule of a site file may be slow by mistake or by malice; a page's URL is matched in microseconds.
MATCH_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class SiteCategory:
    """A category to crawl; `url` is its first page, absolute."""

    key: str
    slug: str | None
    name: str | None
    url: str
    feed: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """What a category URL says: the category's key, its slug where the URL has one, the page's number from 1."""

    key: str
    slug: str | None
    page: int


class _Known:
    """What a site said of the last addresses: pages name the same ones again and again."""

    def __init__(self, site: Site) -> None:
        keep = lru_cache(maxsize=2_048)
        self.canonical = keep(site._canonical_url)
        self.article = keep(site._article_key)
        self.category = keep(site._category_of)


@dataclass(frozen=True)
class Site:
    """A site file, checked and compiled. `origin` is the mirror's where the site is crawled on one."""

    model: SiteModel
    origin: str

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
        """Whether no file describes the site, and its pages are read by what all news pages have in common."""
        return False

    @property
    def language(self) -> str | None:
        return self.model.language

    @cached_property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.model.timezone)

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of printed times without offset; None where it is not known."""
        return self.timezone

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Every `host[:port]` that may be connected to; on a mirror the mirror's alone."""
        if self.origin != self.model.origin:
            return frozenset({host_of(self.origin)})
        return self._own_hosts

    @cached_property
    def _own_hosts(self) -> frozenset[str]:
        """Those that pages link to: a mirror's pages may name the site itself."""
        return frozenset({host_of(self.origin), host_of(self.model.origin), *self.model.hosts})

    @cached_property
    def formats(self) -> CompiledFormats:
        return compile_formats(self.model.formats)

    @cached_property
    def revisit(self) -> tuple[timedelta, ...]:
        """The ages, counted from the first fetch, at which an article is asked for again."""
        return tuple(
            timedelta(hours=int(text[:-1]) * {"h": 1, "d": 24}[text[-1]])
            for text in self.model.revisit
        )

    @property
    def politeness(self) -> SitePoliteness:
        return self.model.politeness

    def as_row(self) -> SiteRow:
        """The row of this site in the archive, with its categories."""
        categories = tuple(
            CategoryRow(row.key, row.slug, row.name, row.url) for row in self.categories
        )
        return SiteRow(
            site=self.name,
            name=self.title,
            domain=self.domain,
            language=self.language,
            timezone=str(self.zone) if self.zone else None,
            categories=categories,
        )

    def category_keys(self, asked: tuple[str, ...]) -> frozenset[str] | None:
        """The keys of the categories with these keys or slugs, or None (all) if `asked` is empty.

        UsageError names an unknown one and lists the site's categories.
        """
        if not asked:
            return None
        keys = {row.key: row.key for row in self.categories}
        keys |= {row.slug: row.key for row in self.categories if row.slug}
        for name in asked:
            if name not in keys:
                known = ", ".join(_key_and_slug(row) for row in self.categories)
                raise UsageError(
                    f"{self.name} has no category {name!r}", f"its categories are: {known}"
                )
        return frozenset(keys[name] for name in asked)

    @property
    def legacy_tls(self) -> bool:
        return self.model.legacy_tls

    @property
    def max_pages(self) -> int | None:
        return self.model.max_pages

    @property
    def verified(self) -> bool:
        """Whether every part of the file was seen in a page."""
        templates = any(template.unverified for template in self.model.template)
        listings = any(template.unverified for template in self.model.listing)
        return not (self.model.unverified or templates or listings)

    @cached_property
    def categories(self) -> tuple[SiteCategory, ...]:
        found = []
        for category in self.model.category:
            path = category.url or (self.model.category_start or "").format(
                slug=category.slug, key=category.key
            )
            url = self.canonical_url(absolute(self.origin + "/", path) or self.origin)
            feed = absolute(self.origin + "/", category.feed) if category.feed else None
            found.append(SiteCategory(category.key, category.slug, category.name, url, feed))
        return tuple(found)

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
        """Whether the address is on one of the site's hosts."""
        try:
            return web_host(url) in self._own_hosts
        except ValueError:  # an address that cannot be taken apart is nobody's
            return False

    def canonical_url(self, url: str) -> str:
        """One spelling of an address of this site; hosts that are the same site become its origin's.

        An address that cannot be taken apart stays as it is.
        """
        return self._known.canonical(url)

    @cached_property
    def _known(self) -> _Known:
        return _Known(self)

    def _canonical_url(self, url: str) -> str:
        if not self.owns(url):
            return _canonical_elsewhere(url, self.model.keep_query)
        clean = canonical(url, self.model.keep_query)
        return clean if origin_of(clean) == self.origin else self.origin + path_and_query(clean)

    def article_key(self, url: str) -> str | None:
        """The site's own id of the article at an address; None where the address is no article's of this site."""
        return self._known.article(url)

    def _article_key(self, url: str) -> str | None:
        if not self.owns(url):
            return None
        found = _match(self._article_url, self._rule_text(url))
        return found["id"] if found else None

    def address_of(self, key: str) -> str | None:
        """The address of the article with this id; None where the site's addresses have more in them than the id."""
        path = self.model.article_by_id
        return (
            self.canonical_url(self.origin + path.replace("{id}", key))
            if path is not None
            else None
        )

    def _rule_text(self, url: str) -> str:
        """What the rules are matched against: path and query without tracking parameters."""
        return path_and_query(canonical(url, self.model.keep_query))

    def category_of(self, url: str) -> CategoryPage | None:
        """Which page of which category an address is; None where it is no category page of this site."""
        return self._known.category(url)

    def _category_of(self, url: str) -> CategoryPage | None:
        if self._category_url is None or not self.owns(url):
            return None
        found = _match(self._category_url, self._rule_text(url))
        if found is None:
            return None
        groups = found.groupdict()
        slug = groups.get("slug")
        key = groups.get("id") or (self._category_slugs.get(slug, slug) if slug else None)
        if key is None:
            return None
        first = self.model.listing[0].first_number if self.model.listing else 1
        number = int(groups["page"]) - first + 1 if groups.get("page") else 1
        return CategoryPage(key, slug, number)

    def rebased(self, base_url: str) -> Site:
        """The same site on a mirror: its addresses are the mirror's, the keys stay. UsageError if it is no origin."""
        url = absolute(base_url, base_url)
        if url is None or path_and_query(url) != "/":
            raise UsageError(
                f"--base-url {masked(base_url)}: expected http://HOST[:PORT]",
                "for example http://127.0.0.1:8900",
            )
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


def _key_and_slug(category: SiteCategory) -> str:
    if category.slug == category.key:
        return category.key
    return f"{category.key} ({category.slug})"
