"""The baseline of a crawl: Scrapy with its default settings downloads the addresses of a file and does nothing.

python bench/parts/noop_spider.py ADDRESSES
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class NoopSpider(Spider):
    """Asks for every address, and lets every answer go."""

    name = "noop"

    async def start(self) -> AsyncIterator[Request]:
        for url in Path(sys.argv[1]).read_text("utf-8").split():
            yield Request(url, callback=self.parse)

    def parse(self, response: Response) -> None:
        """Nothing."""


if __name__ == "__main__":
    process = CrawlerProcess({"LOG_LEVEL": "WARNING"})
    process.crawl(NoopSpider)
    process.start()
