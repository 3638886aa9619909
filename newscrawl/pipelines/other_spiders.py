"""Sessions for spiders of other Scrapy projects that store their items in an archive.

Such a project needs two settings. NEWSCRAWL_ARCHIVE is the folder of the archive. NEWSCRAWL_SITE is
the name of a site file (by default the spider's name), or the address of a site without a site
file, such as `https://paper.example/`.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.core.errors import NewscrawlError, UsageError, one_line
from newscrawl.crawl.opening import opened
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.session import Session
from newscrawl.sites.generic import generic_site, site_named
from newscrawl.sites.site import Site

CLOSED = "archive_not_available"  # the close reason of a spider whose session cannot begin


def session_for_items(crawler: Crawler) -> Session:
    """A new session, which ends when the spider closes.

    If it cannot begin, closes the spider and raises DropItem.
    """
    spider = crawler.spider
    assert spider is not None
    if isinstance(getattr(spider, "site", None), Site):
        raise DropItem("this command stores nothing: use scrapy crawl", log_level="WARNING")
    if getattr(spider, "newscrawl_failed", False):
        raise DropItem("the archive is not available", log_level="DEBUG")
    try:
        return _begin(crawler, spider)
    except NewscrawlError as error:
        spider.newscrawl_failed = True  # type: ignore[attr-defined]
        spider.logger.error("newscrawl cannot store items: %s", one_line(error))
        assert crawler.engine is not None
        closing = asyncio.ensure_future(crawler.engine.close_spider_async(reason=CLOSED))
        # The reference keeps the task alive until it is done.
        spider.newscrawl_closing = closing  # type: ignore[attr-defined]
        raise DropItem("the archive is not available", log_level="DEBUG") from error


def _begin(crawler: Crawler, spider: Spider) -> Session:
    folder = crawler.settings.get("NEWSCRAWL_ARCHIVE")
    if not folder:
        raise UsageError(
            "the setting NEWSCRAWL_ARCHIVE is missing", "set it to the folder of the archive"
        )
    site = _site(crawler.settings.get("NEWSCRAWL_SITE") or spider.name, Path(folder))
    archive = ExitStack()
    store = archive.enter_context(opened(Path(folder), spider.logger.warning))
    try:
        session = Session(site, store, CrawlOptions(discover=(), warc=False))
    except BaseException:
        archive.close()
        raise

    def end(reason: str) -> None:
        with archive:
            session.finish(reason)

    crawler.signals.connect(end, signals.spider_closed, weak=False)
    spider.session = session  # type: ignore[attr-defined]
    return session


def _site(name: str, folder: Path) -> Site:
    try:
        return generic_site(name) if "://" in name else site_named(name, folder)
    except UsageError as error:
        raise UsageError(
            error.message,
            "set NEWSCRAWL_SITE to the name of a site file, or to an address such as"
            " https://paper.example/",
        ) from error
