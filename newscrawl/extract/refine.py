"""From a page in its own words to what is stored: clean text, times, identity, fingerprints.

The item pipelines call the steps one by one; `refine` does all of them for an article.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from newscrawl.core.errors import PageRejected
from newscrawl.core.fingerprints import body_hash, word_count
from newscrawl.core.records import (
    Article,
    ChildSitemap,
    Crumb,
    Draft,
    Entry,
    Feed,
    FeedEntry,
    Link,
    Listing,
    Problem,
    RawTime,
    Sitemap,
    SitemapEntry,
    Teaser,
    Timestamp,
)
from newscrawl.core.text import clean_paragraphs, clean_text
from newscrawl.core.times import CompiledFormats, compile_formats, parse_time
from newscrawl.core.urls import host_of
from newscrawl.sites.site import Site
from newscrawl.sites.sources import source_formats

RAW_LENGTH = 200  # characters kept of a printed time that cannot be read: enough to recognise it
MINUTE = len("2022-11-22T11:34")
FLAWS = {
    "future": "{} is more than a day after the page was fetched",
    "no_zone": "{} has a time of day, but neither the page nor the site file names its time zone",
}
SourceKind = Literal["feed", "sitemap"]


def refine(
    draft: Draft, site: Site, fetched_at: datetime | None, asked_url: str | None = None
) -> Article:
    """The article, ready for the store. Without `fetched_at` relative times are not resolved.

    `asked_url` is the address before redirects: the article keeps it as an alias where it differs.
    """
    clean(draft)
    read_times(draft, site, fetched_at)
    identify(draft, site, asked_url or draft.url)
    return article_of(draft)


# ---- Text ----


def clean(draft: Draft) -> None:
    """Puts every text on one line, in NFC, without invisible characters.

    The body has one line per paragraph.
    """
    draft.title = _clean(draft.title)
    draft.summary = _clean(draft.summary)
    draft.paragraphs = clean_paragraphs(draft.paragraphs)
    draft.authors = tuple(dict.fromkeys(clean_paragraphs(draft.authors)))
    draft.tags = tuple(dict.fromkeys(clean_paragraphs(draft.tags)))
    draft.breadcrumb = tuple(map(_clean_crumb, draft.breadcrumb))
    draft.category = _clean_crumb(draft.category) if draft.category else None
    draft.links = tuple(map(_clean_link, draft.links))


def clean_listing(listing: Listing) -> Listing:
    """The same for a category page."""
    return replace(listing, entries=tuple(map(_clean_entry, listing.entries)))


def clean_teaser(teaser: Teaser) -> Teaser:
    """The same for a teaser; the teaser itself if its texts are clean, as most are."""
    title, summary = _clean(teaser.title), _clean(teaser.summary)
    category = _clean_crumb(teaser.category) if teaser.category else None
    if title == teaser.title and summary == teaser.summary and category is teaser.category:
        return teaser
    return replace(teaser, title=title, summary=summary, category=category)


def _clean(value: str | None) -> str | None:
    return clean_text(value) if value is not None else None


def _clean_crumb(step: Crumb) -> Crumb:
    name = clean_text(step.name)
    return step if name == step.name else replace(step, name=name)


def _clean_link(link: Link) -> Link:
    teaser, anchor = clean_teaser(link.teaser), _clean(link.anchor)
    if teaser is link.teaser and anchor == link.anchor:
        return link
    return replace(link, teaser=teaser, anchor=anchor)


def _clean_entry(entry: Entry) -> Entry:
    teaser = clean_teaser(entry.teaser)
    return entry if teaser is entry.teaser else replace(entry, teaser=teaser)


# ---- Times ----


def read_times(draft: Draft, site: Site, fetched_at: datetime | None) -> None:
    """Resolves the times of an article page.

    Of several candidates the first that gives an instant or a date wins.

    Each candidate that cannot be read is a problem, even if a later one can: the page has a flaw.
    """
    problems: list[Problem] = []
    published_rule = _TimeRule.of(site, draft.template, "published", fetched_at)
    modified_rule = _TimeRule.of(site, draft.template, "modified", fetched_at)
    published = _best(draft.published, published_rule, problems)
    modified = _best(draft.modified, modified_rule, problems)
    if published is not None:
        draft.published_at = published.stamp.utc
        draft.published_local = published.stamp.local
        draft.published_raw = published.stamp.raw
        draft.published_precision = published.stamp.precision
        draft.published_source = published.raw.source
        draft.provenance = {**draft.provenance, "published": published.raw.where}
    draft.modified_at = modified.stamp.utc if modified else None
    draft.links = tuple(
        Link(link.kind, link.position, read_teaser(link.teaser, site, fetched_at), link.anchor)
        for link in draft.links
    )
    draft.problems = (*draft.problems, *problems)


def read_listing_times(listing: Listing, site: Site, fetched_at: datetime | None) -> Listing:
    """The category page with the times of its entries resolved."""
    entries = (_read_entry(entry, site, fetched_at) for entry in listing.entries)
    return replace(listing, entries=tuple(entries))


def read_discovery_times(
    source: Feed | Sitemap, site: Site, fetched_at: datetime | None
) -> Feed | Sitemap:
    """The feed or sitemap, its times resolved; those that cannot be read are kept as printed."""
    if isinstance(source, Feed):
        return read_feed_times(source, site, fetched_at)
    return read_sitemap_times(source, site, fetched_at)


def read_feed_times(feed: Feed, site: Site, fetched_at: datetime | None) -> Feed:
    """The feed with the times of its entries resolved, by its own formats before the site's."""
    entries = (_read_feed_entry(entry, site, fetched_at) for entry in feed.entries)
    return replace(feed, entries=tuple(entries))


def read_sitemap_times(sitemap: Sitemap, site: Site, fetched_at: datetime | None) -> Sitemap:
    """The sitemap with the times of its entries, or of its children, resolved."""
    entries = (_read_sitemap_entry(entry, site, fetched_at) for entry in sitemap.entries)
    children = (_read_child(child, site, fetched_at) for child in sitemap.children)
    return replace(sitemap, entries=tuple(entries), children=tuple(children))


def read_teaser(teaser: Teaser, site: Site, fetched_at: datetime | None) -> Teaser:
    """The teaser with its printed time resolved; one that cannot be read is kept as printed."""
    if teaser.published_raw is None:
        return teaser
    raw = clean_text(teaser.published_raw)[:RAW_LENGTH]
    stamp = parse_time(raw, formats=site.formats, zone=site.zone, now=fetched_at)
    return Teaser(  # not `replace`, which takes three times as long, and a page has dozens
        url=teaser.url,
        key=teaser.key,
        title=teaser.title,
        summary=teaser.summary,
        category=teaser.category,
        published_raw=raw or None,
        published=stamp if raw else None,
        source=teaser.source,
    )


def _read_entry(entry: Entry, site: Site, fetched_at: datetime | None) -> Entry:
    teaser = read_teaser(entry.teaser, site, fetched_at)
    return entry if teaser is entry.teaser else replace(entry, teaser=teaser)


def _read_feed_entry(entry: FeedEntry, site: Site, fetched_at: datetime | None) -> FeedEntry:
    return replace(entry, teaser=_read_source_teaser(entry.teaser, site, "feed", fetched_at))


def _read_sitemap_entry(
    entry: SitemapEntry, site: Site, fetched_at: datetime | None
) -> SitemapEntry:
    teaser = _read_source_teaser(entry.teaser, site, "sitemap", fetched_at)
    modified = _read_source_time(entry.modified_raw, site, "sitemap", fetched_at)
    return replace(entry, teaser=teaser, modified=modified)


def _read_child(child: ChildSitemap, site: Site, fetched_at: datetime | None) -> ChildSitemap:
    return replace(child, lastmod=_read_source_time(child.lastmod_raw, site, "sitemap", fetched_at))


def _read_source_teaser(
    teaser: Teaser, site: Site, kind: SourceKind, fetched_at: datetime | None
) -> Teaser:
    stamp = _read_source_time(teaser.published_raw, site, kind, fetched_at)
    return replace(teaser, published_raw=stamp.raw if stamp else None, published=stamp)


def _read_source_time(
    raw: str | None, site: Site, kind: SourceKind, fetched_at: datetime | None
) -> Timestamp | None:
    text = clean_text(raw)[:RAW_LENGTH] if raw else ""
    if not text:
        return None
    return parse_time(text, formats=source_formats(site, kind), zone=site.zone, now=fetched_at)


@dataclass(frozen=True, slots=True)
class _TimeRule:
    """How the texts of a time field are read."""

    field: str
    formats: CompiledFormats
    zone: ZoneInfo | None
    now: datetime | None

    @classmethod
    def of(cls, site: Site, template_name: str, field: str, now: datetime | None) -> _TimeRule:
        """The rule for a field of a template: its own formats and zone before the site's."""
        for template in site.model.template:
            rule = template.fields.get(field)
            if template.name == template_name and rule is not None:
                zone = ZoneInfo(rule.zone) if rule.zone else site.zone
                formats = site.formats
                if rule.formats:
                    formats = _compiled((*rule.formats, *site.model.formats))
                return cls(field, formats, zone, now)
        return cls(field, site.formats, site.zone, now)

    def resolve(self, raw: RawTime, problems: list[Problem]) -> Timestamp:
        """A candidate as a Timestamp; its flaw, if it has one, is added to the problems."""
        stamp = parse_time(
            raw.raw, formats=self.formats, zone=self.zone, now=self.now, locale=raw.locale
        )
        if len(stamp.raw) > RAW_LENGTH:
            stamp = replace(stamp, raw=stamp.raw[:RAW_LENGTH])
        if stamp.problem is not None:
            message = FLAWS.get(stamp.problem, "{} cannot be read as a time").format(raw.where)
            problems.append(Problem("times", stamp.problem, message, self.field, stamp.raw))
        return stamp


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A candidate for a time field, and the Timestamp that it gave."""

    stamp: Timestamp
    raw: RawTime


def _best(
    candidates: Iterable[RawTime], rule: _TimeRule, problems: list[Problem]
) -> _Resolved | None:
    """The first candidate that can be read; else the first of all, unread, with its problem.

    A time of day without a zone gives way to a later candidate with the same minute and an offset.
    """
    unread: _Resolved | None = None
    without_zone: _Resolved | None = None
    for raw in candidates:
        resolved = _Resolved(rule.resolve(raw, problems), raw)
        stamp = resolved.stamp
        if stamp.local is None:
            unread = unread or resolved
        elif without_zone is not None:
            if stamp.utc is not None and _same_minute(stamp, without_zone.stamp):
                return resolved
        elif stamp.problem == "no_zone":
            without_zone = resolved
        else:
            return resolved
    return without_zone or unread


def _same_minute(stamp: Timestamp, other: Timestamp) -> bool:
    assert stamp.local is not None
    assert other.local is not None
    return stamp.local[:MINUTE] == other.local[:MINUTE]


@lru_cache(maxsize=256)
def _compiled(formats: tuple[str, ...]) -> CompiledFormats:
    return compile_formats(formats)


# ---- Identity ----


def identify(draft: Draft, site: Site, asked_url: str) -> None:
    """Sets which article the page is: key, canonical address, and other addresses as aliases.

    `asked_url` is the address before redirects. PageRejected if the draft's address is not that of
    an article.
    """
    draft.key = site.article_key(draft.url)
    if draft.key is None:
        message = f"{draft.url}: not the address of an article of {site.name}"
        raise PageRejected("not_article", message)
    fetched_url = site.canonical_url(draft.url)
    asked_url = site.canonical_url(asked_url)
    draft.url = draft.canonical_url or fetched_url
    aliases = []
    if fetched_url != draft.url:
        aliases.append((fetched_url, alias_reason(fetched_url, draft.url)))
    # The address of another article is not an alias of this one: the redirect may end.
    is_same_article = site.article_key(asked_url) in (None, draft.key)
    if is_same_article and asked_url not in (fetched_url, draft.url):
        aliases.append((asked_url, "redirect"))
    draft.aliases = tuple(aliases)


def article_of(draft: Draft) -> Article:
    """The article of a draft that is clean, resolved and identified, with its fingerprints.

    PageRejected if it is not identified.
    """
    if draft.key is None:
        raise PageRejected("not_article", f"{draft.url}: not known as the address of an article")
    body = "\n\n".join(draft.paragraphs) or None
    published: Timestamp | None = None
    if draft.published_raw is not None:
        published = Timestamp(
            draft.published_raw,
            draft.published_at,
            draft.published_local,
            draft.published_precision,
        )
    return Article(
        site=draft.site,
        key=draft.key,
        url=draft.url,
        template=draft.template,
        title=draft.title,
        summary=draft.summary,
        body=body,
        authors=draft.authors,
        breadcrumb=draft.breadcrumb,
        category=draft.category,
        tags=draft.tags,
        published=published,
        published_source=draft.published_source,
        modified_at=draft.modified_at,
        language=draft.language,
        image_url=draft.image_url,
        word_count=word_count(body) if body else 0,
        body_hash=body_hash(body) if body else None,
        links=draft.links,
        aliases=draft.aliases,
        provenance=draft.provenance,
        problems=draft.problems,
    )


def alias_reason(other: str, url: str) -> str:
    """Why one article has two addresses: `mirror` or `slug`."""
    return "mirror" if host_of(other) != host_of(url) else "slug"
