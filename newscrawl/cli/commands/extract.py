"""`newscrawl extract`: a saved page as one JSON object."""

from __future__ import annotations

import base64
import binascii
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar
from urllib.parse import urljoin

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import SITE
from newscrawl.cli.output import show_json, show_json_line
from newscrawl.core.errors import NewscrawlError, PageRejected, UsageError
from newscrawl.core.records import Page, Problem

if TYPE_CHECKING:
    from newscrawl.api.pages import SiteFinder
    from newscrawl.sites.site import Site

EPILOG = """\b
Examples:
  newscrawl extract --site bnews --url https://bnews.vn/words/267849.html page.html
  newscrawl extract --as listing --url https://bnews.vn/kinh-te/ page.html
  newscrawl extract --jsonl < pages.jsonl > articles.jsonl
"""

Result = TypeVar("Result")
KINDS = ("article", "listing", "auto")
MAX_DEPTH = 64  # levels of an id
# Bytes: a page of 16 MiB, the most that a crawl fetches, has 22 MiB in base64.
MAX_LINE = 32 * 1024 * 1024
LONGEST_MESSAGE = 300  # characters of a problem's message that quotes an exception


@click.command(epilog=EPILOG)
@click.argument("file", type=click.File("rb"), required=False)
@click.option(
    "--site",
    type=SITE,
    metavar="SITE",
    help="Site that the page belongs to.  [default: the site whose rules match the URL]",
)
@click.option(
    "--url", metavar="URL", help="URL of the page.  [default: the one that the page declares]"
)
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read one JSON object {"id", "url", "charset", "html_b64"} per line from standard input.',
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(KINDS),
    default="article",
    show_default=True,
    help="Read an article, a list of articles (category or home page), or whichever it is.",
)
@click.pass_obj
def extract(
    app: App, file: BinaryIO | None, *, site: str | None, url: str | None, jsonl: bool, kind: str
) -> None:
    """Print the article in FILE as JSON. FILE may be - for standard input.

    A page that cannot be read also produces an object, whose `problems` explain why. If no
    template in the site file matches the page, it is read without one, and `template` is `generic`.
    With --jsonl, each line of the input produces one line of output, with the same `id`.

    A list has `items` in page order and `next_url`. With `--as auto`, a page is read as a list if
    it is no article.
    """
    reader = PageReader(app, site, kind)
    if jsonl:
        if file is not None or url is not None:
            raise UsageError(
                "--jsonl reads standard input, where each line has its own URL",
                "remove FILE and --url",
            )
        for line in lines_of(sys.stdin.buffer):
            show_json_line(reader.read_line(line))
    elif file is None:
        raise UsageError(
            "expected a FILE to read", "give the path of a saved page, or - for standard input"
        )
    else:
        page = Page(url or "", file.read())
        if kind == "listing":
            _check_has_address(page, file.name)
        show_json(reader.read(page))


def _check_has_address(page: Page, name: str) -> None:
    """UsageError if a list has no address: without one, its links lead nowhere."""
    from newscrawl.api.pages import declared_url

    try:
        _ = page.url or declared_url(page)
    except PageRejected as error:
        if error.code == "not_article":
            raise UsageError(f"{name} names no address", "add --url URL") from error


def lines_of(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines; None for one that is longer than MAX_LINE. No more than that is held in memory."""
    while line := stream.readline(MAX_LINE):
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        yield None


class PageReader:
    """Reads saved pages with the site files; UsageError if the named site does not exist."""

    def __init__(self, app: App, site: str | None, kind: str = "article") -> None:
        self._kind = kind
        self._folder = app.archive
        self._site = None
        if site is not None:
            from newscrawl.sites.loading import load_site

            self._site = load_site(site, app.archive)

    @cached_property
    def _finder(self) -> SiteFinder:
        from newscrawl.api.pages import SiteFinder

        return SiteFinder(self._folder)

    def read(self, page: Page) -> dict[str, object]:
        """The object of any page, also of one that cannot be read."""
        if self._kind == "listing":
            return self._read_as_listing(page)
        result = self._read_as_article(page)
        if self._kind == "auto" and not result["title"] and not result["body"]:
            listing = self._read_as_listing(page)
            return listing if listing["items"] else result
        return result

    def _read_as_article(self, page: Page) -> dict[str, object]:
        from newscrawl.extract.as_json import article_to_dict
        from newscrawl.extract.unknown_design import read_any_design

        article = self._call(read_any_design, page, is_list=False)
        if isinstance(article, _Unread):
            return unread(article.problem, article.url, article.site)
        return article_to_dict(article)

    def _read_as_listing(self, page: Page) -> dict[str, object]:
        from newscrawl.extract.any_listing import read_any_listing
        from newscrawl.extract.as_json import listing_to_dict, unread_listing_to_dict

        listing = self._call(read_any_listing, page, is_list=True)
        if isinstance(listing, _Unread):
            site = listing.site.name if listing.site else None
            return unread_listing_to_dict(listing.problem, listing.url or None, site)
        return listing_to_dict(listing)

    def _call(
        self, function: Callable[[Site, Page], Result], page: Page, *, is_list: bool
    ) -> Result | _Unread:
        """What a function reads of a page, or why it cannot be read."""
        from newscrawl.api.pages import declared_url
        from newscrawl.extract.in_time import page_reader

        site = self._site
        try:
            url = page.url or declared_url(page)
            find = self._finder.site_with_host if is_list else self._finder.site_of
            site = site or find(url)
            page = replace(page, url=site.canonical_url(urljoin(site.origin + "/", url)))
            return page_reader().call(function, site, page)
        except PageRejected as error:
            return _Unread(Problem("extract", error.code, error.message), page.url, site)
        except (ValueError, RecursionError) as error:
            # No page should be able to cause this. The lines after it must still be answered.
            message = f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
            return _Unread(Problem("extract", "unreadable", message), page.url, site)

    def read_line(self, line: bytes | None) -> dict[str, object]:
        """The object of one line, with its `id`: null if the line has none or cannot be read."""
        try:
            values = _values_of(line)
        except BadLineError as error:
            return {"id": None, **self._unread_line(error.problem)}
        try:
            result = self.read(_page(values))
        except BadLineError as error:
            url = values.get("url")
            result = self._unread_line(error.problem, url if isinstance(url, str) else None)
        return {"id": values.get("id"), **result}

    def _unread_line(self, problem: Problem, url: str | None = None) -> dict[str, object]:
        if self._kind != "listing":
            return unread(problem, url)
        from newscrawl.extract.as_json import unread_listing_to_dict

        return unread_listing_to_dict(problem, url or None, None)


@dataclass(frozen=True, slots=True)
class _Unread:
    """Why a page cannot be read."""

    problem: Problem
    url: str
    site: Site | None


class BadLineError(NewscrawlError):
    """A line of --jsonl input that is not a page; becomes the problem of the line's object."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem("input", code, message)


def unread(problem: Problem, url: str | None = None, site: Site | None = None) -> dict[str, object]:
    """The object of a page that could not be read."""
    from newscrawl.extract.as_json import unread_to_dict

    return unread_to_dict(problem, url or None, site.name if site else None)


def _values_of(line: bytes | None) -> dict[str, Any]:
    """The JSON object of a line; BadLineError if it is none, or its id cannot be written back."""
    if line is None:
        raise BadLineError("too_big", f"expected at most {MAX_LINE} bytes in a line")
    try:
        values = json.loads(line, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        message = f"expected a JSON object: {error}"[:LONGEST_MESSAGE]
        raise BadLineError("bad_json", message) from error
    if not isinstance(values, dict):
        raise BadLineError("bad_json", f"expected a JSON object, got {type(values).__name__}")
    if not _can_be_written(values.get("id"), MAX_DEPTH):
        raise BadLineError("bad_id", f"id: expected at most {MAX_DEPTH} levels")
    return values


def _page(values: Mapping[str, Any]) -> Page:
    for name in ("url", "charset"):
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            raise BadLineError(
                f"bad_{name}", f"{name}: expected a string, got {type(value).__name__}"
            )
    encoded = values.get("html_b64")
    if not isinstance(encoded, str):
        raise BadLineError(
            "bad_base64", f"html_b64: expected a string, got {type(encoded).__name__}"
        )
    try:
        body = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        message = f"html_b64: {error}"[:LONGEST_MESSAGE]
        raise BadLineError("bad_base64", message) from error
    return Page(values.get("url") or "", body, values.get("charset"))


def _can_be_written(value: object, levels: int) -> bool:
    """Whether a JSON value has at most so many levels: Python reads deeper ones than it writes."""
    if levels == 0:
        return False
    children: list[object] = []
    if isinstance(value, dict):
        children = list(value.values())
    elif isinstance(value, list):
        children = value
    return all(_can_be_written(child, levels - 1) for child in children)


def _finite(text: str) -> float | None:
    """A number; None, JSON's null, for NaN and the infinities, which JSON does not have."""
    number = float(text)
    return number if math.isfinite(number) else None
