"""The pages that site files are tested on: the real structure with made-up words, and what must be read from them.

Each is a folder tests/fixtures/SITE/CASE with page.html, facts.toml (url, kind = "article" or "listing",
fetched_at) and expected.json. After a change that is meant, `python -m tests.support.site_fixtures SITE/CASE` writes
expected.json again: read its diff.
"""

from __future__ import annotations

import json
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from newscrawl.cli.commands.extract import unread
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Entry, Listing, Page, Problem
from newscrawl.core.times import to_utc_text
from newscrawl.extract import extract_article, extract_listing
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.refine import clean_listing, read_listing_times, refine
from newscrawl.sites.loading import load_site
from newscrawl.sites.site import Site

FOLDER = Path(__file__).parents[1] / "fixtures"


def cases() -> list[str]:
    """Every case as `site/case`."""
    return sorted(
        path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*/facts.toml")
    )


def facts(case: str) -> dict[str, Any]:
    """Where and when the page was fetched, and what it is."""
    return tomllib.loads((FOLDER / case / "facts.toml").read_text("utf-8"))


def kind(case: str) -> str:
    """`article` or `listing`."""
    return str(facts(case)["kind"])


def expected(case: str) -> dict[str, Any]:
    """What must be read from the page."""
    values: dict[str, Any] = json.loads((FOLDER / case / "expected.json").read_text("utf-8"))
    return values


@cache
def found(case: str) -> dict[str, Any]:
    """What is read from the page: as `newscrawl extract` prints it, or a listing in the same manner."""
    known, site = facts(case), load_site(case.partition("/")[0])
    url, body = site.canonical_url(known["url"]), (FOLDER / case / "page.html").read_bytes()
    page = Page(url, body, known.get("charset"), known["fetched_at"])
    try:
        if known["kind"] == "listing":
            return _listing(site, page)
        return _plain(article_to_dict(refine(extract_article(site, page), site, page.fetched_at)))
    except PageRejected as error:
        return _plain(unread(Problem("extract", error.code, error.message), page.url, site))


def _listing(site: Site, page: Page) -> dict[str, Any]:
    listing = read_listing_times(clean_listing(extract_listing(site, page)), site, page.fetched_at)
    return {
        "url": listing.url,
        "site": listing.site,
        "template": listing.template,
        "entries": [_entry(entry) for entry in listing.entries],
        "next_url": listing.next_url,
        "problems": _codes(listing),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    teaser = entry.teaser
    return {
        "block": entry.block,
        "title": teaser.title,
        "url": teaser.url,
        "key": teaser.key,
        "category": teaser.category.name if teaser.category else None,
        "category_key": teaser.category.key if teaser.category else None,
        "summary": teaser.summary,
        "published_raw": teaser.published_raw,
        "published_at": to_utc_text(teaser.published.utc)
        if teaser.published and teaser.published.utc
        else None,
    }


def _codes(listing: Listing) -> list[str]:
    return [problem.code for problem in listing.problems]


def _plain(values: dict[str, object]) -> dict[str, Any]:
    """As it is after a journey through JSON: tuples are lists."""
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return plain


if __name__ == "__main__":
    for name in sys.argv[1:]:
        text = json.dumps(found(name), ensure_ascii=False, indent=2)
        (FOLDER / name / "expected.json").write_text(text + "\n", "utf-8")
