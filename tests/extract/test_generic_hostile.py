"""Hostile pages: each is read or rejected with a bounded number of calls."""

from __future__ import annotations

import cProfile
import json
from contextlib import suppress

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract import extract_article
from newscrawl.sites.generic import generic_site
from tests.support.generic_pages import DATA, PARAGRAPHS, URL, article

MOST_CALLS = (
    3_000_000  # these pages take at most 1.2 million, and one took 16 before its text was bounded
)
DEEP = 1_800  # levels: libxml2 reads 2,048
WORDS = "The harbour master said that the old timber had been weakened by worms. "


def nested(tag: str, text: str = "x", attributes: str = "", levels: int = DEEP) -> str:
    return f"<{tag} {attributes}>{text}" * levels + f"</{tag}>" * levels


HOSTILE = {
    "nested links": article(inside=nested("a", "A headline of some length", 'href="/news/other"')),
    "nested dates": article(before=nested("span", "5 March 2024 ", 'class="date"')),
    "nested by-lines": article(before=nested("span", "Ada Quill, ", 'class="byline"')),
    "nested headings of lists": article(after=nested("div", "Related stories <a href='/news/x'>A long headline</a>")),
    "nested paragraphs of text": article(inside=nested("p", WORDS)),
    "nested boxes": article(inside=nested("div", WORDS, 'class="related"')),
    "nested emphasis": article(inside=f"<p>{nested('b', WORDS, levels=900)}</p>"),
    "many dates": article(before='<span class="date">5 March 2024</span>' * 9_000),
    "many links": article(inside='<p><a href="/news/other">A headline of some length</a></p>' * 9_000),
    "many headlines": article(before="<h1>Town rebuilds its northern pier</h1>" * 9_000),
    "many headings of lists": article(after="<h3>Related</h3><a href='/x'>A headline of length</a>" * 7_000),
    "many paragraphs": article(inside=f"<p>{PARAGRAPHS[0]}</p>" * 9_000),
    "many objects": article(data={"@graph": [dict(DATA, url=f"https://x.example/{n}") for n in range(9_000)]}),
    "many authors": article(data=dict(DATA, author=[{"name": f"Ada Quill {chr(97 + n % 26)}"} for n in range(9_000)])),
    "long title": article(title="Pier - " * 200_000, h1="Pier | " * 200_000, data=None),
    "long headline": article(data=dict(DATA, headline="Pier - " * 200_000)),
    "long by-line": article(before=f'<p class="byline">By {"Ada Quill and " * 50_000}</p>', data=None),
    "long author": article(data=dict(DATA, author="Ada Quill y Ben Ink, " * 50_000)),
    "long description": article(data=dict(DATA, description=WORDS * 20_000)),
    "long text in the data": article(data=dict(DATA, articleBody=WORDS * 20_000)),
    "deep data": article(data=json.loads('{"@graph":' * 400 + "[]" + "}" * 400)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_takes_a_bounded_number_of_calls(name: str) -> None:
    extract_article(generic_site(URL), Page(URL, article()))  # what is loaded on first use
    profile = cProfile.Profile()
    profile.enable()
    with suppress(PageRejected):
        extract_article(generic_site(URL), Page(URL, HOSTILE[name]))
    profile.disable()
    profile.create_stats()
    assert sum(calls for calls, *_ in profile.stats.values()) < MOST_CALLS
