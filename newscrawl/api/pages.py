"""Reading single pages and printed times, without an archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newscrawl.core.errors import PageRejected, UsageError
from newscrawl.core.records import (
    Article,
    LinkKind,
    Page,
    Precision,
    Problem,
    TimeSource,
    Timestamp,
)
from newscrawl.core.times import NO_FORMATS, from_utc_text
from newscrawl.core.times import parse_time as parse
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.decode import parse as parse_html
from newscrawl.extract.in_time import page_reader
from newscrawl.extract.unknown_design import read_any_design
from newscrawl.sites.generic import generic_site
from newscrawl.sites.hosts import SiteHosts
from newscrawl.sites.loading import load_site
from newscrawl.sites.site import Site

__all__ = ["ExtractedArticle", "ExtractedLink", "Site", "extract", "parse_time"]

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedLink:
    """A link on a page to another article. `position` counts from 1 within the kind."""

    kind: LinkKind
    position: int
    title: str | None
    url: str
    key: str
    category: str | None
    summary: str | None
    published_raw: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedArticle:
    """An article as a page shows it; the same values as `newscrawl extract` prints.

    `body` has paragraphs divided by a blank line, without the standfirst (`summary`); `text` is the
    standfirst that the page shows, then the body. Moments are aware datetimes in UTC. None means
    that the page does not have the value; `problems` says what could not be read.
    """

    url: str
    site: str
    key: str
    template: str
    title: str | None
    summary: str | None
    body: str | None
    text: str | None
    published_at: datetime | None
    published_local: str | None
    published_raw: str | None
    published_precision: Precision | None
    published_source: TimeSource | None
    modified_at: datetime | None
    authors: tuple[str, ...]
    category: str | None
    breadcrumb: tuple[str, ...]
    tags: tuple[str, ...]
    image_url: str | None
    language: str | None
    links: tuple[ExtractedLink, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    _article: Article = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, object]:
        """The JSON object that `newscrawl extract` prints."""
        return article_to_dict(self._article)


def extract(
    html: bytes | str, *, url: str | None = None, site: Site | str | None = None
) -> ExtractedArticle:
    """The article on a page.

    `html` is the page as received (its charset is found in it), or its text. `url` is the page's
    address; by default, the one that the page declares. `site` is the site file to read it with,
    or its name; by default, the one whose rules match the address, and what all news pages share
    if none does (`template` is `generic` then). Nothing is fetched.

    PageRejected if the page is no article or cannot be read; its `code` is one of
    docs/site-file.md. UsageError for an unknown site.
    """
    body, charset = (
        (html.encode("utf-8", "replace"), "utf-8") if isinstance(html, str) else (html, None)
    )
    chosen = load_site(site) if isinstance(site, str) else site
    page = Page(url or "", body, charset)
    try:
        page_url = page.url or declared_url(page)
        chosen = chosen or _finder().site_of(page_url)
        page = replace(page, url=chosen.canonical_url(urljoin(chosen.origin + "/", page_url)))
        article = page_reader().call(read_any_design, chosen, page)
    except (ValueError, RecursionError) as error:
        message = f"{type(error).__name__}: {error}"
        raise PageRejected("unreadable", message[:300]) from error
    return _extracted(article)


def parse_time(text: str, *, site: Site | str | None = None, zone: str | None = None) -> Timestamp:
    """A printed date or time, read as the extraction reads it. No text raises an exception.

    `site` is a site or its name, whose formats and time zone are used. `zone` (`Asia/Ho_Chi_Minh`,
    the default without a site) is that of times without an offset. `utc` is None for a date without
    a time of day, and `problem` says why a text could not be read, or what is unusual about it.
    UsageError for an unknown site or zone.
    """
    chosen = load_site(site) if isinstance(site, str) else site
    formats, default_zone = NO_FORMATS, ZoneInfo(DEFAULT_ZONE)
    if chosen is not None:
        formats, default_zone = chosen.formats, chosen.timezone
    if zone is not None:
        default_zone = _zone(zone)
    return parse(text, formats=formats, zone=default_zone)


class SiteFinder:
    """Finds the site of an address among those that have a site file.

    An invalid site file must not affect the pages of other sites.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._hosts = SiteHosts(folder)

    def _sites(self, url: str) -> Iterator[Site]:
        """The sites whose files name the host of an address."""
        for name in self._hosts.names(url):
            with suppress(UsageError):
                yield load_site(name, self._folder)

    def site_of(self, url: str) -> Site:
        """The site whose rules match the address, else the generic site of its host.

        PageRejected if the address has no host.
        """
        for site in self._sites(url):
            if site.article_key(site.canonical_url(url)) is not None:
                return site
        return self._without_site_file(url)

    def site_with_host(self, url: str) -> Site:
        """The site that the host of a category page belongs to, else the generic site of the host.

        PageRejected if the address has no host.
        """
        for site in self._sites(url):
            if site.owns(url):
                return site
        return self._without_site_file(url)

    def _without_site_file(self, url: str) -> Site:
        try:
            return generic_site(url)
        except UsageError as error:
            raise PageRejected(
                "not_article", f"{url[:200]!r} is not the address of a page"
            ) from error


@lru_cache(maxsize=1)
def _finder() -> SiteFinder:
    """Finds sites of the package."""
    return SiteFinder(None)


def declared_url(page: Page) -> str:
    """The address that a page declares; PageRejected if it declares none or cannot be parsed."""
    root = parse_html(page)
    for path in ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for value in root.xpath(path):
            url = str(value).strip()
            if url:
                return url
    raise PageRejected("not_article", "the page declares no URL, and none was given")


def _extracted(article: Article) -> ExtractedArticle:
    values: dict[str, Any] = article_to_dict(article)
    for name in ("authors", "breadcrumb", "tags"):
        values[name] = tuple(values[name])
    for name in ("published_at", "modified_at"):
        values[name] = _moment(values[name])
    links = []
    for link in values.pop("links"):
        links.append(ExtractedLink(**link | {"published_at": _moment(link["published_at"])}))
    return ExtractedArticle(
        **values | {"links": tuple(links), "problems": article.problems}, _article=article
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else from_utc_text(text)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"zone {name[:60]!r}: no such time zone", f"for example: {DEFAULT_ZONE}"
        ) from error
