"""Scrapy's settings for every crawl. Site files and `crawl --set` take precedence over them.

Comments give the reason for each value that differs from Scrapy's default.
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
NEWSCRAWL_RETRY_PAUSE = 1.0  # factor for the pause after a failure; 0 means no pause
USER_AGENT = f"newscrawl/{VERSION} (research archive; {NEWSCRAWL_CONTACT})"

# Politeness: one request per second per host, and robots.txt is obeyed.
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0
DOWNLOADER = "newscrawl.crawl.pace.PacedDownloader"  # the delay begins when a request is sent
CONCURRENT_REQUESTS = 16
# A slow host gets fewer requests: one page at a time, with a delay of at most a minute.
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 0  # DOWNLOAD_DELAY is the minimum anyway
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
CONCURRENT_REQUESTS_PER_DOMAIN = 8

# The spider takes pages from the frontier in the database one by one. Scrapy's own queue is short
# and its duplicate filter is off, so all lasting state is in the database.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
# Scrapy's default keeps one queue per host, which the crawl of one site does not need.
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.ScrapyPriorityQueue"

# Only HTTP, whatever a page links to, and only with limited headers.
DOWNLOAD_HANDLERS = {
    "http": "newscrawl.crawl.header_limits.LimitedHandler",
    "https": "newscrawl.crawl.tls.TlsHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
REDIRECT_MAX_TIMES = 5
# Other WARC readers could not read bodies in brotli or zstd.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate",
}

TWISTED_DNS_RESOLVER = "newscrawl.crawl.resolver.GuardedResolver"
NEWSCRAWL_TRUSTED_HOSTS: list[str] = []  # hosts of --base-url, which may be on a private network

# Workers of a collector (`crawl --queue`).
NEWSCRAWL_LEASE_SECONDS = 15.0  # after this, another worker takes the site of a dead worker
NEWSCRAWL_MOST_WAITING = 500  # workers pause while more answers wait for the collector

# Seconds for a whole page. After a SIGTERM, a crawl waits for at most two pages and the delay
# between them.
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the crawl reports failures by site, not by page
CONCURRENT_ITEMS = 1  # there is one writer, so more would only add overhead

# Only the parts of Scrapy that a crawl uses: each part takes about 20 us per page, and some take
# long to load. Not used: cookies (they would need the public suffix list from the network), META
# refresh, Referers, telnet and remote control (a crawl opens no port), and statistics (the counts
# of a crawl are in the `crawls` table of the archive).
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    "newscrawl.middlewares.HostGuard": 60,
    "newscrawl.crawl.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "newscrawl.middlewares.RestMiddleware": 560,  # closer to the network than RetryMiddleware
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "newscrawl.middlewares.Redirects": 600,
    "newscrawl.middlewares.AnswerGuard": 610,  # closer than the redirects and the decompression
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "newscrawl.middlewares.CaptureMiddleware": 950,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}
EXTENSIONS = {
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "newscrawl.crawl.feed_rows.RowFeedExporter": 0,  # the rows of `newscrawl export`
    "newscrawl.crawl.short_log.ShortLog": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
# Also the base, so that a user's ITEM_PIPELINES adds to these pipelines instead of replacing them.
# None turns one off.
ITEM_PIPELINES = ITEM_PIPELINES_BASE = dict(PIPELINES)
# A dropped page is a counted outcome with a row in the `problems` table.
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"
FEED_EXPORTERS = {"csv": "newscrawl.crawl.feed_rows.RowCsvExporter"}
WARN_ON_GENERATOR_RETURN_VALUE = False  # it would read the source of `parse` for every page
LOG_LEVEL = "WARNING"
LOG_SHORT_NAMES = True
