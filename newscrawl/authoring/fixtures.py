"""Fixtures of a site file: saved pages, and what its author has seen with own eyes that they say.

A fixture is a folder `sites/fixtures/SITE/CASE` of the archive with page.html, facts.toml (url, kind, fetched_at) and
expected.json: the object that `newscrawl extract` prints, and in `unchecked` the fields nobody has looked at yet.
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
from newscrawl.extract import extract_article
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.refine import refine
from newscrawl.sites.fixtures import put_fixture
from newscrawl.sites.site import Site

UNCHECKED = "unchecked"
_SHOWN = 90  # characters of a value
LOOK_AT = (
    "title", "summary", "body", "published_local", "authors", "category", "tags", "image_url", "links",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """What a fixture expects in a field, and what the site file reads there now; `why` where that is no difference."""

    case: str
    field: str
    why: str


def write_fixture(folder: Path, site: Site, page: Page, facts: str) -> None:
    """Writes a fixture of what the site file reads now, every field of it to be looked at."""
    expected = _read(site, page) | {UNCHECKED: list(LOOK_AT)}
    put_fixture(folder, page.body, facts, json.dumps(expected, ensure_ascii=False, indent=2))


def differences(folder: Path, site: Site) -> Iterator[Difference]:
    """Every way in which the fixtures of a site do not hold. UsageError for a fixture that cannot be read."""
    for file in sorted(folder.glob("*/facts.toml")):
        case = file.parent.name
        try:
            facts = tomllib.loads(file.read_text("utf-8"))
            expected: dict[str, Any] = json.loads(
                (file.parent / "expected.json").read_text("utf-8")
            )
            body = (file.parent / "page.html").read_bytes()
            page = Page(
                site.canonical_url(facts["url"]),
                body,
                facts.get("charset"),
                facts.get("fetched_at"),
            )
        except (OSError, ValueError, KeyError) as error:
            raise UsageError(
                f"{file.parent}: no fixture that can be read: {error}",
                "it needs page.html, facts.toml, expected.json",
            ) from error
        unchecked = expected.pop(UNCHECKED, [])
        for name in unchecked:
            yield Difference(
                case,
                name,
                f"nobody has looked at it yet: compare, and take it out of {UNCHECKED!r}",
            )
        try:
            found = _read(site, page)
        except PageRejected as error:
            yield Difference(case, "page", error.message)
            continue
        for name, value in expected.items():
            if found.get(name) != value:
                yield Difference(case, name, _apart(value, found.get(name)))


def _read(site: Site, page: Page) -> dict[str, Any]:
    """As it is after a journey through JSON: tuples are lists."""
    article = refine(extract_article(site, page), site, page.fetched_at)
    found: dict[str, Any] = json.loads(json.dumps(article_to_dict(article)))
    return found


def _apart(expected: object, found: object) -> str:
    """Both, from shortly before where they part."""
    texts = [json.dumps(value, ensure_ascii=False) for value in (expected, found)]
    pairs = enumerate(zip(*texts, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), min(map(len, texts)))
    start = max(0, same - 20)
    return "expected {}, found {}".format(*(_cut(text, start) for text in texts))


def _cut(text: str, start: int) -> str:
    return (
        ("…" if start else "")
        + text[start : start + _SHOWN]
        + ("…" if len(text) > start + _SHOWN else "")
    )
