"""A library of WARC files with one odd page each, between two good ones, for rebuild and verify.

The files are whole: their checksums and digests are right, and only what they say is odd.
`python -m tests.support.odd_warcs FOLDER` writes all of them, to look at.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newscrawl.core.records import Exchange
from newscrawl.warc import WarcWriter
from tests.support.archive_cases import START, numbered_ids
from tests.support.archive_damage import place

SITE = "news.example"
ORIGIN = f"https://{SITE}"
HUGE = 10**30
LONE = "\ud800"


@dataclass(frozen=True, slots=True)
class OddWarc:
    """`page`: changes of the odd exchange. `info`: changes of the file's warcinfo.

    `edit` changes the bytes of the odd record. `unfit`: no crawl can have written such a record, so
    a rebuild sets it aside; the others are stored, or counted as a page that cannot be read.
    """

    page: Mapping[str, Any] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)
    edit: Callable[[bytes], bytes] | None = None
    unfit: bool = False


def swapped(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Replaces something in the header of a record."""

    def edit(member: bytes) -> bytes:
        record = gzip.decompress(member)
        assert old in record
        return gzip.compress(record.replace(old, new, 1), 6, mtime=0)

    return edit


def meta(text: bytes) -> Callable[[bytes], bytes]:
    """Replaces the JSON that newscrawl notes of a fetch."""

    def edit(member: bytes) -> bytes:
        lines = gzip.decompress(member).split(b"\r\n")
        names = [line.partition(b":")[0] for line in lines]
        lines[names.index(b"WARC-Newscrawl-Meta")] = b"WARC-Newscrawl-Meta: " + text
        return gzip.compress(b"\r\n".join(lines), 6, mtime=0)

    return edit


def page(number: int, **changes: Any) -> Exchange:
    """The nth good page: an article of a site without a site file."""
    url = f"{ORIGIN}/2026/11/a-good-story-{number}.html"
    text = "".join(
        f"<p>Paragraph {part} of a good story, number {number}.</p>" for part in range(9)
    )
    good = Exchange(
        url=url,
        asked_url=url,
        method="GET",
        request_headers=((b"User-Agent", b"newscrawl"),),
        status=200,
        reason="OK",
        response_headers=((b"Content-Type", b"text/html; charset=UTF-8"),),
        body=html(text, f"A good story {number}"),
        fetched_at=START,
        kind="article",
    )
    return replace(good, **changes)


def html(body: str, title: str = "An odd story", head: str = "") -> bytes:
    """A page of news with a headline and a text."""
    return (
        f"<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>{body}"
        "</article></body></html>"
    ).encode("utf-8", "surrogatepass")


def article_with(**values: Any) -> bytes:
    """A page whose JSON-LD has these values."""
    data = {"@type": "NewsArticle", "headline": "An odd story", **values}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    return html("<p>A text that is long enough to be one.</p>" * 9, head=script)


def typed(content_type: bytes, **changes: Any) -> dict[str, Any]:
    """An exchange with this content type."""
    return {"response_headers": ((b"Content-Type", content_type),), **changes}


def encoded(encoding: bytes, body: bytes) -> dict[str, Any]:
    """An exchange with this content-encoding."""
    headers = ((b"Content-Type", b"text/html"), (b"Content-Encoding", encoding))
    return {"response_headers": headers, "body": body}


FEED = (
    "<rss version='2.0'><channel><title>x</title><item><title>T</title>"
    f"<link>{ORIGIN}/2026/11/from-a-feed-1.html</link><pubDate>Fri, 31 Dec 9999 23:59:59 GMT"
    "</pubDate></item></channel></rss>"
).encode()
SITEMAP = (
    "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>"
    f"<loc>{ORIGIN}/2026/11/from-a-map-1.html</loc><lastmod>9999-12-31T23:59:59Z</lastmod>"
    "</url></urlset>"
).encode()
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
    b"<urlset><url><loc>&c;</loc></url></urlset>"
)
DATE = b"WARC-Date: 2026-11-24T08:30:00Z"

ODD: Mapping[str, OddWarc] = {
    "page_huge": OddWarc({"kind": "listing", "category": "1", "page": HUGE}, unfit=True),
    "page_negative": OddWarc({"kind": "listing", "category": "1", "page": -5}, unfit=True),
    "page_zero": OddWarc({"kind": "listing", "category": "1", "page": 0}),
    "sitemap_depth_huge": OddWarc({"kind": "sitemap", "page": HUGE}, unfit=True),
    "surrogate_asked": OddWarc({"asked_url": f"{ORIGIN}/{LONE}"}, unfit=True),
    "surrogate_url": OddWarc({"url": f"{ORIGIN}/{LONE}"}, unfit=True),
    "surrogate_category": OddWarc({"kind": "listing", "category": LONE}, unfit=True),
    "nul_in_category": OddWarc({"kind": "listing", "category": "a\0b"}),
    "category_empty": OddWarc({"kind": "listing", "category": ""}),
    "listing_without_category": OddWarc({"kind": "listing"}),
    "year_9999": OddWarc({"fetched_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}, unfit=True),
    "year_1": OddWarc({"fetched_at": datetime(1, 1, 1, tzinfo=UTC)}, unfit=True),
    "year_1_ahead": OddWarc(edit=swapped(DATE, b"WARC-Date: 0001-01-01T00:00:00+14:00"), unfit=True),
    "date_without_zone": OddWarc(edit=swapped(DATE, DATE[:-1]), unfit=True),
    "date_with_offset": OddWarc(edit=swapped(DATE, DATE[:-1] + b"+07:00")),
    "site_unknown": OddWarc(info={"site": "no-such-paper"}, unfit=True),
    "site_empty": OddWarc(info={"site": ""}, unfit=True),
    "site_with_path": OddWarc(info={"site": "../../x"}, unfit=True),
    "base_url_empty": OddWarc(info={"base_url": ""}),
    "base_url_words": OddWarc(info={"base_url": "not an address"}, unfit=True),
    "base_url_script": OddWarc(info={"base_url": "javascript:alert(1)"}, unfit=True),
    "base_url_broken": OddWarc(info={"base_url": "http://["}, unfit=True),
    "crawl_huge": OddWarc(info={"crawl_id": HUGE}),
    "crawl_negative": OddWarc(info={"crawl_id": -1}),
    "crawl_zero": OddWarc(info={"crawl_id": 0}),
    "version_odd": OddWarc(info={"version": f"\0{LONE}/../x"}),
    "url_ftp": OddWarc({"url": "ftp://news.example/a", "asked_url": "ftp://news.example/a"}, unfit=True),
    "url_broken": OddWarc({"url": "http://[news", "asked_url": "http://[news"}, unfit=True),
    "url_empty": OddWarc({"url": "", "asked_url": ""}, unfit=True),
    "url_long": OddWarc({"url": f"{ORIGIN}/{'a' * 100_000}"}),
    "status_0": OddWarc({"status": 0}, unfit=True),
    "status_999": OddWarc({"status": 999, "reason": "?"}),
    "status_304_unknown": OddWarc({"status": 304, "body": b"", "response_headers": ()}),
    "status_410_unknown": OddWarc({"status": 410}),
    "encoding_wrong": OddWarc(encoded(b"gzip", b"no gzip at all")),
    "encoding_unknown": OddWarc(encoded(b"rot13", b"<p>x</p>")),
    "encoding_bomb": OddWarc(encoded(b"gzip", gzip.compress(bytes(40_000_000), 9))),
    "charset_no_text": OddWarc(typed(b"text/html; charset=hex")),
    "charset_nul": OddWarc(typed(b"text/html; charset=a\x01b")),
    "body_empty": OddWarc({"body": b""}),
    "body_deep": OddWarc({"body": b"<div>" * 20_000}),
    "body_surrogates": OddWarc({"body": html(f"<p>{LONE} &#xD800; text</p>" * 20)}),
    "ld_surrogate": OddWarc({"body": article_with(headline=f"An {LONE} story")}),
    "ld_year_9999": OddWarc({"body": article_with(datePublished="9999-12-31T23:59:59-11:00")}),
    "ld_year_1": OddWarc({"body": article_with(datePublished="0001-01-01T00:00:00+14:00")}),
    "ld_number": OddWarc({"body": article_with(datePublished=HUGE, author=[HUGE, None, [[]]])}),
    "feed_of_9999": OddWarc(typed(b"application/rss+xml", kind="feed", body=FEED)),
    "feed_is_html": OddWarc({"kind": "feed"}),
    "sitemap_of_9999": OddWarc(typed(b"application/xml", kind="sitemap", body=SITEMAP)),
    "sitemap_laughs": OddWarc(typed(b"application/xml", kind="sitemap", body=LAUGHS)),
    "url_of_two_kinds": OddWarc(
        typed(b"application/rss+xml", kind="feed", body=FEED, url=page(1).url, asked_url=page(1).url),
        unfit=True,
    ),
    "robots_binary": OddWarc({"kind": "robots", "body": bytes(range(256))}),
    "meta_list": OddWarc(edit=meta(b'["kind"]'), unfit=True),
    "meta_nested": OddWarc(edit=meta(b"[" * 100_000), unfit=True),
    "meta_digits": OddWarc(edit=meta(b'{"kind":"listing","page":' + b"9" * 5000 + b"}"), unfit=True),
}  # fmt: skip


def write(folder: Path, name: str) -> Path:
    """The file NAME.warc.gz: a good page, the odd one, a good page."""
    odd = ODD[name]
    folder.mkdir(parents=True, exist_ok=True)
    info = {"site": SITE, "base_url": ORIGIN, "version": "0.1.0", "crawl_id": 7, **odd.info}
    url = f"{ORIGIN}/2026/11/{name}.html"
    exchanges = [page(1), page(2, **{"url": url, "asked_url": url, **odd.page}), page(3)]
    with tempfile.TemporaryDirectory(dir=folder) as work:
        writer = WarcWriter(Path(work), clock=lambda: START, new_id=numbered_ids(), **info)
        with writer:
            captures = [writer.write(exchange) for exchange in exchanges]
        (path,) = Path(work).glob("*.warc.gz")
        data = path.read_bytes()
        if odd.edit is not None:
            start, end = place(captures[1])
            data = data[:start] + odd.edit(data[start:end]) + data[end:]
        path.write_bytes(data)
        return Path(shutil.move(path, folder / f"{name}.warc.gz"))


def main() -> None:
    for name in ODD:
        write(Path(sys.argv[1]), name)


if __name__ == "__main__":
    main()
