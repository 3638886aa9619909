"""`newscrawl extract`: a saved page as one JSON object."""

from __future__ import annotations

import base64
import binascii
import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO
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
  newscrawl extract --jsonl < pages.jsonl > articles.jsonl
"""

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
@click.pass_obj
def extract(
    app: App, file: BinaryIO | None, site: str | None, url: str | None, jsonl: bool
) -> None:
    """Print the article in FILE as JSON. FILE may be - for standard input.

    A page that cannot be read also produces an object, whose `problems` explain why. If no
    template in the site file matches the page, it is read without one, and `template` is `generic`.
    With --jsonl, each line of the input produces one line of output, with the same `id`.
    """
    reader = PageReader(app, site)
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
        show_json(reader.read(Page(url or "", file.read())))


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

    def __init__(self, app: App, site: str | None) -> None:
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
        from newscrawl.api.pages import declared_url
        from newscrawl.extract.as_json import article_to_dict
        from newscrawl.extract.in_time import page_reader
        from newscrawl.extract.unknown_design import read_any_design

        site = self._site
        try:
            url = page.url or declared_url(page)
            site = site or self._finder.site_of(url)
            page = replace(page, url=site.canonical_url(urljoin(site.origin + "/", url)))
            article = page_reader().call(read_any_design, site, page)
        except PageRejected as error:
            return unread(Problem("extract", error.code, error.message), page.url, site)
        except (ValueError, RecursionError) as error:
            # No page should be able to cause this. The lines after it must still be answered.
            message = f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
            return unread(Problem("extract", "unreadable", message), page.url, site)
        return article_to_dict(article)

    def read_line(self, line: bytes | None) -> dict[str, object]:
        """The object of one line, with its `id`: null if the line has none or cannot be read."""
        try:
            values = _values_of(line)
        except BadLineError as error:
            return {"id": None, **unread(error.problem)}
        try:
            result = self.read(_page(values))
        except BadLineError as error:
            url = values.get("url")
            result = unread(error.problem, url if isinstance(url, str) else None)
        return {"id": values.get("id"), **result}


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
