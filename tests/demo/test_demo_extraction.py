"""Extraction from the fictional newspaper: each field of each page has the expected value."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.request import urlopen

import pytest

from newscrawl.core.records import Article, Page
from newscrawl.demo import pages
from newscrawl.demo.paper import ORIGIN, PER_PAGE, PUBLISHED_AT, Edition, Expected, Paper
from newscrawl.demo.server import DemoServer
from newscrawl.demo.stories import IMPOSSIBLE_TIME, UNDATED, Story
from newscrawl.extract import extract_article, extract_listing
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.refine import refine
from newscrawl.sites.loading import load_site
from newscrawl.sites.site import Site

FIELDS = [field.name for field in dataclasses.fields(Expected)]
EDITIONS: tuple[Edition, ...] = (1, 2)


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site("demo")


@pytest.fixture(scope="module", params=EDITIONS)
def read(request: pytest.FixtureRequest, site: Site) -> list[tuple[dict[str, Any], Expected]]:
    """Every article page of an edition as (extracted values, expected values)."""
    paper = Paper(request.param)
    stories = [story for story in paper.stories if paper.status(story) == 200]
    return [(facts(article_of(site, paper, story)), paper.expect(story)) for story in stories]


def article_of(site: Site, paper: Paper, story: Story) -> Article:
    page = Page(
        ORIGIN + story.path, pages.article_page(paper, story).encode(), "utf-8", paper.published_at
    )
    return refine(extract_article(site, page), site, paper.published_at)


def facts(article: Article) -> dict[str, Any]:
    found = article_to_dict(article)
    return found | {
        "category_key": article.category.key if article.category else None,
        "authors": article.authors,
        "tags": article.tags,
        "breadcrumb": tuple(step.name for step in article.breadcrumb),
        "links": tuple((link.kind, link.position, link.teaser.key) for link in article.links),
    }


def asked_for(site: Site, expected: Expected) -> tuple[tuple[str, int, str], ...]:
    """The true links of the kinds that the site file has blocks for."""
    kinds = {rule.kind for template in site.model.template for rule in template.links}
    return tuple(link for link in expected.links if link[0] in kinds)


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "links"])
def test_field_of_every_page_has_the_expected_value(
    read: list[tuple[dict[str, Any], Expected]], field: str
) -> None:
    assert {e.key: found[field] for found, e in read} == {e.key: getattr(e, field) for _, e in read}


def test_links_of_every_page_are_the_expected_ones(
    read: list[tuple[dict[str, Any], Expected]], site: Site
) -> None:
    assert {e.key: found["links"] for found, e in read} == {
        e.key: asked_for(site, e) for _, e in read
    }


def test_impossible_date_is_the_only_problem(read: list[tuple[dict[str, Any], Expected]]) -> None:
    problems = [
        (problem["code"], problem["raw"]) for found, _ in read for problem in found["problems"]
    ]
    assert problems == [("impossible", IMPOSSIBLE_TIME)]


def test_teasers_have_the_values_of_their_articles(site: Site) -> None:
    paper = Paper()
    full = 0
    for story in paper.stories:
        for link in article_of(site, paper, story).links:
            target = paper.find(link.teaser.key)
            assert target is not None
            assert link.teaser.title == target.title
            if link.teaser.summary is None:  # a small card: title alone
                assert (link.teaser.category, link.teaser.published) == (None, None)
                continue
            full += 1
            assert link.teaser.summary == target.summary
            assert link.teaser.category is not None
            assert link.teaser.category.key == str(target.category.id)
            assert link.teaser.published is not None
            minute = target.placed_at.replace(second=0)
            assert link.teaser.published.utc == (None if target.place == UNDATED else minute)
    assert full > 400


@pytest.mark.parametrize("edition", EDITIONS)
def test_listing_pages_lead_through_all_articles_and_stop(site: Site, edition: Edition) -> None:
    paper = Paper(edition)
    for category, start in zip(paper.categories, site.categories, strict=True):
        url: str | None = start.url
        keys: list[str] = []
        number = 0
        while url is not None:
            number += 1
            assert url == ORIGIN + category.path(number)
            found = extract_listing(
                site, Page(url, pages.listing_page(paper, category, number).encode())
            )
            assert len(found.entries) <= PER_PAGE
            keys += [entry.teaser.key for entry in found.entries]
            url = found.next_url
        assert keys == [story.key for story in paper.listed(category)]
        assert number == paper.pages(category)


def test_page_from_the_server_is_read_by_the_rebased_site(site: Site) -> None:
    with DemoServer() as server:
        expected = server.paper.truth(server.base_url)[-1]
        with urlopen(expected.url, timeout=10) as response:
            page = Page(expected.url, response.read(), "utf-8", PUBLISHED_AT[1])
        mirror = site.rebased(server.base_url)
    article = refine(extract_article(mirror, page), mirror, PUBLISHED_AT[1])
    assert (article.url, article.key, article.body) == (expected.url, expected.key, expected.body)
    assert article.aliases == ()
    assert {link.teaser.url[: len(server.base_url)] for link in article.links} == {server.base_url}
