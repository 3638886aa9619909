"""A baseline for crawls: the spider that one writes in an afternoon.

    python bench/parts/naive_spider.py URLS DATABASE

It has Scrapy's default settings, selects with parsel, and commits every item. It stores what
newscrawl stores of an article (fields, text, links, full-text search), without revisions, raw
pages, listings and problems, and it cannot resume. URLS is a file with one URL per line.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import dateparser
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

SCHEMA = """
CREATE TABLE articles (url TEXT PRIMARY KEY, title TEXT, summary TEXT, body TEXT, authors TEXT,
    category TEXT, tags TEXT, published_at TEXT);
CREATE TABLE links (source TEXT, target TEXT, kind TEXT, title TEXT,
    PRIMARY KEY (source, target, kind));
CREATE VIRTUAL TABLE articles_fts USING fts5(title, summary, body);
"""


class NaiveSpider(Spider):
    """Reads both designs of the pages of bnews.vn, which are those of the made-up newspaper."""

    name = "naive"

    async def start(self) -> AsyncIterator[Request]:
        for url in Path(sys.argv[1]).read_text("utf-8").split():
            yield Request(url, callback=self.parse)

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        """Yields the article, then each of its links."""
        printed = response.css(
            ".b-control-details time::text, .post-top-entry .post-time::text"
        ).get("")
        paragraphs = response.css("div.lr-ct p, .post-ct-entry p")
        published = dateparser.parse(printed.replace("'", ""), languages=["vi"])
        yield {
            "url": response.url,
            "title": response.css("h1.font-42::text, .post-top-entry h1::text").get("").strip(),
            "summary": " ".join(
                response.css(".lr-summary-post b ::text, .post-summary ::text").getall()
            ).strip(),
            "body": "\n\n".join(" ".join(p.css("::text").getall()).strip() for p in paragraphs),
            "authors": "; ".join(response.css(".lr-author::text").getall()),
            "category": response.css("ul.uk-breadcrumb a::text").getall()[-1:],
            "tags": "; ".join(
                response.css(".b-tags a::text, ul.post-tags > li > a::text").getall()
            ),
            "published_at": published.isoformat() if published else None,
        }
        for block in response.css("article.b-block-news, .post-rel"):
            kind = block.css(".b-tt-block-news::text, h4::text").get("").strip()
            for card in block.css(".b-item-news, ul.news-story > li"):
                link = card.css("h3 a")
                yield {
                    "source": response.url,
                    "target": response.urljoin(link.attrib.get("href", "")),
                    "kind": kind,
                    "title": link.css("::text").get("").strip(),
                }


class SqlitePipeline:
    """Commits every item."""

    def open_spider(self) -> None:
        self.db = sqlite3.connect(sys.argv[2])
        self.db.executescript(SCHEMA)

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Stores an item."""
        if "source" in item:
            self.db.execute(
                "INSERT OR IGNORE INTO links VALUES (:source, :target, :kind, :title)", item
            )
        else:
            row = item | {"category": "; ".join(item["category"])}
            self.db.execute(
                "INSERT INTO articles VALUES"
                " (:url, :title, :summary, :body, :authors, :category, :tags, :published_at)",
                row,
            )
            self.db.execute("INSERT INTO articles_fts VALUES (:title, :summary, :body)", row)
        self.db.commit()
        return item

    def close_spider(self) -> None:
        self.db.close()


if __name__ == "__main__":
    process = CrawlerProcess({"LOG_LEVEL": "WARNING", "ITEM_PIPELINES": {SqlitePipeline: 300}})
    process.crawl(NaiveSpider)
    process.start()
