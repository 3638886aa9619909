"""A baseline for crawls: Scrapy with default settings downloads URLs and does nothing with them.

    python bench/parts/noop_spider.py URLS

URLS is a file with one URL per line.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class NoopSpider(Spider):
    """Requests every URL and ignores the responses."""

    name = "noop"

    async def start(self) -> AsyncIterator[Request]:
        for url in Path(sys.argv[1]).read_text("utf-8").split():
            yield Request(url, callback=self.parse)

    def parse(self, response: Response) -> None:
        """Does nothing."""


if __name__ == "__main__":
    process = CrawlerProcess({"LOG_LEVEL": "WARNING"})
    process.crawl(NoopSpider)
    process.start()
