"""Drafts of site files from one page, their fixtures, and advice about pages."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from lxml.html import fromstring

from newscrawl.authoring.advice import advice
from newscrawl.authoring.draft import article_url_of, draft_site, time_format_of
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract import explain_article, extract_article
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.refine import refine
from newscrawl.sites.loading import load_site
from tests.support.archive_builder import newscrawl
from tests.support.generic_pages import DATA, article, listing
from tests.support.site_fixtures import FOLDER, facts
from tests.support.transcripts import saved_page

URL = "https://www.harbour-post.example/news/pier-rebuilt-1204518.html"
# Designs that publishers really use: what the draft reads from a page equals what the finished site
# file reads.
DRAFTED = [
    ("vietnamnet/article-2026", ("key", "title", "published_at", "authors")),
    ("tuoitre/article-2026", ("key", "title", "summary")),
    ("vneconomy/article-2026", ("title", "published_at", "authors")),
    ("znews/article-2026", ("key", "title", "summary", "published_at", "authors")),
    ("vtv/article-2026", ("key", "title", "summary", "published_at")),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    saved_page(tmp_path)
    return tmp_path


def new(folder: Path, *more: str, code: int = 0) -> str:
    done = newscrawl(folder, "sites", "new", URL, "--page", str(folder / "page.html"), *more)
    assert done.exit_code == code, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(("case", "fields"), DRAFTED)
def test_the_draft_reads_what_the_finished_file_reads(
    case: str, fields: tuple[str, ...], tmp_path: Path
) -> None:
    known, finished = facts(case), load_site(case.partition("/")[0])
    body = (FOLDER / case / "page.html").read_bytes()
    page = Page(finished.canonical_url(known["url"]), body, None, known["fetched_at"])
    (tmp_path / "sites").mkdir()
    draft = draft_site(page)
    (tmp_path / "sites" / f"{draft.name}.toml").write_text(draft.toml, "utf-8")
    drafted = load_site(draft.name, tmp_path)
    found, expected = (
        article_to_dict(refine(extract_article(site, page), site, page.fetched_at))
        for site in (drafted, finished)
    )
    assert {name: found[name] for name in fields} == {name: expected[name] for name in fields}


def drafted(source: bytes) -> dict[str, Any]:
    """The template of the file that is drafted from a page."""
    template: dict[str, Any] = tomllib.loads(draft_site(Page(URL, source)).toml)["template"][0]
    return template


def test_draft_finds_a_headline_that_is_not_an_h1() -> None:
    source = article().replace(b"<h1>", b'<div class="headline">').replace(b"</h1>", b"</div>")
    assert drafted(source)["fields"]["title"][0] == "div.headline"


def test_draft_drops_boxes_in_the_text_but_no_text() -> None:
    box = '<div class="newsletter"><p>Four weeks of the paper for the price of one.</p></div>'
    plain = "<div><p>The mayor added that nobody has to pay for the ferry while the pier is closed.</p></div>"
    assert drafted(article(inside=box + plain))["fields"]["body"]["drop"] == "div.newsletter"


def test_draft_splits_lists_of_tags() -> None:
    rule = drafted(article(head='<meta property="article:tag" content="pier, harbour">'))["fields"][
        "tags"
    ]
    assert (rule["select"], rule["split"]) == ("meta:article:tag", r"\s*,\s*")


def test_a_draft_without_a_date_says_so() -> None:
    undated = draft_site(Page(URL, article(data=None)))
    assert "published: no date found; add a selector" in undated.guesses
    dated = draft_site(Page(URL, article(data=DATA)))
    assert not [guess for guess in dated.guesses if guess.startswith("published")]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("05/03/2024 09h30", "%d/%m/%Y %Hh%M"),
        ("05/03/2024 9h30", "%d/%m/%Y %Hh%M"),
        ("05/03/2024 09:30", "%d/%m/%Y %H:%M"),
    ],
)
def test_the_clock_of_a_printed_time_becomes_directives(printed: str, expected: str) -> None:
    assert time_format_of(fromstring(f"<time>{printed}</time>")) == expected


def test_a_number_inside_the_address_is_the_id() -> None:
    pattern = re.compile(article_url_of("https://paper.example/news/1204518/pier-rebuilt"))
    found = pattern.search("/sport/1204601/the-regatta")
    assert found is not None
    assert found["id"] == "1204601"
    assert not pattern.search("/about/our-staff")


@pytest.mark.parametrize("path", ["/2024/03/pier", "/20240305/pier", "/202403/pier", "/pier"])
def test_a_date_inside_the_address_is_no_id(path: str) -> None:
    assert article_url_of(f"https://paper.example{path}") == "^/(?P<id>.+)$"


def test_new_writes_a_file_and_a_fixture_that_fails_until_it_is_checked(folder: Path) -> None:
    assert "timezone" in new(folder)
    failing = newscrawl(folder, "sites", "check", "harbour-post")
    assert failing.exit_code == 2
    assert "nobody has checked it yet" in failing.stderr
    file = folder / "sites" / "fixtures" / "harbour-post" / "article-1" / "expected.json"
    expected = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(expected | {"unchecked": []}), "utf-8")
    assert newscrawl(folder, "sites", "check", "harbour-post").exit_code == 0
    file.write_text(json.dumps(expected | {"unchecked": [], "title": "Another one"}), "utf-8")
    wrong = newscrawl(folder, "sites", "check", "harbour-post", "--json")
    assert wrong.exit_code == 2
    assert [one["field"] for one in json.loads(wrong.stdout)["fixtures"]] == ["title"]


def test_new_overwrites_nothing(folder: Path) -> None:
    new(folder)
    assert "already exists" in new(folder, code=2)
    assert "post2.toml" in new(folder, "--name", "post2")


def test_new_needs_an_article_or_a_list(folder: Path) -> None:
    (folder / "page.html").write_bytes(b"<title>Post</title><h1>Post</h1><p>Nothing yet.</p>")
    assert "neither a text nor a date" in new(folder, code=2)
    assert not (folder / "sites").exists()
    with pytest.raises(PageRejected):
        draft_site(Page(URL, listing()))


def test_an_unreadable_fixture_is_named(folder: Path) -> None:
    new(folder)
    (folder / "sites" / "fixtures" / "harbour-post" / "article-1" / "expected.json").write_text(
        "{", "utf-8"
    )
    done = newscrawl(folder, "sites", "check", "harbour-post")
    assert done.exit_code == 2
    assert "the fixture cannot be read" in done.stderr


PAPER = """
name = "paper"
title = "Paper"
domain = "paper.example"
origin = "https://paper.example"
language = "en"
timezone = "Europe/Paris"
article_url = '^/(?P<id>.+)$'
[[template]]
name = "1"
marker = "h1"
[template.fields]
title = ["h1", "meta:og:title"]
published = ["meta:date", "#clock", "time"]
body = "div.text"
"""


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (
            "<h1>Logo</h1><h1>Title</h1><div class=text><p>Text.</p></div>",
            "the page has 2 h1 elements ('Logo', 'Title')",
        ),
        (
            "<meta name=date content='2024-03-05T09:30'><h1>T</h1><div class=text><p>Text.</p></div>",
            "has no offset",
        ),
        (
            "<h1>T</h1><p id=clock>05/03/2024 09:30</p><div class=text><p>Text.</p></div>",
            "looks like a clock",
        ),
        (
            "<h1>T</h1><div class=text><p>T.</p><figure><figcaption>A long caption.</figcaption></figure></div>",
            "most of its text is in captions",
        ),
        (
            "<h1>T</h1><div class=text><p>Text.</p><p><a href=/b>Another article altogether</a></p></div>",
            "1 paragraphs have only links",
        ),
        ("<div class=text><h1>T</h1><p>Text.</p></div>", "it contains the headline"),
        (
            "<meta property=og:title content=Other><h1>T</h1><div class=text><p>x</p></div>",
            "the selectors disagree",
        ),
    ],
)
def test_advice_about_a_page(page: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "paper.toml").write_text(PAPER, "utf-8")
    site = load_site("paper", tmp_path)
    found = list(advice(site, Page("https://paper.example/a", page.encode())))
    assert [one for one in found if words in one], found


def test_there_is_no_advice_about_a_good_page(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "paper.toml").write_text(PAPER, "utf-8")
    page = b"<h1>T</h1><time>05/03/2024 09:30</time><div class=text><p>Text.</p></div>"
    assert list(advice(load_site("paper", tmp_path), Page("https://paper.example/a", page))) == []


def test_a_check_has_an_empty_row_for_a_time_without_a_rule(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    rules = PAPER.splitlines(keepends=True)
    untimed = "".join(line for line in rules if not line.startswith("published"))
    assert untimed != PAPER
    (tmp_path / "sites" / "paper.toml").write_text(untimed, "utf-8")
    page = Page("https://paper.example/a", b"<h1>T</h1><div class=text><p>Text.</p></div>")
    reports = {one.field: one for one in explain_article(load_site("paper", tmp_path), page)}
    assert (reports["published"].value, reports["published"].where) == (None, None)
