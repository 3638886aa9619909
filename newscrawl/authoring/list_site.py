"""The site file that is drafted from a saved list page, and its part for a file that exists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from newscrawl.authoring.draft import ZONES, article_url_of, quoted, time_format_of
from newscrawl.authoring.listing_draft import ListingDraft, category_slug, draft_listing
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Listing, Page
from newscrawl.core.text import slugify
from newscrawl.extract.listing import extract_listing
from newscrawl.sites.schema import SiteModel
from newscrawl.sites.site import Site

# How articles are read until a template was drafted from one of them.
_TEMPLATE = """\
[[template]]
name = "data"
marker = "h1"

[template.fields]
title = ["json-ld:headline", "meta:og:title", "h1"]
summary = "meta:og:description"
published = ["json-ld:datePublished", "meta:article:published_time"]
authors = "json-ld:author"
breadcrumb = "json-ld:BreadcrumbList"
image = ["json-ld:image", "meta:og:image"]
body = ["article", "main"]
"""
_WORDS = r"^/(?P<id>(?:[^/]+/)*[^/-]+(?:-[^/-]+){2,})/?$"  # of paths without numbers
_MOST_SHOWN = 3  # addresses in a warning


@dataclass(frozen=True, slots=True)
class ListSiteDraft:
    """`toml` is a whole site file, `part` what a file for this site lacks to read the list.

    `guesses` are sentences on what the author must check.
    """

    name: str
    toml: str
    part: str
    guesses: tuple[str, ...]


def draft_list_site(page: Page) -> ListSiteDraft:
    """A site file whose `[[listing]]` finds the items that `extract --as listing` finds.

    PageRejected (`empty_listing`) if the page leads to no articles.
    """
    draft = draft_listing(page)
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    name = slugify(host.split(".")[0]) or "paper"
    pattern = _article_url([entry.teaser.url for entry in draft.listing.entries])
    category = list(_category_lines(page.url, draft))
    blocks = list(_listing_lines(page, draft))
    head = [*_head_lines(page, host, name, draft), "", f"article_url = '{pattern}'"]
    time_format = time_format_of(draft.time)
    if time_format:
        head.append(f"formats = [{quoted(time_format)}]")
    toml = "\n".join([*head, *category, "", _TEMPLATE, *blocks]) + "\n"
    part = "\n".join([*category, "", *blocks]) + "\n"
    guesses = (
        f"listing: read as a list of {len(draft.listing.entries)} articles",
        "template: the articles are read by their data; draft a template from one of them",
        *_guesses(page, draft, toml),
    )
    return ListSiteDraft(name, toml, part, guesses)


def _head_lines(page: Page, host: str, name: str, draft: ListingDraft) -> list[str]:
    address = urlsplit(page.url)
    return [
        f"# {host}. Drafted from {page.url}: check every line against other pages of the site.",
        f"name = {quoted(name)}",
        f"title = {quoted(draft.title or host)}",
        f"domain = {quoted(host)}",
        f'origin = "{address.scheme}://{address.netloc}"',
        f"language = {quoted(draft.language or 'und')}",
        f"timezone = {quoted(ZONES.get(draft.language or '', 'UTC'))}",
        "unverified = true",
    ]


def _category_lines(url: str, draft: ListingDraft) -> Iterator[str]:
    """The keys that name this page: as the home page, or as a category."""
    slug = category_slug(url)
    if not slug:
        yield 'home = { path = "/" }'
        return
    ending = urlsplit(url).path.lstrip("/").removeprefix(slug)
    characters = "[a-z-]+" if re.fullmatch("[a-z-]+", slug) else re.escape(slug)
    suffix = ""
    if draft.page_suffix:
        suffix = re.escape(draft.page_suffix).replace(r"\{page\}", r"(?P<page>\d+)")
        suffix = f"(?:{suffix})?"
    yield f"category_url = '^/(?P<slug>{characters}){suffix}{re.escape(ending)}$'"
    yield f'category_start = "/{{slug}}{ending}"'
    key = slug.rpartition("/")[2]
    name = quoted(draft.category or key)
    yield f"category = [{{ key = {quoted(key)}, slug = {quoted(slug)}, name = {name} }}]"


def _listing_lines(page: Page, draft: ListingDraft) -> Iterator[str]:
    yield "[[listing]]"
    yield f'name = "{page.fetched_at.year if page.fetched_at else 1}"'
    if not category_slug(page.url):
        yield 'page = "home"'
    elif draft.next and not draft.page_suffix:
        yield f"next = {quoted(draft.next)}"
    for block in draft.blocks:
        yield ""
        yield "[[listing.block]]"
        for key in ("block", "card", "title", "summary", "published"):
            value = getattr(block, key)
            if value is not None and (key, value) != ("block", "list"):
                yield f"{key} = {quoted(value)}"


def _article_url(urls: Sequence[str]) -> str:
    """The pattern that matches the most of these addresses; the numbered ones before others."""
    patterns = dict.fromkeys(article_url_of(url) for url in urls)
    numbered = [pattern for pattern in patterns if r"(?P<id>\d" in pattern]

    def count(pattern: str) -> int:
        return sum(re.search(pattern, urlsplit(url).path) is not None for url in urls)

    return max([*numbered, _WORDS], key=count)


def _guesses(page: Page, draft: ListingDraft, toml: str) -> Iterator[str]:
    if draft.language not in ZONES:
        yield "timezone: the page does not have it; replace UTC with the site's own"
    missing, more = _difference(page, draft.listing, toml)
    if missing:
        yield f"listing: {len(missing)} items of the page are not found: {_some(missing)}"
    if more:
        yield f"listing: {len(more)} further items are found: {_some(more)}"


def _difference(page: Page, expected: Listing, toml: str) -> tuple[list[str], list[str]]:
    """The addresses that the drafted file does not find, and those that it finds besides."""
    model = SiteModel.model_validate(tomllib.loads(toml))
    site = Site(model, model.origin)
    page = replace(page, url=site.canonical_url(page.url))
    try:
        found = {entry.teaser.url for entry in extract_listing(site, page).entries}
    except PageRejected:
        found = set()
    wanted = {site.canonical_url(entry.teaser.url) for entry in expected.entries}
    return sorted(wanted - found), sorted(found - wanted)


def _some(urls: list[str]) -> str:
    shown = ", ".join(urls[:_MOST_SHOWN])
    return f"{shown}, …" if len(urls) > _MOST_SHOWN else shown
