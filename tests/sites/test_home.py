"""The home page of a site file: its URL, its place among the categories, and the designs it is read with."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.core.errors import SiteFileError
from newscrawl.core.records import Page
from newscrawl.extract import extract_listing
from newscrawl.sites.loading import available_sites, load_site, load_site_file
from newscrawl.sites.schema import ListingTemplate, Template
from newscrawl.sites.site import CategoryPage, Site

PAPER = """
name = "paper"
title = "Paper"
domain = "paper.example"
origin = "https://paper.example"
hosts = ["www.paper.example"]
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
article_url = '^/a-(?P<id>[0-9]+)$'
category_url = '^/(?P<slug>[a-z-]+)/(?:p(?P<page>[0-9]+))?$'
category_start = "/{slug}/"

[[template]]
name = "plain"
marker = "h1"
[template.fields]
title = "h1"
body = "div.text"

[[listing]]
name = "list"
marker = "li.story"
[[listing.block]]
card = "li.story"
"""
HOME_KEY = 'home = { name = "Trang chủ" }\n'
CATEGORIES = 'category = [{ key = "news", slug = "news", name = "Tin" }]\n'
HOME_DESIGN = """
[[listing]]
name = "front"
page = "home"
marker = "div.top"
[[listing.block]]
block = "lead"
card = "div.top"
link = "a.title"
summary = "p"
[[listing.block]]
block = "section"
card = "li.story"
"""
FRONT = """<html><body>
<ul class="menu"><li><a href="/a-9">A story in the menu</a></li></ul>
<div class="top"><a class="title" href="/a-1">The lead</a><p>What it says.</p></div>
<ul><li class="story"><a href="http://www.paper.example/a-2">The second</a></li>
<li class="story"><a href="/a-1">The lead again</a></li></ul>
<a href="/news/p2">More news</a>
</body></html>"""


def paper(folder: Path, keys: str, designs: str = "") -> Site:
    path = folder / "paper.toml"
    path.write_text(PAPER.replace("\n[[template]]", f"\n{keys}[[template]]", 1) + designs, "utf-8")
    return load_site_file(path)


def page_at(url: str, text: str = FRONT) -> Page:
    return Page(url, text.encode(), "utf-8")


def test_home_is_the_first_category(tmp_path: Path) -> None:
    site = paper(tmp_path, HOME_KEY + CATEGORIES, HOME_DESIGN)
    assert [(row.key, row.name, row.url) for row in site.categories] == [
        ("home", "Trang chủ", "https://paper.example/"),
        ("news", "Tin", "https://paper.example/news/"),
    ]
    assert [row.key for row in site.as_row().categories] == ["home", "news"]


@pytest.mark.parametrize("asked", ["home", "Trang chủ", "trang chu"])
def test_home_is_asked_for_by_key_or_name(tmp_path: Path, asked: str) -> None:
    site = paper(tmp_path, HOME_KEY + CATEGORIES, HOME_DESIGN)
    assert site.category_keys((asked,)) == frozenset({"home"})


@pytest.mark.parametrize(
    ("url", "is_home"),
    [
        ("https://paper.example/", True),
        ("https://paper.example", True),
        ("http://www.paper.example/?utm_source=x", True),
        ("https://paper.example/news/", False),
        ("https://elsewhere.example/", False),
    ],
)
def test_home_is_recognised_on_every_host(tmp_path: Path, url: str, is_home: bool) -> None:
    site = paper(tmp_path, HOME_KEY, HOME_DESIGN)
    assert site.is_home(url) is is_home
    assert (site.category_of(url) == CategoryPage("home", None, 1)) is is_home


def test_home_of_a_mirror_is_its_own(tmp_path: Path) -> None:
    site = paper(tmp_path, 'home = { path = "/front.html" }\n', HOME_DESIGN)
    mirror = site.rebased("http://127.0.0.1:8900")
    assert mirror.categories[0].url == "http://127.0.0.1:8900/front.html"
    assert mirror.is_home("http://127.0.0.1:8900/front.html")
    assert not mirror.is_home("http://127.0.0.1:8900/")


@pytest.mark.parametrize(
    "own",
    [
        '{ key = "home", slug = "news", name = "Tin" }',
        '{ key = "first", url = "/", name = "Trang nhất" }',
    ],
)
def test_own_category_takes_the_place_of_the_home_page(tmp_path: Path, own: str) -> None:
    site = paper(tmp_path, f"{HOME_KEY}category = [{own}]\n", HOME_DESIGN)
    assert len(site.categories) == 1
    assert site.category_of("https://paper.example/") is None


def test_blocks_have_their_names_and_positions_as_printed(tmp_path: Path) -> None:
    site = paper(tmp_path, HOME_KEY + CATEGORIES, HOME_DESIGN)
    listing = extract_listing(site, page_at("https://paper.example/"))
    assert listing.template == "front"
    assert [
        (entry.position, entry.block, entry.teaser.key, entry.teaser.title, entry.teaser.summary)
        for entry in listing.entries
    ] == [
        (1, "lead", "1", "The lead", "What it says."),
        (2, "section", "2", "The second", None),
        (3, "section", "1", "The lead again", None),
    ]


def test_home_page_has_no_next_page(tmp_path: Path) -> None:
    keys = HOME_KEY + CATEGORIES
    site = paper(tmp_path, keys, HOME_DESIGN.replace("marker", 'next = "a"\nmarker'))
    assert extract_listing(site, page_at("https://paper.example/")).next_url is None


def test_category_page_is_not_read_with_the_design_of_the_home_page(tmp_path: Path) -> None:
    site = paper(tmp_path, HOME_KEY + CATEGORIES, HOME_DESIGN)
    listing = extract_listing(site, page_at("https://paper.example/news/"))
    assert (listing.template, len(listing.entries)) == ("list", 2)


def test_home_page_of_another_design_is_read_like_a_category_page(tmp_path: Path) -> None:
    site = paper(tmp_path, HOME_KEY + CATEGORIES, HOME_DESIGN)
    other = FRONT.replace('class="top"', 'class="head"')
    listing = extract_listing(site, page_at("https://paper.example/", other))
    assert (listing.template, [entry.block for entry in listing.entries]) == ("list", ["list"] * 2)


@pytest.mark.parametrize(
    ("keys", "designs", "fault"),
    [
        (HOME_KEY, "", 'expected a [[listing]] with page = "home"'),
        ("", HOME_DESIGN, "expected its path"),
        ('home = { path = "front" }\n', HOME_DESIGN, "home.path"),
        (HOME_KEY, HOME_DESIGN.replace('"lead"', '"top"'), "block.0.block"),
        (HOME_KEY, HOME_DESIGN.replace("marker", 'seen = "2012-13"\nmarker'), "seen.0"),
    ],
)
def test_mistakes_are_reported(tmp_path: Path, keys: str, designs: str, fault: str) -> None:
    with pytest.raises(SiteFileError) as error:
        paper(tmp_path, keys, designs)
    assert fault in str(error.value)


@pytest.mark.parametrize("name", sorted(available_sites()))
def test_every_packaged_design_was_seen_or_says_that_it_was_not(name: str) -> None:
    model = load_site(name).model
    designs: list[Template | ListingTemplate] = [*model.template, *model.listing]
    for design in designs:
        not_seen = design.unverified or model.unverified
        assert bool(design.seen) is not not_seen, design.name
