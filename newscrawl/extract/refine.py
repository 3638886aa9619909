"""Draft -> Article, in small pure steps: clean text, read times, identity, fingerprints.

The Scrapy pipelines call the steps one by one; `refine` is all of them, for pages from a file or a WARC.
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
    Crumb,
    Draft,
    Feed,
    Link,
    Listing,
    Problem,
    RawTime,
    Sitemap,
    SitemapEntry,
    Teaser,
    TimeSource,
    Timestamp,
)
from newscrawl.core.text import clean_paragraphs, clean_text
from newscrawl.core.times import CompiledFormats, compile_formats, parse_time
from newscrawl.core.urls import host_of
from newscrawl.sites.site import Site
from newscrawl.sites.sources import source_formats

RAW_LENGTH = 200  # what is kept of a printed time that cannot be read: enough to see what it was
MINUTE = len("2022-11-22T11:34")
FLAWS = {
    "future": "{} lies more than a day after the page was fetched",
    "no_zone": "{} has a time of day, but neither the page nor the site says of which zone",
}
Best = tuple[Timestamp, TimeSource, str]


@dataclass(frozen=True, slots=True)
class Times:
    """What became of a page's printed times; links are the Draft's, their teasers' times read."""

    published: Timestamp | None
    source: TimeSource | None
    where: str | None
    modified_at: datetime | None
    links: tuple[Link, ...]
    problems: tuple[Problem, ...]


def refine(draft: Draft, site: Site, fetched_at: datetime | None) -> Article:
    """The article that a page is, ready for the store. `fetched_at` None: relative times stay unread."""
    cleaned = clean(draft)
    return identify(cleaned, read_times(cleaned, site, fetched_at), site)


def clean(draft: Draft) -> Draft:
    """Every text on one line (the body's paragraphs each on theirs), NFC, without invisible characters."""
    return replace(
        draft,
        title=_clean(draft.title),
        summary=_clean(draft.summary),
        paragraphs=clean_paragraphs(draft.paragraphs),
        authors=tuple(dict.fromkeys(clean_paragraphs(draft.authors))),
        tags=tuple(dict.fromkeys(clean_paragraphs(draft.tags))),
        breadcrumb=tuple(map(_clean_crumb, draft.breadcrumb)),
        category=_clean_crumb(draft.category) if draft.category else None,
        links=tuple(map(_clean_link, draft.links)),
    )


def clean_teaser(teaser: Teaser) -> Teaser:
    """The same for what a list says about an article; the teaser itself where its texts are clean, as most are."""
    title, summary = _clean(teaser.title), _clean(teaser.summary)
    category = _clean_crumb(teaser.category) if teaser.category else None
    if title == teaser.title and summary == teaser.summary and category is teaser.category:
        return teaser
    return replace(teaser, title=title, summary=summary, category=category)


def clean_listing(listing: Listing) -> Listing:
    """The same for a category page."""
    return replace(
        listing,
        entries=tuple(
            replace(entry, teaser=clean_teaser(entry.teaser)) for entry in listing.entries
        ),
    )


def read_times(draft: Draft, site: Site, fetched_at: datetime | None) -> Times:
    """Reads the candidates in order of preference; the first that gives an instant or a date wins.

    Each one that cannot be read is a problem, also when a later one can: the page has a flaw.
    """
    problems: list[Problem] = []
    best, source, where = _best(draft, "published", draft.published, site, fetched_at, problems)
    modified, _, _ = _best(draft, "modified", draft.modified, site, fetched_at, problems)
    links = tuple(
        Link(link.kind, link.position, read_teaser(link.teaser, site, fetched_at), link.anchor)
        for link in draft.links
    )
    return Times(best, source, where, modified.utc if modified else None, links, tuple(problems))


def read_teaser(teaser: Teaser, site: Site, fetched_at: datetime | None) -> Teaser:
    """A teaser with its printed time read; one that cannot be read stays as it is printed."""
    if teaser.published_raw is None:
        return teaser
    raw = clean_text(teaser.published_raw)[:RAW_LENGTH]
    stamp = parse_time(raw, formats=site.formats, zone=site.zone, now=fetched_at)
    published = stamp if raw else None
    return Teaser(  # not `replace`, which takes three times as long, and a page has dozens
        url=teaser.url,
        key=teaser.key,
        title=teaser.title,
        summary=teaser.summary,
        category=teaser.category,
        published_raw=raw or None,
        published=published,
        source=teaser.source,
    )


def read_listing_times(listing: Listing, site: Site, fetched_at: datetime | None) -> Listing:
    """A category page with the times of its entries read."""
    return replace(
        listing,
        entries=tuple(
            replace(entry, teaser=read_teaser(entry.teaser, site, fetched_at))
            for entry in listing.entries
        ),
    )


def read_discovery_times(
    found: Feed | Sitemap, site: Site, fetched_at: datetime | None
) -> Feed | Sitemap:
    """A feed or sitemap with its times read; those that cannot be read stay as they are printed."""
    if isinstance(found, Feed):
        return read_feed_times(found, site, fetched_at)
    return read_sitemap_times(found, site, fetched_at)


def read_feed_times(feed: Feed, site: Site, fetched_at: datetime | None) -> Feed:
    """The feed with the times of its entries read, by its own formats before the site's."""
    entries = (
        replace(entry, teaser=_read_source_teaser(entry.teaser, site, "feed", fetched_at))
        for entry in feed.entries
    )
    return replace(feed, entries=tuple(entries))


def read_sitemap_times(sitemap: Sitemap, site: Site, fetched_at: datetime | None) -> Sitemap:
    """The sitemap with the times of its entries, or of its children, read."""
    return replace(
        sitemap,
        entries=tuple(_read_entry(entry, site, fetched_at) for entry in sitemap.entries),
        children=tuple(
            replace(
                child, lastmod=_read_source_time(child.lastmod_raw, site, "sitemap", fetched_at)
            )
            for child in sitemap.children
        ),
    )


def identify(draft: Draft, times: Times, site: Site) -> Article:
    """Who the article is: its key, its canonical address and the other addresses of the page, and its fingerprints."""
    key = site.article_key(draft.url)
    if key is None:
        raise PageRejected(
            "not_article", f"{draft.url}: not the address of an article of {site.name}"
        )
    fetched = site.canonical_url(draft.url)
    url = draft.canonical_url or fetched
    body = "\n\n".join(draft.paragraphs) or None
    provenance = dict(draft.provenance) | ({"published": times.where} if times.where else {})
    return Article(
        site=site.name,
        key=key,
        url=url,
        template=draft.template,
        title=draft.title,
        summary=draft.summary,
        body=body,
        authors=draft.authors,
        breadcrumb=draft.breadcrumb,
        category=draft.category,
        tags=draft.tags,
        published=times.published,
        published_source=times.source,
        modified_at=times.modified_at,
        language=draft.language,
        image_url=draft.image_url,
        word_count=word_count(body) if body else 0,
        body_hash=body_hash(body) if body else None,
        links=times.links,
        aliases=((fetched, alias_reason(fetched, url)),) if fetched != url else (),
        provenance=provenance,
        problems=(*draft.problems, *times.problems),
    )


def alias_reason(other: str, url: str) -> str:
    """Why one article has two addresses."""
    return "mirror" if host_of(other) != host_of(url) else "slug"


def _clean(value: str | None) -> str | None:
    return clean_text(value) if value is not None else None


def _clean_crumb(step: Crumb) -> Crumb:
    name = clean_text(step.name)
    return step if name == step.name else replace(step, name=name)


def _clean_link(link: Link) -> Link:
    teaser, anchor = clean_teaser(link.teaser), _clean(link.anchor)
    return (
        link
        if teaser is link.teaser and anchor == link.anchor
        else replace(link, teaser=teaser, anchor=anchor)
    )


def _read_entry(entry: SitemapEntry, site: Site, fetched_at: datetime | None) -> SitemapEntry:
    return replace(
        entry,
        teaser=_read_source_teaser(entry.teaser, site, "sitemap", fetched_at),
        modified=_read_source_time(entry.modified_raw, site, "sitemap", fetched_at),
    )


def _read_source_teaser(
    teaser: Teaser, site: Site, kind: Literal["feed", "sitemap"], fetched_at: datetime | None
) -> Teaser:
    stamp = _read_source_time(teaser.published_raw, site, kind, fetched_at)
    return replace(teaser, published_raw=stamp.raw if stamp else None, published=stamp)


def _read_source_time(
    raw: str | None, site: Site, kind: Literal["feed", "sitemap"], fetched_at: datetime | None
) -> Timestamp | None:
    text = clean_text(raw)[:RAW_LENGTH] if raw else ""
    if not text:
        return None
    return parse_time(text, formats=source_formats(site, kind), zone=site.zone, now=fetched_at)


def _best(
    draft: Draft,
    field: str,
    candidates: Iterable[RawTime],
    site: Site,
    fetched_at: datetime | None,
    problems: list[Problem],
) -> Best | tuple[None, None, None]:
    """The first candidate that can be read; else the first of all, unread, with its problem.

    A time of day without a zone gives way to a later place that prints the same minute with its offset.
    """
    formats, zone = _reading_rules(site, draft.template, field)
    unread: Best | None = None
    without_zone: Best | None = None
    for candidate in candidates:
        stamp = _read(candidate, field, formats, zone, fetched_at, problems)
        found = (stamp, candidate.source, candidate.where)
        if stamp.local is None:
            unread = unread or found
        elif without_zone is None:
            if stamp.problem != "no_zone":
                return found
            without_zone = found
        elif (
            stamp.utc is not None and stamp.local[:MINUTE] == (without_zone[0].local or "")[:MINUTE]
        ):
            return found
    return without_zone or unread or (None, None, None)


def _read(
    candidate: RawTime,
    field: str,
    formats: CompiledFormats,
    zone: ZoneInfo | None,
    fetched_at: datetime | None,
    problems: list[Problem],
) -> Timestamp:
    """A candidate as a Timestamp; what is wrong with it is added to the problems."""
    stamp = parse_time(candidate.raw, formats=formats, zone=zone, now=fetched_at)
    if len(stamp.raw) > RAW_LENGTH:
        stamp = replace(stamp, raw=stamp.raw[:RAW_LENGTH])
    if stamp.problem is not None:
        message = FLAWS.get(stamp.problem, "{} cannot be read as a time").format(candidate.where)
        problems.append(Problem("times", stamp.problem, message, field, stamp.raw))
    return stamp


def _reading_rules(
    site: Site, template: str, field: str
) -> tuple[CompiledFormats, ZoneInfo | None]:
    """The formats and the zone for a time field of a template: the rule's own, before the site's."""
    rule = next(
        (one.fields.get(field) for one in site.model.template if one.name == template), None
    )
    if rule is None or (not rule.formats and rule.zone is None):
        return site.formats, site.zone
    zone = ZoneInfo(rule.zone) if rule.zone else site.zone
    return _formats((*rule.formats, *site.model.formats)), zone


@lru_cache(maxsize=256)
def _formats(formats: tuple[str, ...]) -> CompiledFormats:
    return compile_formats(formats)
