"""Runs the crawls of one command in one Scrapy process, and says how each ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
from twisted.python.failure import Failure

from . import settings as defaults
from .errors import NewscrawlError
from .loader import spider_class
from .lock import archive_lock
from .outcomes import CrawlOptions
from .session import Session
from .sitefile import Site
from .spiders.site import SiteSpider
from .store.writer import Store


@dataclass(frozen=True, slots=True)
class Plan:
    """One site's part of a crawl."""

    site: Site
    options: CrawlOptions


@dataclass(frozen=True, slots=True)
class Ended:
    """How one site's crawl ended; `stats` is what its row in `crawls` says."""

    site: str
    crawl_id: int
    reason: str
    exit_code: int
    stats: Mapping[str, Any]


def run(
    folder: Path,
    plans: Sequence[Plan],
    overrides: Mapping[str, object],
    watch: Callable[[Session], None] = lambda session: None,
) -> list[Ended]:
    """Crawls every plan's site at the same time; `watch` gets each session as it begins.

    `overrides` are Scrapy settings and win over site files. Raises StorageError or another of our errors where
    the archive could not be written; what was acknowledged before is stored.
    """
    with archive_lock(folder, "crawl"), Store(folder) as store:
        spiders = _crawl(folder, plans, overrides, store, watch)
        for spider in spiders:
            if spider.session.error is not None:
                raise spider.session.error
        return [_ended(store, spider.session) for spider in spiders]


def exit_code(ended: Sequence[Ended]) -> int:
    """The command's: stopped before failed before fine."""
    codes = {crawl.exit_code for crawl in ended}
    return 6 if 6 in codes else max(codes, default=0)


def _crawl(
    folder: Path,
    plans: Sequence[Plan],
    overrides: Mapping[str, object],
    store: Store,
    watch: Callable[[Session], None],
) -> list[SiteSpider]:
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    settings.set("NEWSCRAWL_ARCHIVE", str(folder), priority="cmdline")
    settings.update(dict(overrides), priority="cmdline")
    process = CrawlerProcess(settings)
    crawlers = []
    errors: list[Failure] = []
    for plan in plans:
        crawler = process.create_crawler(spider_class(plan.site))
        process.crawl(crawler, options=plan.options, store=store, watch=watch).addErrback(errors.append)
        crawlers.append(crawler)
    process.start()
    for failure in errors:
        if isinstance(failure.value, NewscrawlError):
            raise failure.value
        failure.raiseException()
    return [crawler.spider for crawler in crawlers if isinstance(crawler.spider, SiteSpider)]


def _ended(store: Store, session: Session) -> Ended:
    reason, code, stats = store.crawl_end(session.crawl_id)
    return Ended(session.site.name, session.crawl_id, reason, code, stats)
