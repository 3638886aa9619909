"""Sites without a site file.

Such a site is named by its host. Every page may be an article, and its time zone is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from newscrawl.core.errors import UsageError
from newscrawl.core.urls import canonical, host_of, origin_of, path_and_query
from newscrawl.sites.loading import load_site, site_file
from newscrawl.sites.schema import SiteModel
from newscrawl.sites.site import CategoryPage, Site

TEMPLATE = "generic"
# Query parameters for tracking. They do not select the page, and would give an article many URLs.
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|ref|ref_src|cmpid|ito|ns_\w+|at_\w+|_ga|spm|smid|xtor|"
    r"wt_\w+|share|source|icid|ncid|s_cid|amp|output",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z0-9-]+|localhost")


@dataclass(frozen=True)
class GenericSite(Site):
    """A site without a site file.

    URLs are kept, except tracking parameters. The key of an article is its path and query, without
    the leading slash.
    """

    @property
    def generic(self) -> bool:
        return True

    @property
    def language(self) -> str | None:
        return None

    @property
    def zone(self) -> ZoneInfo | None:
        return None

    def canonical_url(self, url: str) -> str:
        try:
            names = [name for name, _ in parse_qsl(urlsplit(url).query)]
            return canonical(url, [name for name in names if not _TRACKING.fullmatch(name)])
        except ValueError:
            return url

    def article_key(self, url: str) -> str | None:
        if not self.owns(url):
            return None
        return path_and_query(self.canonical_url(url)).removeprefix("/") or None

    def category_of(self, url: str) -> CategoryPage | None:
        return None


def generic_site(url: str) -> GenericSite:
    """The site of a URL without a site file. UsageError if the URL has no host."""
    host = host_of(url)
    name = host.partition(":")[0].removeprefix("www.")
    if not host or not _HOST.fullmatch(name):
        hint = "expected something like https://paper.example/a/b.html"
        raise UsageError(f"{url}: not the address of a page", hint)
    return _generic(name, origin_of(url))


@lru_cache(maxsize=256)
def _generic(name: str, origin: str) -> GenericSite:
    host = host_of(origin)
    other_host = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    model = SiteModel.model_validate(
        {
            "name": name,
            "title": name,
            "domain": name,
            "origin": origin,
            "hosts": [other_host],
            "language": "und",
            "timezone": "UTC",  # only for the days of `--since`; times on its pages have no zone
            "article_url": "^(?P<id>/.+)$",
            "template": [
                {"name": TEMPLATE, "marker": "html", "fields": {"title": "h1", "body": "body"}}
            ],
        }
    )
    return GenericSite(model, origin)


def site_named(name: str, folder: Path | None = None) -> Site:
    """The site file of that name, or the generic site of that host. UsageError for neither."""
    if is_generic(name, folder):
        return generic_site(f"https://{name}/")
    return load_site(name, folder)


def is_generic(name: str, folder: Path | None = None) -> bool:
    """Whether the name is that of a host without a site file."""
    has_file = name == "demo" or site_file(name, folder) is not None
    return not has_file and _HOST.fullmatch(name) is not None


def is_described(name: str, folder: Path | None = None) -> bool:
    """Whether there is a site file of that name, valid or not, or the name is that of a host."""
    return name == "demo" or site_file(name, folder) is not None or is_generic(name, folder)


def known_sites(names: Iterable[str], folder: Path | None = None) -> Iterator[Site]:
    """The sites of these names, without those whose site file is missing or invalid."""
    for name in names:
        with suppress(UsageError):
            yield site_named(name, folder)
