"""RSS and Atom feeds as a Feed: which articles they name, in their own order and words."""

from __future__ import annotations

import html
import re
from typing import Any

import feedparser
from lxml.html import fragment_fromstring

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Crumb, Feed, FeedEntry, Page, Teaser
from newscrawl.core.text import clean_text
from newscrawl.extract.body import dropped, text_of
from newscrawl.extract.hostile_links import away_problems
from newscrawl.extract.xml import xml_text
from newscrawl.sites.site import Site
from newscrawl.sites.sources import article_at, leads_away

MOST_BYTES = 8 * 1024 * 1024  # the largest real feeds are below 1 MB
MOST_ENTRIES = 5_000
LONGEST_SUMMARY = 2_000  # characters; some feeds carry the whole text there, which is no summary
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_MOST_ESCAPES = 3  # `&amp;amp;apos;` has been seen with two


class _Bytes:
    """What feedparser reads from. A str or bytes it would take for an address or a file name, and open it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        return self._data


def read_feed(site: Site, page: Page) -> Feed:
    """What a feed shows. PageRejected: `not_feed`, `empty_feed` (not one article of the site in it), and xml_text's."""
    text = xml_text(page, MOST_BYTES)
    read: Any = feedparser.parse(
        _Bytes(text.encode("utf-8")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not read.version and not read.entries:
        raise PageRejected(
            "not_feed", f"{page.url}: expected an RSS or Atom feed, found {text[:40]!r}"
        )
    entries: dict[str, FeedEntry] = {}
    foreign: list[str] = []
    for position, item in enumerate(read.entries[:MOST_ENTRIES], 1):
        entry = _entry(site, page.url, position, item, read.version)
        if entry is not None:
            entries.setdefault(entry.teaser.key, entry)
        elif leads_away(site, page.url, item.get("link")):
            foreign.append(str(item.link))
    if not entries:
        count = len(read.entries)
        raise PageRejected(
            "empty_feed", f"{page.url}: {count} items, none of them an article of {site.name}"
        )
    return Feed(
        site.name,
        page.url,
        plain(read.feed.get("title")),
        tuple(entries.values()),
        away_problems(foreign),
    )


def plain(value: str | None) -> str | None:
    """A feed's text without markup and entities, also where these were escaped more than once; None stays None."""
    if value is None:
        return None
    if _MARKUP.search(value):
        root = fragment_fromstring(value, create_parent="div")
        value = text_of(root, dropped(root, ("img",)))
    for _ in range(_MOST_ESCAPES):
        unescaped = _ENTITY.sub(lambda found: html.unescape(found.group()), value)
        if unescaped == value:
            break
        value = unescaped
    return clean_text(value)


def _entry(site: Site, base: str, position: int, item: Any, version: str) -> FeedEntry | None:
    """The article that an item leads to; None where it leads to none of this site."""
    found = article_at(site, base, item.get("link"))
    if found is None:
        return None
    summary = plain(item.get("summary"))
    url, key = found
    teaser = Teaser(
        url=url,
        key=key,
        title=plain(item.get("title")) or None,
        summary=summary if summary and len(summary) <= LONGEST_SUMMARY else None,
        category=_category(item),
        published_raw=_published(item, version),
        source="feed",
    )
    return FeedEntry(position, teaser, plain(item.get("id")) or None)


def _published(item: Any, version: str) -> str | None:
    """As printed. RSS 1.0 has only dc:date, which feedparser calls `updated`; Atom's `updated` is an edit's time."""
    if "published" in item:
        return str(item["published"]) or None
    return str(item["updated"]) or None if "updated" in item and version.startswith("rss") else None


def _category(item: Any) -> Crumb | None:
    name = next((plain(tag.get("term")) for tag in item.get("tags") or () if tag.get("term")), None)
    return Crumb(name) if name else None
