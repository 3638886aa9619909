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
from newscrawl.cli.output import show_json, show_json_line
from newscrawl.core.errors import NewscrawlError, PageRejected, UsageError
from newscrawl.core.records import Page, Problem

if TYPE_CHECKING:
    from newscrawl.sites.site import Site

EPILOG = """\b
Examples:
  newscrawl extract --site bnews --url https://bnews.vn/words/267849.html page.html
  newscrawl extract --jsonl < pages.jsonl > articles.jsonl
"""

MAX_DEPTH = 64  # levels of an id
MAX_LINE = (
    32 * 1024 * 1024
)  # bytes: a page of 16 MiB, the most that a crawl fetches, has 22 in base64


@click.command(epilog=EPILOG)
@click.argument("file", type=click.File("rb"), required=False)
@click.option(
    "--site",
    metavar="SITE",
    help="The page is this site's.  [default: the one whose rules match the URL]",
)
@click.option("--url", metavar="URL", help="Where the page was.  [default: what it says of itself]")
@click.option(
    "--jsonl", is_flag=True, help='Read lines {"id", "url", "charset", "html_b64"} on stdin.'
)
@click.pass_obj
def extract(
    app: App, file: BinaryIO | None, site: str | None, url: str | None, jsonl: bool
) -> None:
    """Print the article in FILE (- for stdin) as a JSON object.

    A page that cannot be read gives an object too; its `problems` say why. In a design that the site file does not
    know, what can be read without it is there, and `template` is `generic`. With --jsonl there is one object on
    a line for every line of stdin, with the line's `id`.
    """
    reader = PageReader(app, site)
    if jsonl:
        if file is not None or url is not None:
            raise UsageError(
                "--jsonl reads stdin, where each line has its own URL", "leave out FILE and --url"
            )
        for line in lines_of(sys.stdin.buffer):
            show_json_line(reader.read_line(line))
    elif file is None:
        raise UsageError("expected a FILE to read", "name a saved page, or - for stdin")
    else:
        show_json(reader.read(Page(url or "", file.read())))


def lines_of(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines; None for one that is longer than MAX_LINE, of which no more than that is ever held."""
    while line := stream.readline(MAX_LINE):
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        yield None


class PageReader:
    """Reads saved pages with the site files; a named site that does not exist is a UsageError at once."""

    def __init__(self, app: App, site: str | None) -> None:
        self._folder = app.archive
        self._site = self._load(site) if site is not None else None

    def _load(self, name: str) -> Site:
        from newscrawl.sites.loading import load_site

        return load_site(name, self._folder)

    @cached_property
    def _sites(self) -> list[Site]:
        """Every site file that can be read; a wrong one must not keep the others' pages from being read."""
        from newscrawl.sites.loading import available_sites

        found = []
        for name in available_sites(self._folder):
            try:
                found.append(self._load(name))
            except UsageError:
                continue
        return found

    def read(self, page: Page) -> dict[str, object]:
        """The page's object, whatever the page is."""
        from newscrawl.extract.as_json import article_to_dict
        from newscrawl.extract.refine import refine
        from newscrawl.extract.unknown_design import extract_any_design

        site = self._site
        try:
            url = page.url or declared_url(page)
            site = site or self._site_of(url)
            page = replace(page, url=site.canonical_url(urljoin(site.origin + "/", url)))
            article = refine(extract_any_design(site, page), site, page.fetched_at)
        except PageRejected as error:
            return unread(Problem("extract", error.code, error.message), page.url, site)
        except (ValueError, RecursionError) as error:
            # What no page should be able to cause; the lines after this one must still be answered.
            return unread(
                Problem("extract", "unreadable", f"{type(error).__name__}: {error}"[:300]),
                page.url,
                site,
            )
        return article_to_dict(article)

    def read_line(self, line: bytes | None) -> dict[str, object]:
        """The object of one line, with its `id`: null where the line has none, is no JSON object, or is too long."""
        if line is None:
            return {"id": None} | unread(
                Problem("input", "too_big", f"expected at most {MAX_LINE} bytes in a line")
            )
        try:
            values = json.loads(line, parse_constant=_finite, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            return {"id": None} | unread(
                Problem("input", "bad_json", f"expected a JSON object: {error}"[:300])
            )
        if not isinstance(values, dict):
            return {"id": None} | unread(
                Problem("input", "bad_json", f"expected a JSON object, got {type(values).__name__}")
            )
        if not _can_be_written(values.get("id"), MAX_DEPTH):
            return {"id": None} | unread(
                Problem("input", "bad_id", f"id: expected at most {MAX_DEPTH} levels")
            )
        try:
            found = self.read(_page(values))
        except BadLineError as error:
            url = values.get("url")
            found = unread(
                Problem("input", error.code, error.message), url if isinstance(url, str) else None
            )
        return {"id": values.get("id")} | found

    def _site_of(self, url: str) -> Site:
        """The site whose rules know the address, else the generic one of its host; PageRejected where it has none."""
        from newscrawl.sites.generic import generic_site

        for site in self._sites:
            if site.article_key(site.canonical_url(url)) is not None:
                return site
        try:
            return generic_site(url)
        except UsageError as error:
            raise PageRejected(
                "not_article", f"{url[:200]!r} is not the address of a page"
            ) from error


class BadLineError(NewscrawlError):
    """A line of --jsonl input says something else than a page; becomes its object's problem."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def declared_url(page: Page) -> str:
    """The address that a page gives itself; PageRejected where it gives none, or cannot be parsed."""
    from newscrawl.extract.decode import parse

    root = parse(page)
    for place in ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for url in root.xpath(place):
            if str(url).strip():
                return str(url).strip()
    raise PageRejected("not_article", "neither --url nor the page itself says where it was")


def unread(problem: Problem, url: str | None = None, site: Site | None = None) -> dict[str, object]:
    """The object of a page that gave nothing."""
    from newscrawl.extract.as_json import unread_to_dict

    return unread_to_dict(problem, url or None, site.name if site else None)


def _page(values: Mapping[str, Any]) -> Page:
    url, charset, encoded = (values.get(name) for name in ("url", "charset", "html_b64"))
    for name, value in (("url", url), ("charset", charset)):
        if value is not None and not isinstance(value, str):
            raise BadLineError(
                f"bad_{name}", f"{name}: expected a string, got {type(value).__name__}"
            )
    if not isinstance(encoded, str):
        raise BadLineError(
            "bad_base64", f"html_b64: expected a string, got {type(encoded).__name__}"
        )
    try:
        body = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise BadLineError("bad_base64", f"html_b64: {error}"[:300]) from error
    return Page(url or "", body, charset)


def _can_be_written(value: object, levels: int) -> bool:
    """Whether a value that JSON gave can be given back: Python reads deeper ones than it writes."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_can_be_written(one, levels - 1) for one in inside)


def _finite(text: str) -> float | None:
    """NaN and the infinities have no place in JSON: null."""
    number = float(text)
    return number if math.isfinite(number) else None
