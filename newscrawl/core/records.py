"""The values that travel between the layers: frozen, plain, without behaviour beyond themselves.

A page becomes a Draft or a Listing (raw strings, exactly what the page says), refine.py makes an
Article of a Draft (clean text, instants, identity, hashes), and the store writes it.
None means "the page does not say"; an empty string or tuple means "the page says nothing here".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

LinkKind = Literal["related", "same_category", "inline"]
PageKind = Literal["article", "listing", "feed", "sitemap", "robots"]
Precision = Literal["second", "minute", "day", "month", "year"]
TimeSource = Literal["json-ld", "meta", "page", "teaser", "feed", "sitemap", "url"]


# How the provenance of a field begins that its template did not find and that another place of the page gave.
FALLBACK = "generic:"

# The fields of an article that hold several texts. The database and its views have them as JSON arrays.
LIST_FIELDS = ("authors", "tags")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as fetched: `body` is free of content-encoding, `charset` is what the HTTP header claims."""

    url: str
    body: bytes
    charset: str | None = None
    fetched_at: datetime | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a page says that could not be read; the value stays empty and `raw` keeps the original."""

    stage: str  # 'fetch', 'extract', 'times', 'identity', 'store'
    code: str
    message: str
    field: str | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A printed time, read. `utc` is aware; without a time of day it is None and `local` the bare date.

    `local` is ISO 8601 with the offset of the site's zone (`2022-11-22T11:34:00+07:00`) or `2026-08-07`.
    `problem` is a code such as 'empty', 'impossible', 'ambiguous', 'relative', 'future', 'no_zone', 'unknown_format'.
    """

    raw: str
    utc: datetime | None = None
    local: str | None = None
    precision: Precision | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RawTime:
    """A candidate for a time field: the text, which kind of place it stood in, and the selector that found it."""

    raw: str
    source: TimeSource
    where: str


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of a breadcrumb, or a category label: the name as printed, and where it leads."""

    name: str
    url: str | None = None
    key: str | None = None  # the site's category key, where the URL gives one


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """What a listing or a link block says about an article elsewhere. `url` is canonical, `key` the identity."""

    url: str
    key: str
    title: str | None = None
    summary: str | None = None
    category: Crumb | None = None
    published_raw: str | None = None
    published: Timestamp | None = None
    source: TimeSource = "teaser"


@dataclass(frozen=True, slots=True)
class Link:
    """A teaser in a link block of an article page; `position` counts from 1 within its kind."""

    kind: LinkKind
    position: int
    teaser: Teaser
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A teaser on a category page; `position` counts from 1 over the whole page."""

    block: str  # 'featured' or 'list'
    position: int
    teaser: Teaser


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article page as extracted: raw, in the page's own words, times unread.

    `published` and `modified` are candidates in order of preference. `provenance` maps a field to the
    selector that gave it. `paragraphs` are in page order, without the standfirst.
    """

    site: str
    url: str  # what was fetched
    template: str
    canonical_url: str | None = None
    title: str | None = None
    summary: str | None = None
    paragraphs: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    breadcrumb: tuple[Crumb, ...] = ()
    category: Crumb | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    language: str | None = None
    published: tuple[RawTime, ...] = ()
    modified: tuple[RawTime, ...] = ()
    links: tuple[Link, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A category page as extracted. `next_url` is None on the last page."""

    site: str
    url: str
    template: str
    entries: tuple[Entry, ...] = ()
    next_url: str | None = None
    category: Crumb | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An article that a feed names; `position` counts the feed's items from 1, in its own order (not by time)."""

    position: int
    teaser: Teaser
    guid: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """An RSS or Atom feed as read; items that lead to no article of the site are left out."""

    site: str
    url: str
    title: str | None = None
    entries: tuple[FeedEntry, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """An article that a sitemap names. Where <lastmod> is no publication time on this site, it is `modified`."""

    position: int
    teaser: Teaser
    modified_raw: str | None = None
    modified: Timestamp | None = None


@dataclass(frozen=True, slots=True)
class ChildSitemap:
    """A sitemap that an index names; by its address it holds the days from `first` to before `after`."""

    url: str
    lastmod_raw: str | None = None
    lastmod: Timestamp | None = None
    first: date | None = None
    after: date | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap (entries) or an index of sitemaps (children) as read; pages that are no articles are left out."""

    site: str
    url: str
    entries: tuple[SitemapEntry, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A Draft made ready for the store: clean text, instants, identity and fingerprints.

    `url` is canonical; `aliases` are (url, reason) pairs of other addresses of the same article.
    `body` is paragraphs divided by a blank line; `body_hash` is 'sha256:…' of it with white space folded.
    """

    site: str
    key: str
    url: str
    template: str
    title: str | None = None
    summary: str | None = None
    body: str | None = None
    authors: tuple[str, ...] = ()
    breadcrumb: tuple[Crumb, ...] = ()
    category: Crumb | None = None
    tags: tuple[str, ...] = ()
    published: Timestamp | None = None
    published_source: TimeSource | None = None
    modified_at: datetime | None = None
    language: str | None = None
    image_url: str | None = None
    word_count: int = 0
    body_hash: str | None = None
    links: tuple[Link, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


# What is read from pages and all it is made of, for whoever sends much of it to another process.
EXTRACTED_RECORDS = (
    Article, Link, Teaser, Crumb, Timestamp, Problem, Listing, Entry, Feed, FeedEntry, Sitemap, SitemapEntry,
    ChildSitemap,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetch, and where its raw bytes are. Offsets and lengths are bytes in the WARC file."""

    url: str
    kind: PageKind
    status: int
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    warc_length: int | None = None
    payload_digest: str | None = None


FrontierKind = Literal["article", "listing", "feed", "sitemap"]


# A wall instead of the page, one page for many addresses, and the statuses that say so plainly.
BLOCKED = frozenset({"blocked_page", "soft_404", "http_401", "http_403", "http_451"})


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category as the site file names it; `name` is None where only pages can tell."""

    key: str
    slug: str | None
    name: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A site as the archive remembers it."""

    site: str
    name: str
    domain: str
    language: str | None
    timezone: str | None
    categories: tuple[CategoryRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A page to fetch. `etag` and `last_modified` are of its last good fetch, for a conditional request."""

    url: str
    kind: FrontierKind
    article_id: int | None = None
    category_id: int | None = None
    page: int | None = None
    chain: int | None = None  # the crawl in which this run of category pages began
    attempts: int = 0
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a page gave nothing. `retry`: the fault may pass; `gone`: the server says that the page is not there."""

    code: str
    message: str
    stage: str = "fetch"
    retry: bool = False
    gone: bool = False
    retry_after: timedelta | None = None  # what the server asked for
    raw: str | None = None  # what was refused, where it is not the page's own address

    @property
    def blocked(self) -> bool:
        """Whether the site refused the page: the answer says nothing about the article."""
        return self.code in BLOCKED


Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its response, as sent and received; `body` is before content-decoding.

    `asked_url` is what the crawl wanted before redirects; `category` and `page` say which listing this is.
    """

    url: str
    asked_url: str
    method: str
    request_headers: Headers
    status: int
    reason: str
    response_headers: Headers
    body: bytes
    fetched_at: datetime
    kind: PageKind
    category: str | None = None
    page: int | None = None
    ip: str | None = None

    def header(self, name: bytes) -> str | None:
        """The last value of a response header, None where it is not there."""
        values = [value for key, value in self.response_headers if key.lower() == name]
        return values[-1].decode("latin-1") if values else None
