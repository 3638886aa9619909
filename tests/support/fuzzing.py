"""What must hold for any input whatever, by name: for hypothesis in the suite, and for atheris in `make fuzz`.

Each target takes text, and fails by an exception that is none of ours or by an assertion.
"""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from lxml.html import Element

from newscrawl.core.errors import PageRejected, SiteFileError
from newscrawl.core.records import Page
from newscrawl.core.refusals import hostile_link, refusal
from newscrawl.core.times import parse_time
from newscrawl.core.urls import absolute
from newscrawl.export.csv_jsonl import write_csv
from newscrawl.extract import extract_article
from newscrawl.extract.embedded import Embedded
from newscrawl.sites.loading import load_site, load_site_file
from newscrawl.sites.page_index import ParsedPage
from newscrawl.sites.site import Site
from newscrawl.sites.sources import article_at, source_url
from newscrawl.store.filters import Filter
from newscrawl.store.read.export_rows import Cells
from newscrawl.store.read.search import search
from newscrawl.store.write.store import Store

NOW = datetime(2026, 9, 1, 6, 30, 15, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
COLUMNS = ("title", "body")
TICKS = count(10**18)


@cache
def site() -> Site:
    return load_site("bnews")


def times(text: str) -> None:
    """A time is read or it is not, and it is never the moment of reading."""
    stamp = parse_time(text, formats=site().formats, zone=ZONE, now=NOW)
    assert stamp.utc is None or stamp.utc.utcoffset() == timedelta()
    assert stamp.local is not None or stamp.problem is not None
    assert stamp.utc is None or stamp.utc.replace(microsecond=0) != NOW or "15" in text


def addresses(text: str) -> None:
    """What a link leads to is one of the site's own hosts, in one spelling; or it is nothing."""
    hostile_link(text)
    refusal(text, site().hosts)
    found = article_at(site(), "https://bnews.vn/a/1.html", text)
    if found is not None:
        assert refusal(found[0], site().hosts) is None, found
        assert site().article_key(found[0]) == found[1]
    url = source_url(site(), "https://bnews.vn/", text)
    if url is not None:
        assert refusal(url, site().hosts) is None, url
    reached = absolute("https://bnews.vn/a/1.html", text)
    if reached is not None:
        assert reached.lower().startswith(("http://", "https://"))
        clean = site().canonical_url(reached)
        assert site().canonical_url(clean) == clean
        assert site().owns(clean) == site().owns(reached)
    site().category_of(text)


def json_ld(text: str) -> None:
    """A block is read or recorded."""
    root = Element("html")
    script = Element("script", {"type": "application/ld+json"})
    with suppress(ValueError):  # lxml holds no NUL
        script.text = text
    root.append(script)
    embedded = Embedded(ParsedPage(root))
    for place in (
        "json-ld:headline",
        "json-ld:datePublished",
        "json-ld:author",
        "json-ld:Person.name",
    ):
        assert all(isinstance(value, str) for value in embedded.values(place))
    embedded.breadcrumb()


def pages(text: str) -> None:
    """A page is an article or a refusal."""
    with suppress(PageRejected):
        extract_article(
            site(), Page("https://bnews.vn/a/1.html", text.encode("utf-8", "surrogatepass"))
        )


@cache
def folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="newscrawl-fuzz-"))


def site_files(text: str) -> None:
    """A site file is a site, or its problems are said."""
    path = folder() / "fuzzed.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    at = next(TICKS)
    os.utime(path, ns=(at, at))  # a file with the time of the last one would not be read again
    with suppress(SiteFileError):
        ask_about_addresses(load_site_file(path))


def ask_about_addresses(found: Site) -> None:
    """A site that was accepted can be asked about any address."""
    for url in ("https://bnews.vn/a/1.html", "http://[::1", "/x", ""):
        found.article_key(url)
        found.category_of(url)
    assert all(category.url for category in found.categories)


@cache
def database() -> sqlite3.Connection:
    """An archive without articles: what is typed reaches SQLite all the same."""
    return Store(folder()).db


def words(text: str) -> None:
    """Any words find something or nothing."""
    search(database(), text, Filter(), limit=5)


def cells(text: str) -> None:
    """What is exported comes back; for spreadsheets no cell begins a formula."""
    text = text.encode("utf-8", "replace").decode().replace("\x00", "")  # what the archive can hold
    cells = (text, text[::-1])
    exact = exported(cells, excel=False)
    assert next(csv.DictReader(io.StringIO(exact, newline=""))) == dict(
        zip(COLUMNS, cells, strict=True)
    )
    safe = next(csv.DictReader(io.StringIO(exported(cells, excel=True), newline="")))
    assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in safe.values())


def exported(row: tuple[str, ...], *, excel: bool) -> str:
    out = io.BytesIO()
    batch = [tuple(cell.encode() for cell in row)]
    write_csv(Cells(COLUMNS, iter([batch])), out, excel=excel)
    return out.getvalue().decode("utf-8-sig")


TARGETS: Mapping[str, Callable[[str], None]] = {
    "times": times,
    "addresses": addresses,
    "json_ld": json_ld,
    "pages": pages,
    "site_files": site_files,
    "words": words,
    "cells": cells,
}
