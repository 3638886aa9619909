"""RSS and Atom feeds as a Feed: the articles that they name, in the feed's own order and words."""

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
LONGEST_SUMMARY = 2_000  # characters: some feeds have the whole text there, which is no summary
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_MOST_ESCAPES = 3  # `&amp;amp;apos;`, escaped twice, has been seen
# Attributes of one element: feedparser searches all of them for each of them. Real feeds have up to
# ten. A start tag with more has at least four characters for each.
_MOST_ATTRIBUTES = 250
_LONG_TAG = re.compile(rf"<[^<>]{{{4 * _MOST_ATTRIBUTES},}}")
_EQUALS = re.compile(r"""\s[^\s=<>"']+\s*=""")
# Letters in a row. feedparser searches for e-mail addresses in a way that takes the square of the
# longest such word; no address or headline has one, only pictures that stand in the text.
_LONGEST_WORD = 1_000
_WORD = re.compile(rf"[\w.+-]{{{_LONGEST_WORD + 1},}}")


class _Bytes:
    """The input of feedparser, which takes a str or bytes for an address or a file name to open."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        return self._data


def read_feed(site: Site, page: Page) -> Feed:
    """The Feed of a page. PageRejected:

    `not_feed`, `empty_feed` (no article of the site in it), `too_big` (an element with hundreds of
    attributes), and xml_text's codes.
    """
    parsed = _parsed(page)
    entries: dict[str, FeedEntry] = {}
    foreign: list[str] = []
    for position, item in enumerate(parsed.entries[:MOST_ENTRIES], 1):
        entry = _entry(site, page.url, position, item, parsed.version)
        if entry is not None:
            entries.setdefault(entry.teaser.key, entry)
        elif leads_away(site, page.url, item.get("link")):
            foreign.append(str(item.link))
    if not entries:
        count = len(parsed.entries)
        message = f"{page.url}: {count} items, none of them an article of {site.name}"
        raise PageRejected("empty_feed", message)
    return Feed(
        site=site.name,
        url=page.url,
        title=plain(parsed.feed.get("title")),
        entries=tuple(entries.values()),
        problems=away_problems(foreign),
    )


def plain(value: str | None) -> str | None:
    """A feed's text without markup and entities, even those escaped repeatedly; None stays None."""
    if value is None:
        return None
    if _MARKUP.search(value):
        root = fragment_fromstring(value, create_parent="div")
        value = text_of(root, dropped(root, ("img",)))
    for _ in range(_MOST_ESCAPES):
        unescaped = _ENTITY.sub(_unescape, value)
        if unescaped == value:
            break
        value = unescaped
    return clean_text(value)


def _unescape(entity: re.Match[str]) -> str:
    return html.unescape(entity.group())


def _parsed(page: Page) -> Any:
    """What feedparser reads from the page; PageRejected if it is not a feed."""
    text = _harmless(page, xml_text(page, MOST_BYTES))
    parsed = feedparser.parse(
        _Bytes(text.encode("utf-8")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.version and not parsed.entries:
        message = f"{page.url}: expected an RSS or Atom feed, found {text[:40]!r}"
        raise PageRejected("not_feed", message)
    return parsed


def _harmless(page: Page, text: str) -> str:
    """The text without what takes feedparser more than linear time; PageRejected (`too_big`)."""
    for tag in _LONG_TAG.finditer(text):
        attributes = len(_EQUALS.findall(tag.group()))
        if attributes > _MOST_ATTRIBUTES:
            message = f"{page.url}: an element with about {attributes} attributes"
            raise PageRejected("too_big", message)
    if max(map(len, text.split())) > _LONGEST_WORD:
        return _WORD.sub("", text)
    return text


def _entry(site: Site, base: str, position: int, item: Any, version: str) -> FeedEntry | None:
    """The article that an item leads to; None if it leads to none of this site."""
    article = article_at(site, base, item.get("link"))
    if article is None:
        return None
    url, key = article
    summary = plain(item.get("summary"))
    if summary is not None and len(summary) > LONGEST_SUMMARY:
        summary = None
    teaser = Teaser(
        url=url,
        key=key,
        title=plain(item.get("title")) or None,
        summary=summary or None,
        category=_category(item),
        published_raw=_published(item, version),
        source="feed",
    )
    return FeedEntry(position, teaser, plain(item.get("id")) or None)


def _published(item: Any, version: str) -> str | None:
    """The publication time as printed.

    RSS 1.0 has only dc:date, which feedparser calls `updated`. Atom's `updated` is the time of an
    edit.
    """
    if "published" in item:
        return str(item["published"]) or None
    if "updated" in item and version.startswith("rss"):
        return str(item["updated"]) or None
    return None


def _category(item: Any) -> Crumb | None:
    """The item's first category that has a name."""
    for tag in item.get("tags") or ():
        if tag.get("term"):
            name = plain(tag.get("term"))
            return Crumb(name) if name else None
    return None
