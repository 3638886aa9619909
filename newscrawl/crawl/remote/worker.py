"""`newscrawl crawl --queue`: fetches what a collector orders, until its run has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import getpid
from pathlib import Path
from socket import gethostname
from threading import Event
from uuid import uuid4

from redis import RedisError
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from newscrawl.core.errors import NewscrawlError, SiteFileError, UsageError
from newscrawl.core.refusals import is_numeric
from newscrawl.crawl.loader import site_settings
from newscrawl.crawl.remote.address import connect, connection_options, unreachable
from newscrawl.crawl.remote.queue import Queue, run_under_way
from newscrawl.crawl.remote.spider import WorkerSpider
from newscrawl.crawl.run import crawl_settings, scrapy_process
from newscrawl.sites.loading import load_sites
from newscrawl.sites.site import Site


@dataclass(frozen=True, slots=True)
class Worked:
    """What a worker did; `stopped` is True if a signal ended it before the end of the run.

    `broken` is True if it left out a site, because its site file is invalid.
    """

    sites: tuple[str, ...]
    answers: int
    stopped: bool
    broken: bool


def work(
    folder: Path,
    names: Sequence[str],
    queue_url: str,
    *,
    base_url: str | None,
    overrides: Mapping[str, object],
    say: Callable[[str], None] = lambda message: None,
    report: Callable[[NewscrawlError], None] = lambda error: None,
) -> Worked:
    """Fetches the named sites, or all sites of the collector's run, until the run has ended.

    `folder` is used only for its site files. `report` is called with the error of each invalid one
    whose site is left out. Raises UsageError if the run crawls a site at another
    origin than this worker's site file or `base_url` gives, and SiteFileError if no site file is
    valid.
    """
    queue = _joined(queue_url, say)
    sites, broken = _sites(folder, names, queue, base_url)
    if broken and not sites:
        raise broken[0]
    for error in broken:
        report(error)
    settings = crawl_settings(folder, _named(sites, base_url), overrides)
    ours = {
        "REDIS_PARAMS": {"url": queue_url, **connection_options()},
        "DOWNLOADER": "newscrawl.crawl.remote.spider.LeasedDownloader",
        "ITEM_PIPELINES": {},  # the collector runs them
        "ITEM_PIPELINES_BASE": {},
    }
    settings.update(ours, priority="cmdline")
    process = scrapy_process(settings)
    worker = f"{gethostname()}-{getpid()}-{uuid4().hex[:8]}"
    errors: list[Failure] = []
    crawlers = [process.create_crawler(worker_class(site)) for site in sites]
    for crawler in crawlers:
        process.crawl(crawler, queue=queue, worker=worker).addErrback(errors.append)
    process.start()
    for failure in errors:
        failure.raiseException()
    spiders = [_spider(crawler) for crawler in crawlers]
    stopped = not all(spider.done for spider in spiders)
    return Worked(
        tuple(site.name for site in sites),
        sum(spider.link.answered for spider in spiders),
        stopped,
        bool(broken),
    )


def _named(sites: Sequence[Site], base_url: str | None) -> list[str]:
    """The addresses that the user entered and that may be on a private network."""
    if base_url:
        return [base_url]
    return [site.origin for site in sites if is_numeric(site.origin)]


def worker_class(site: Site) -> type[WorkerSpider]:
    """A WorkerSpider for one site, with the site's politeness as its settings."""
    return type(
        "WorkerSpider",
        (WorkerSpider,),
        {"name": site.name, "site": site, "custom_settings": site_settings(site)},
    )


def _joined(queue_url: str, say: Callable[[str], None]) -> Queue:
    """The current run; waits until there is one."""
    redis = connect(queue_url)
    told = False
    while True:
        try:
            if (queue := run_under_way(redis)) is not None:
                return queue
        except RedisError as error:
            raise unreachable(queue_url, error) from error
        if not told:
            say("no collector is running yet; waiting for one (newscrawl collect)")
            told = True
        Event().wait(0.5)


def _sites(
    folder: Path, names: Sequence[str], queue: Queue, base_url: str | None
) -> tuple[list[Site], list[SiteFileError]]:
    origins = queue.origins()
    if unknown := sorted(set(names) - set(origins)):
        raise UsageError(
            f"the collector does not collect {unknown[0]}",
            f"it collects {', '.join(sorted(origins))}",
        )
    sites = []
    loaded, broken = load_sites(names or sorted(origins), folder)
    for site in loaded:
        name = site.name
        site = site.rebased(base_url) if base_url else site
        if site.origin != origins[name]:
            raise UsageError(
                f"{name} is collected at {origins[name]},"
                f" but this worker would request {site.origin}",
                "give collector and workers the same --base-url, or the same site file",
            )
        sites.append(site)
    return sites, broken


def _spider(crawler: Crawler) -> WorkerSpider:
    assert isinstance(crawler.spider, WorkerSpider)
    return crawler.spider
