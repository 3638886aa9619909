"""The made-up newspaper's RSS feeds, sitemaps and robots.txt, with the habits of bnews.vn's."""

from __future__ import annotations

import datetime as dt
import unicodedata
from email.utils import format_datetime
from html import escape

from newscrawl.demo.paper import ORIGIN, Paper, utc_text
from newscrawl.demo.stories import UNDATED, Category, Story

FEED_ITEMS = 20
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def robots() -> str:
    return f"User-agent: *\nAllow: /\nSitemap: {ORIGIN}/sitemap.xml\n"


def feed(paper: Paper, category: Category) -> str:
    """The newest of a category as RSS, titles in decomposed letters; it is sent as UTF-16LE without a mark."""
    stories = [story for story in paper.listed(category) if paper.status(story) == 200][:FEED_ITEMS]
    return (
        '<?xml version="1.0" encoding="utf-16"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(category.name)}</title><link>{ORIGIN}{category.path()}</link>"
        f"<description>{escape(category.name)}</description>{''.join(map(feed_item, stories))}</channel></rss>"
    )


def feed_item(story: Story) -> str:
    title = escape(unicodedata.normalize("NFD", story.title))
    date = (
        "" if story.place == UNDATED else f"<pubDate>{format_datetime(story.placed_at)}</pubDate>"
    )
    link = ORIGIN + story.path
    return (
        f"<item><title>{title}</title><link>{link}</link><description>{escape(story.summary)}</description>"
        f"{date}<guid>{link}</guid></item>\n"
    )


def sitemap_index(paper: Paper) -> str:
    """The index: one sitemap a month that has articles, newest first; the month is not padded."""
    months = {month(story): story.modified_at for story in mapped(paper)}
    rows = "".join(
        f"<sitemap><loc>{ORIGIN}/sitemap/news-{name}.xml</loc><lastmod>{changed.isoformat()}</lastmod></sitemap>\n"
        for name, changed in reversed(months.items())
    )
    return document("sitemapindex", rows)


def sitemap_month(paper: Paper, name: str) -> str | None:
    """The articles of a month such as `2026-9`, newest first, after the front page; None for a month without any."""
    stories = [story for story in reversed(mapped(paper)) if month(story) == name]
    if not stories:
        return None
    front = entry("/", utc_text(paper.published_at), "always")
    return document(
        "urlset", front + "".join(entry(s.path, s.placed_at.isoformat(), "daily") for s in stories)
    )


def entry(path: str, changed: str, often: str) -> str:
    return f"<url><loc>{ORIGIN}{path}</loc><lastmod>{changed}</lastmod><changefreq>{often}</changefreq></url>\n"


def document(root: str, rows: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<{root} xmlns="{NAMESPACE}">\n{rows}</{root}>\n'
    )


def mapped(paper: Paper) -> list[Story]:
    """The articles sitemaps name: those with a page and a date, oldest first."""
    stories = [s for s in paper.stories if paper.status(s) == 200 and s.place != UNDATED]
    return sorted(stories, key=lambda story: story.placed_at)


def month(story: Story) -> str:
    day: dt.date = story.placed_at.date()
    return f"{day.year}-{day.month}"
