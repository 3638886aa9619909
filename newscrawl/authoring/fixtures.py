"""Fixtures of a site file: saved pages, and the results that its author has checked.

A fixture is a folder `sites/fixtures/SITE/CASE` of the archive with page.html, facts.toml (url,
kind, fetched_at) and expected.json. The latter is the object that `newscrawl extract` prints; its
`unchecked` lists the fields that nobody has checked yet.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newscrawl.core.errors import PageRejected, UsageError
from newscrawl.core.records import Page
from newscrawl.extract import extract_article, extract_listing
from newscrawl.extract.as_json import article_to_dict, listing_to_dict
from newscrawl.extract.refine import clean_listing, read_listing_times, refine
from newscrawl.sites.fixtures import put_fixture
from newscrawl.sites.site import Site

UNCHECKED = "unchecked"
_SHOWN = 90  # characters of a value
LIST_TO_CHECK = ("items", "next_url")
TO_CHECK = (
    "title",
    "summary",
    "body",
    "published_local",
    "authors",
    "category",
    "tags",
    "image_url",
    "links",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a fixture that is different or unchecked. `why` explains it."""

    case: str
    field: str
    why: str


def write_fixture(folder: Path, site: Site, page: Page, facts: str, kind: str = "article") -> None:
    """Writes a fixture with the current result of the site file. All its fields are unchecked.

    `kind` is `article` or `listing`.
    """
    to_check = LIST_TO_CHECK if kind == "listing" else TO_CHECK
    expected = _extract(site, page, kind) | {UNCHECKED: list(to_check)}
    put_fixture(folder, page.body, facts, json.dumps(expected, ensure_ascii=False, indent=2))


def differences(folder: Path, site: Site) -> Iterator[Difference]:
    """The differences between the fixtures of a site and the results of its site file.

    UsageError for a fixture that cannot be read.
    """
    for file in sorted(folder.glob("*/facts.toml")):
        case = file.parent.name
        page, expected, kind = _read_fixture(file.parent, site)
        for name in expected.pop(UNCHECKED, []):
            why = f"nobody has checked it yet: check it, then remove it from {UNCHECKED!r}"
            yield Difference(case, name, why)
        try:
            current = _extract(site, page, kind)
        except PageRejected as error:
            yield Difference(case, "page", error.message)
            continue
        for name, value in expected.items():
            if current.get(name) != value:
                yield Difference(case, name, _excerpts(value, current.get(name)))


def _read_fixture(folder: Path, site: Site) -> tuple[Page, dict[str, Any], str]:
    """The page of a fixture, its expected result, and its kind."""
    try:
        facts = tomllib.loads((folder / "facts.toml").read_text("utf-8"))
        expected: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
        body = (folder / "page.html").read_bytes()
        url = site.canonical_url(facts["url"])
    except (OSError, ValueError, KeyError) as error:
        message = f"{folder}: the fixture cannot be read: {error}"
        raise UsageError(message, "it needs page.html, facts.toml and expected.json") from error
    page = Page(url, body, facts.get("charset"), facts.get("fetched_at"))
    return page, expected, facts.get("kind", "article")


def _extract(site: Site, page: Page, kind: str) -> dict[str, Any]:
    """The article or listing as read back from JSON, so that tuples are lists."""
    if kind == "listing":
        listing = clean_listing(extract_listing(site, page))
        found = listing_to_dict(read_listing_times(listing, site, page.fetched_at))
    else:
        found = article_to_dict(refine(extract_article(site, page), site, page.fetched_at))
    values: dict[str, Any] = json.loads(json.dumps(found))
    return values


def _excerpts(expected: object, current: object) -> str:
    """Both values, from shortly before the first difference."""
    expected_text = json.dumps(expected, ensure_ascii=False)
    current_text = json.dumps(current, ensure_ascii=False)
    start = max(0, _first_difference(expected_text, current_text) - 20)
    return f"expected {_excerpt(expected_text, start)}, found {_excerpt(current_text, start)}"


def _first_difference(one: str, other: str) -> int:
    """The index of the first character that is different."""
    for index, (character, other_character) in enumerate(zip(one, other, strict=False)):
        if character != other_character:
            return index
    return min(len(one), len(other))


def _excerpt(text: str, start: int) -> str:
    end = start + _SHOWN
    before = "…" if start else ""
    after = "…" if len(text) > end else ""
    return f"{before}{text[start:end]}{after}"
