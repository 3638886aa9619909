"""The fictional newspaper's RSS feeds, sitemaps and robots.txt, with the quirks of bnews.vn."""

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
    """The newest articles of a category as RSS, with titles in decomposed letters.

    It is sent as UTF-16LE without a byte order mark.
    """
    stories = [story for story in paper.listed(category) if paper.status(story) == 200]
    items = "".join(feed_item(story) for story in stories[:FEED_ITEMS])
    name = escape(category.name)
    return (
        '<?xml version="1.0" encoding="utf-16"?>\n<rss version="2.0"><channel>'
        f"<title>{name}</title><link>{ORIGIN}{category.path()}</link>"
        f"<description>{name}</description>{items}</channel></rss>"
    )


def feed_item(story: Story) -> str:
    title = escape(unicodedata.normalize("NFD", story.title))
    link = ORIGIN + story.path
    date = ""
    if story.place != UNDATED:
        date = f"<pubDate>{format_datetime(story.placed_at)}</pubDate>"
    return (
        f"<item><title>{title}</title><link>{link}</link>"
        f"<description>{escape(story.summary)}</description>"
        f"{date}<guid>{link}</guid></item>\n"
    )


def sitemap_index(paper: Paper) -> str:
    """The index: one sitemap per month with articles, newest first. Months are not padded."""
    months = {month(story): story.modified_at for story in mapped(paper)}
    rows = []
    for name, modified_at in reversed(months.items()):
        url = f"{ORIGIN}/sitemap/news-{name}.xml"
        modified = modified_at.isoformat()
        rows.append(f"<sitemap><loc>{url}</loc><lastmod>{modified}</lastmod></sitemap>\n")
    return document("sitemapindex", "".join(rows))


def sitemap_month(paper: Paper, name: str) -> str | None:
    """The front page and the articles of a month such as `2026-9`, newest first.

    None if the month has no articles.
    """
    stories = [story for story in reversed(mapped(paper)) if month(story) == name]
    if not stories:
        return None
    entries = [entry("/", utc_text(paper.published_at), "always")]
    entries += [entry(story.path, story.placed_at.isoformat(), "daily") for story in stories]
    return document("urlset", "".join(entries))


def entry(path: str, modified: str, frequency: str) -> str:
    return (
        f"<url><loc>{ORIGIN}{path}</loc><lastmod>{modified}</lastmod>"
        f"<changefreq>{frequency}</changefreq></url>\n"
    )


def document(root: str, rows: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<{root} xmlns="{NAMESPACE}">\n{rows}</{root}>\n'
    )


def mapped(paper: Paper) -> list[Story]:
    """The articles in sitemaps, which are those with a page and a date, oldest first."""
    dated = [story for story in paper.stories if story.place != UNDATED]
    stories = [story for story in dated if paper.status(story) == 200]
    return sorted(stories, key=lambda story: story.placed_at)


def month(story: Story) -> str:
    day: dt.date = story.placed_at.date()
    return f"{day.year}-{day.month}"
