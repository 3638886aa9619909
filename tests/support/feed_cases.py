"""Made-up feeds and sitemaps with the habits of real ones, and a made-up site that they belong to."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from typing import Any

from newscrawl.core.records import Page
from newscrawl.sites.schema import SiteModel
from newscrawl.sites.site import Site

ORIGIN = "https://paper.example"
FETCHED_AT = datetime(2026, 9, 6, 5, 0, tzinfo=UTC)


def site(**keys: Any) -> Site:
    """A site whose articles are `/words-123.html`; `keys` go over its site file's."""
    data: dict[str, Any] = {
        "name": "paper",
        "title": "Paper",
        "domain": "paper.example",
        "origin": ORIGIN,
        "hosts": ["www.paper.example", "feeds.paper.example"],
        "language": "vi",
        "timezone": "Asia/Ho_Chi_Minh",
        "article_url": r"^/[^/]*-(?P<id>\d+)\.html$",
        "template": [{"name": "one", "marker": "h1", "fields": {"title": "h1", "body": "p"}}],
    }
    return Site(SiteModel.model_validate(data | keys), ORIGIN)


def page(body: str | bytes, url: str = f"{ORIGIN}/news.rss", charset: str | None = None) -> Page:
    return Page(url, body if isinstance(body, bytes) else body.encode(), charset, FETCHED_AT)


def item(
    number: int = 1,
    title: str = "Tiêu đề",
    date: str = "Sat, 05 Sep 2026 17:09:00 +0700",
    **more: str,
) -> str:
    """One RSS item; `more` are further elements, `link` replaces the usual one."""
    link = more.pop("link", f"{ORIGIN}/tin-{number}.html")
    extra = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return f"<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate>{extra}</item>"


def rss(*items: str, prolog: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return f'{prolog}<rss version="2.0"><channel><title>Tin mới</title>{"".join(items)}</channel></rss>'


def urlset(
    *rows: tuple[str, str | None], prolog: str = '<?xml version="1.0" encoding="utf-8"?>'
) -> str:
    """A sitemap of (path or address, lastmod)."""
    return document("urlset", "url", rows, prolog)


def index(*rows: tuple[str, str | None]) -> str:
    """An index of sitemaps."""
    return document("sitemapindex", "sitemap", rows, "")


def document(root: str, name: str, rows: tuple[tuple[str, str | None], ...], prolog: str) -> str:
    text = "".join(
        f"<{name}><loc>{path if '://' in path else ORIGIN + path}</loc>"
        + (f"<lastmod>{changed}</lastmod>" if changed is not None else "")
        + f"</{name}>"
        for path, changed in rows
    )
    return f'{prolog}<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{text}</{root}>'


LETTERS = "Giá vàng tăng nhẹ, đường sắt mở rộng"
# name: (bytes of a feed with one item titled LETTERS, charset of the header)
ENCODINGS: dict[str, tuple[bytes, str | None]] = {
    "utf-8": (rss(item(title=LETTERS)).encode(), "utf-8"),
    "utf-8 with mark": (codecs.BOM_UTF8 + rss(item(title=LETTERS)).encode(), None),
    "utf-8 that says utf-16": (
        rss(item(title=LETTERS), prolog='<?xml version="1.0" encoding="utf-16"?>').encode(),
        None,
    ),
    "utf-16le without mark": (
        rss(item(title=LETTERS), prolog='<?xml version="1.0" encoding="utf-16"?>\r\n').encode(
            "utf-16-le"
        ),
        None,
    ),
    "utf-16le, header says utf-8": (rss(item(title=LETTERS)).encode("utf-16-le"), "utf-8"),
    "utf-16le after white space": (("\r\n" + rss(item(title=LETTERS))).encode("utf-16-le"), None),
    "utf-16be without mark": (rss(item(title=LETTERS)).encode("utf-16-be"), None),
    "utf-16le with mark": (
        codecs.BOM_UTF16_LE + rss(item(title=LETTERS)).encode("utf-16-le"),
        None,
    ),
    "utf-16be with mark": (
        codecs.BOM_UTF16_BE + rss(item(title=LETTERS)).encode("utf-16-be"),
        "utf-8",
    ),
    "windows-1258 by its prolog": (
        rss(item(title="&#272;&#432;&#7901;ng s&#7855;t"))
        .encode()
        .replace(b"utf-8", b"windows-1258"),
        None,
    ),
    "no prolog": (rss(item(title=LETTERS), prolog="").encode(), None),
}
