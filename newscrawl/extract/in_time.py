"""Reads pages within seconds of CPU, however large or hostile they are.

Libraries for HTML, XML and feeds need the square of a page's size, or more, for some pages; no list
of such pages is complete. So a page that is much larger than usual is read in another process,
which can be killed. Any other page is read here, where a timer interrupts everything but single
calls of lxml: in a page of that size, they take less than a second. A page that is interrupted
gets the rest of its time in the other process, as do later pages of the same site.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TypeVar

from newscrawl.core.deadline import OutOfMemory, OutOfTime, SideProcess, SideProcessDied, within
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Article, Draft, Feed, Listing, Page, PageKind, Sitemap
from newscrawl.extract.read import extract, read
from newscrawl.sites.site import Site

Extracted = Draft | Listing | Feed | Sitemap
Result = TypeVar("Result")

# Seconds of CPU for one page. An ordinary page takes 3 to 30 ms, a sitemap of 50,000 addresses 2 s.
READ_SECONDS = 4.0
HERE_SECONDS = 0.5
# Limits of a page that is read here. Nine of ten saved news pages have less than half of it.
_BYTES = 500_000
_TAGS = 8_000  # opening and closing ones
_TAGS_FOR_COSTLY = 1_000  # if a selector of the site takes more than linear time
_GZIP, _GZIP_BYTES = b"\x1f\x8b", 20_000
# A pattern is interrupted only after some thousand steps, each of which may look at a whole word or
# text. So these are bytes in which there has to be a space or a tag, or a tag.
_WORD, _TEXT = 10_000, 25_000
_BETWEEN_WORDS, _BETWEEN_TEXTS = re.compile(rb"[\s<]"), re.compile(b"<")


class TooLong(Exception):
    """A page is not to be read here. Whoever reads it aside has `seconds` left for it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class PageReader:
    """Reads pages here or in its other process, which is started for the first slow page."""

    def __init__(self, process: SideProcess | None = None) -> None:
        self._process = process or SideProcess()
        self._slow_sites: set[str] = set()

    def extract(self, site: Site, page: Page, kind: PageKind) -> Extracted:
        """What extract.read.extract gives; PageRejected (`too_slow`) after READ_SECONDS."""
        return self.call(extract, site, page, kind)

    def read(
        self, site: Site, page: Page, kind: PageKind, asked_url: str
    ) -> Article | Listing | Feed | Sitemap:
        """What extract.read.read gives; PageRejected (`too_slow`) after READ_SECONDS."""
        return self.call(read, site, page, kind, asked_url)

    def call(
        self, function: Callable[..., Result], site: Site, page: Page, *args: object
    ) -> Result:
        """What a function of a module gives for a page; PageRejected (`too_slow`) if it is slow."""
        try:
            return self.here(function, site, page, *args)
        except TooLong as error:
            return self.aside(error.seconds, function, site, page, *args)

    def here(
        self, function: Callable[..., Result], site: Site, page: Page, *args: object
    ) -> Result:
        """The same in this process; TooLong for a page that is to be read aside."""
        if site.name in self._slow_sites or may_be_slow(site, page):
            raise TooLong(READ_SECONDS)
        try:
            return within(HERE_SECONDS, partial(function, site, page, *args))
        except OutOfTime:
            self._slow_sites.add(site.name)
            raise TooLong(READ_SECONDS - HERE_SECONDS) from None

    def aside(
        self,
        seconds: float,
        function: Callable[..., Result],
        site: Site,
        page: Page,
        *args: object,
    ) -> Result:
        """The same in the other process."""
        try:
            result: Result = self._process.call(
                seconds, _read_aside, site.pickled, function, page, args
            )
        except OutOfTime as error:
            message = f"{page.url}: {len(page.body):,} bytes cannot be read in time: {error}"
            raise PageRejected("too_slow", message) from error
        except OutOfMemory as error:
            message = f"{page.url}: {len(page.body):,} bytes cannot be read: {error}"
            raise PageRejected("too_big", message) from error
        except SideProcessDied as error:
            message = f"{page.url}: {len(page.body):,} bytes cannot be read: {error}"
            raise PageRejected("unreadable", message) from error
        return result

    def close(self) -> None:
        """Ends the other process at once. The next slow page starts another."""
        self._process.close()


@lru_cache(maxsize=1)
def page_reader() -> PageReader:
    """The reader of this process."""
    return PageReader()


def may_be_slow(site: Site, page: Page) -> bool:
    """Whether a page is too large for being read here. Looks at each byte once."""
    body = page.body
    if len(body) > _BYTES or (body.startswith(_GZIP) and len(body) > _GZIP_BYTES):
        return True
    if body.count(b"<") > (_TAGS_FOR_COSTLY if site.has_costly_selectors else _TAGS):
        return True
    return _lacks(_BETWEEN_WORDS, body, _WORD) or _lacks(_BETWEEN_TEXTS, body, _TEXT)


def _lacks(pattern: re.Pattern[bytes], body: bytes, size: int) -> bool:
    """Whether there is a stretch of this size without the pattern, at a multiple of the size.

    Any stretch of twice the size contains one.
    """
    for start in range(0, len(body) - size, size):
        if pattern.search(body, start, start + size) is None:
            return True
    return False


def _read_aside(
    pickled_site: bytes, function: Callable[..., Result], page: Page, args: tuple[object, ...]
) -> Result:
    """Runs in the other process."""
    result: Result = function(_site(pickled_site), page, *args)
    return result


@lru_cache(maxsize=64)
def _site(pickled: bytes) -> Site:
    """The same object for each page of a site, since it caches what it compiles."""
    site: Site = pickle.loads(pickled)
    return site
