"""Scrapy's settings for every crawl; a site file's politeness and `crawl --set` go over them.

Each value that differs from Scrapy's default says why.
"""

from __future__ import annotations

import os

from newscrawl.core.version import VERSION
from newscrawl.pipelines import PIPELINES

BOT_NAME = "newscrawl"
SPIDER_LOADER_CLASS = "newscrawl.crawl.loader.SiteSpiderLoader"
SPIDER_MODULES: list[str] = []
COMMANDS_MODULE = "newscrawl.crawl.scrapy_commands"

NEWSCRAWL_ARCHIVE = os.environ.get("NEWSCRAWL_ARCHIVE") or "data"
NEWSCRAWL_CONTACT = "no contact given; set `contact` in newscrawl.toml"
NEWSCRAWL_RETRY_PAUSE = 1.0  # factor on the pause after a failure; 0 makes every pause zero
USER_AGENT = f"newscrawl/{VERSION} (research archive; {NEWSCRAWL_CONTACT})"

# Politeness: one request a second and host, robots.txt obeyed. At most 500 KiB of it counts (RFC 9309, 2.5).
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0
CONCURRENT_REQUESTS = 16
# A host that takes long to answer is asked less often: one page at a time, at most a minute apart.
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 0  # DOWNLOAD_DELAY is the least anyway
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
CONCURRENT_REQUESTS_PER_DOMAIN = 8

# The spider hands out pages from the database's frontier one by one; Scrapy's own queue stays short and its
# duplicate filter stays off, so that nothing is remembered outside the database.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
SCHEDULER_PRIORITY_QUEUE = (
    "scrapy.pqueues.ScrapyPriorityQueue"  # the other one keeps a queue for each host
)

# Nothing but HTTP, whatever a page links to.
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}
REDIRECT_MAX_TIMES = 5
# brotli and zstd bodies could not be read back from the WARC by other readers.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate",
}

TWISTED_DNS_RESOLVER = "newscrawl.crawl.resolver.GuardedResolver"
NEWSCRAWL_TRUSTED_HOSTS: list[str] = []  # those of --base-url: they may be on a private network

# Workers of a collector (`crawl --queue`).
NEWSCRAWL_LEASE_SECONDS = 15.0  # how long a worker that is gone keeps its site from the others
NEWSCRAWL_MOST_WAITING = (
    500  # answers that the collector has not stored; workers wait while there are more
)

DOWNLOAD_TIMEOUT = 30  # seconds for a whole page; a SIGTERM waits for two pages at most, and the delay between them
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
RETRY_TIMES = 2
CONCURRENT_ITEMS = 1  # one writer; more would only cost

# Only what a crawl uses of Scrapy: each part costs every page some 20 us, and some take long to load. Not used:
# cookies (they would need the public suffix list from the network), META refresh, Referers, telnet and remote control
# (nothing listens during a crawl), counters (a crawl's counts are in the archive's `crawls`).
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    "newscrawl.middlewares.HostGuard": 60,
    "newscrawl.crawl.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "newscrawl.middlewares.RestMiddleware": 560,  # nearer to the network than Scrapy's retries
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "newscrawl.middlewares.Redirects": 600,
    "newscrawl.middlewares.AnswerGuard": 610,  # nearer than its redirects and its unpacking
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "newscrawl.middlewares.CaptureMiddleware": 950,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}
EXTENSIONS = {
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "newscrawl.crawl.feed_rows.RowFeedExporter": 0,  # the rows of `newscrawl export`
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
# Also the base, so that a user's ITEM_PIPELINES adds to them (None switches one off) and does not replace them.
ITEM_PIPELINES = ITEM_PIPELINES_BASE = dict(PIPELINES)
DEFAULT_DROPITEM_LOG_LEVEL = (
    "DEBUG"  # a dropped page is a counted outcome, in the archive's `problems`
)
FEED_EXPORTERS = {"csv": "newscrawl.crawl.feed_rows.RowCsvExporter"}
WARN_ON_GENERATOR_RETURN_VALUE = False  # it would read the source of `parse` again for every page
LOG_LEVEL = "WARNING"
LOG_SHORT_NAMES = True
