"""The records that are passed between the layers: frozen, plain values.

A page becomes a Draft or a Listing, which hold raw strings exactly as on the page.
extract/refine.py turns a Draft into an Article with clean text, instants, identity and hashes, and
the store writes it. None means that the page does not have the value. An empty string or tuple
means that it is there, but empty.
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

# The prefix in the provenance of a field that was not found by the template, but elsewhere on the
# page.
FALLBACK = "generic:"

# The key of the category that stands for a site's home page.
HOME = "home"
OLD_HOME = "/"  # its key in older archives, where only an import could store home pages

# Fields of an article that hold several texts. The database and its views have them as JSON arrays.
LIST_FIELDS = ("authors", "tags")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as fetched. `body` has no content encoding; `charset` is the HTTP header's."""

    url: str
    body: bytes
    charset: str | None = None
    fetched_at: datetime | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a page that could not be read. Its value is left empty; `raw` has the original."""

    stage: str  # 'fetch', 'extract', 'times', 'identity', 'store'
    code: str
    message: str
    field: str | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A printed time that was parsed. `utc` is aware, and None if there is no time of day.

    `local` is ISO 8601 with the offset of the site's zone (`2022-11-22T11:34:00+07:00`), or a bare
    date (`2026-08-07`). `problem` is a code such as 'empty', 'impossible', 'ambiguous', 'relative',
    'future', 'no_zone' or 'unknown_format'.
    """

    raw: str
    utc: datetime | None = None
    local: str | None = None
    precision: Precision | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class TimeLocale:
    """How a page of an unknown site prints times.

    `day_first` is whether the day stands before the month in dates with slashes; None: unknown.
    """

    language: str | None = None  # without its region
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class RawTime:
    """A candidate for a time field: the text, the kind of place it is from, and its selector."""

    raw: str
    source: TimeSource
    where: str
    locale: TimeLocale | None = None  # None: the site file says how its times are printed


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of a breadcrumb, or a category label: the printed name and its link."""

    name: str
    url: str | None = None
    key: str | None = None  # the site's category key, if the URL contains one


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """An article as shown in a listing or link block. `url` is canonical; `key` identifies it."""

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
    """A teaser in a link block of an article page. `position` counts from 1 within its kind."""

    kind: LinkKind
    position: int
    teaser: Teaser
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A teaser on a category page. `position` counts from 1 over the whole page."""

    block: str  # 'featured' or 'list'; on a home page also 'lead', 'main' or 'section'
    position: int
    teaser: Teaser


@dataclass(slots=True, kw_only=True)
class Draft:
    """An article page before it becomes an Article: first raw text as on the page, unparsed times.

    The steps of extract/refine.py, which the item pipelines call, change it in place.
    `published` and `modified` are candidates in order of preference. `provenance` maps a field to
    the selector that found it. `paragraphs` are in the order of the page, without the standfirst.
    """

    site: str
    url: str  # the fetched address; once the article is identified, the canonical one
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
    # Resolved from `published` and `modified`; None also for a time that the page lacks.
    published_at: datetime | None = None
    published_local: str | None = None
    published_raw: str | None = None
    published_precision: Precision | None = None
    published_source: TimeSource | None = None
    modified_at: datetime | None = None
    key: str | None = None  # None: the address is not known as one of an article
    aliases: tuple[tuple[str, str], ...] = ()  # (URL, reason)


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
    """An article in a feed. `position` counts the items from 1, in the order of the feed."""

    position: int
    teaser: Teaser
    guid: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """An RSS or Atom feed, without items that do not link to an article of the site."""

    site: str
    url: str
    title: str | None = None
    entries: tuple[FeedEntry, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """An article in a sitemap. `modified` is <lastmod>, unless this is the publication time."""

    position: int
    teaser: Teaser
    modified_raw: str | None = None
    modified: Timestamp | None = None


@dataclass(frozen=True, slots=True)
class ChildSitemap:
    """A sitemap in an index. By its address it covers the days from `first` to before `after`."""

    url: str
    lastmod_raw: str | None = None
    lastmod: Timestamp | None = None
    first: date | None = None
    after: date | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap (entries) or an index of sitemaps (children). It has only pages of articles."""

    site: str
    url: str
    entries: tuple[SitemapEntry, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A Draft prepared for the store: clean text, instants, identity and fingerprints.

    `url` is canonical; `aliases` are (url, reason) pairs of other addresses of the same article.
    `body` has paragraphs separated by a blank line; `body_hash` is 'sha256:…' of it, ignoring white
    space.
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


# Everything that is extracted from pages, and its parts: for fast transfer between processes.
EXTRACTED_RECORDS = (
    Article,
    Link,
    Teaser,
    Crumb,
    Timestamp,
    Problem,
    Listing,
    Entry,
    Feed,
    FeedEntry,
    Sitemap,
    SitemapEntry,
    ChildSitemap,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The record of somebody else's archive that an imported page was copied from."""

    source: str  # 'file'
    record: str | None = None  # WARC-Record-ID; None if the record has none (ARC)
    address: str | None = None  # the name of the file and the offset of the record in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetch, and where its raw bytes are. Offsets and lengths are in bytes of the WARC file."""

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
    moved_permanently: bool = False  # reached by redirects that are all permanent (301, 308)
    origin: Origin | None = None  # None: fetched by a crawl


FrontierKind = Literal["article", "listing", "feed", "sitemap"]

# Reasons that mean the site refused the page: a wall, the same page for many addresses, and HTTP
# statuses.
BLOCKED = frozenset({"blocked_page", "soft_404", "http_401", "http_403", "http_451"})
# The reason of a page that an item pipeline dropped, or that no pipeline stored.
DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category of a site file. `name` is None if the file does not have it; pages may."""

    key: str
    slug: str | None
    name: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A site as stored in the archive."""

    site: str
    name: str
    domain: str
    language: str | None
    timezone: str | None
    categories: tuple[CategoryRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A page to fetch for a site. `etag` and `last_modified` are those of its last good fetch."""

    site: str
    url: str
    kind: FrontierKind
    article_id: int | None = None
    category_id: int | None = None
    page: int | None = None
    chain: int | None = None  # the crawl in which this sequence of category pages began
    attempts: int = 0
    etag: str | None = None
    last_modified: str | None = None

    @property
    def conditional(self) -> bool:
        """Whether its request has validators, so that the answer may be 304."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a page could not be stored.

    `retry`: try again later. `gone`: the server reports that the page does not exist any more.
    """

    code: str
    message: str
    stage: str = "fetch"
    retry: bool = False
    gone: bool = False
    retry_after: timedelta | None = None  # the wait that the server requested
    raw: str | None = None  # the refused address, if it is not the page's own

    @property
    def blocked(self) -> bool:
        """Whether the site refused the page, so that the response contains no facts about it."""
        return self.code in BLOCKED


# A 304 says that a page is as it was before, but the request named no such page.
UNREQUESTED_304 = Failure(
    code="unrequested_304",
    message="the server answered 304 (not modified) to a request without conditions",
    retry=True,
)

# The headers of a request that make it conditional.
VALIDATORS = frozenset({b"if-none-match", b"if-modified-since"})

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its response, as sent and received. `body` still has its content encoding.

    `asked_url` is the address before redirects. `category` and `page` identify a listing.
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
    moved_permanently: bool = False  # reached by redirects that are all permanent (301, 308)
    origin: Origin | None = None  # None: fetched by a crawl

    @property
    def conditional(self) -> bool:
        """Whether the request had validators, so that a 304 answers it."""
        return any(name.lower() in VALIDATORS for name, _ in self.request_headers)

    def header(self, name: bytes, *, joined: bool = False) -> str | None:
        """The last value of a response header, or all values joined by commas; None if missing."""
        values = [value for key, value in self.response_headers if key.lower() == name]
        if not values:
            return None
        return (b", ".join(values) if joined else values[-1]).decode("latin-1")
