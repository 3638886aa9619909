"""Which pages of a foreign archive are wanted: those of known sites, or any news page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from newscrawl.core.errors import UsageError
from newscrawl.core.records import HOME
from newscrawl.core.urls import path_and_query
from newscrawl.sites.generic import generic_site
from newscrawl.sites.loading import available_sites, load_sites
from newscrawl.sites.site import Site

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Target:
    """What an address is to newscrawl. `key` is that of the article, or of the category."""

    site: Site
    kind: Literal["article", "listing"]
    key: str
    page: int = 1


class Targets:
    """The sites whose pages are wanted.

    `generic`: also pages of hosts without a site file. `say` gets a line for each invalid site
    file.
    """

    def __init__(self, folder: Path, *, generic: bool, say: Callable[[str], None]) -> None:
        sites, errors = load_sites(available_sites(folder), folder)
        for error in errors:
            say(f"warning: its pages are skipped: {error.message}")
        self._sites: dict[str, Site | None] = {}
        for site in sites:
            for host in site.hosts:
                self._sites.setdefault(host, site)
        self._generic = generic

    def is_wanted(self, url: str) -> bool:
        """Whether the address may be that of a wanted page, by its host alone."""
        return self._site(url) is not None

    def of(self, url: str) -> Target | None:
        """The article, category page or home page at an address; None for any other page."""
        site = self._site(url)
        if site is None:
            return None
        key = site.article_key(url)
        if key is not None:
            return Target(site, "article", key)
        if site.generic:
            return None
        category = site.category_of(url)
        if category is not None:
            return Target(site, "listing", category.key, category.page)
        return _listing_at(site, site.canonical_url(url))

    def _site(self, url: str) -> Site | None:
        """The site of an address. Most records of a file have the same few hosts."""
        scheme, _, rest = url.partition("://")
        scheme = scheme.lower()
        host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2].lower()
        host = host.removesuffix(_DEFAULT_PORTS.get(scheme, ""))
        if host not in self._sites:
            self._sites[host] = self._generic_site(scheme, host)
        return self._sites[host]

    def _generic_site(self, scheme: str, host: str) -> Site | None:
        if not self._generic or scheme not in _DEFAULT_PORTS or not host:
            return None
        try:
            return generic_site(f"https://{host}/")
        except UsageError:
            return None


def _listing_at(site: Site, url: str) -> Target | None:
    """The category page whose start this is, or the home page."""
    for category in site.categories:
        if category.url == url:
            return Target(site, "listing", category.key)
    if site.owns(url) and path_and_query(url) == "/":
        return Target(site, "listing", HOME)
    return None
