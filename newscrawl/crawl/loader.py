"""Makes every site file a spider: `scrapy list`, `scrapy crawl bnews`."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from newscrawl import settings as defaults
from newscrawl.core.errors import UsageError
from newscrawl.sites.hosts import SiteHosts
from newscrawl.sites.loading import available_sites, load_site
from newscrawl.sites.site import Site
from newscrawl.spiders.site import SiteSpider


class SiteSpiderLoader:
    """Scrapy's SpiderLoaderProtocol for site files.

    A site file in the archive takes precedence over one of the same name in the package.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(Path(settings["NEWSCRAWL_ARCHIVE"]))

    def load(self, spider_name: str) -> type[Spider]:
        """A spider class for the named site. Raises KeyError for an unknown name."""
        try:
            return spider_class(load_site(spider_name, self.folder))
        except UsageError as error:
            raise KeyError(error.message) from error

    def find_by_request(self, request: Request) -> list[str]:
        """The sites that own the request's URL."""
        return [
            name
            for name in SiteHosts(self.folder).names(request.url)
            if load_site(name, self.folder).owns(request.url)
        ]

    def list(self) -> list[str]:  # last, because `list` below it would be this method
        """The names of all site files, sorted."""
        return sorted(available_sites(self.folder))


def spider_class(site: Site) -> type[SiteSpider]:
    """A SiteSpider for one site, with the site's politeness as its settings."""
    return type(
        "SiteSpider",
        (SiteSpider,),
        {"name": site.name, "site": site, "custom_settings": site_settings(site)},
    )


def site_settings(site: Site) -> dict[str, object]:
    """The Scrapy settings of a site file."""
    settings: dict[str, object] = {}
    if site.legacy_tls:
        settings["DOWNLOAD_HANDLERS"] = {
            **defaults.DOWNLOAD_HANDLERS,
            "https": "newscrawl.crawl.tls.LegacyHandler",
        }
    if site.politeness.delay_seconds is not None:
        settings["DOWNLOAD_DELAY"] = site.politeness.delay_seconds
        settings["AUTOTHROTTLE_ENABLED"] = site.politeness.delay_seconds > 0
    if site.politeness.concurrency is not None:
        settings["CONCURRENT_REQUESTS_PER_DOMAIN"] = site.politeness.concurrency
    return settings
