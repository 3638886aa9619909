"""A selector finds the same elements with the index of a ParsedPage as with XPath alone."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from cssselect import HTMLTranslator
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from newscrawl.core.records import Page
from newscrawl.extract.decode import parse
from newscrawl.sites.loading import PACKAGED
from newscrawl.sites.page_index import ParsedPage
from newscrawl.sites.selectors import AnyOf, compile_selector

FIXTURES = Path(__file__).parents[1] / "fixtures"
NESTED = document_fromstring(
    '<div id="a" class="x"><p class="x y">1<span class="x"><b>2</b></span></p><ul class="u"><li>3<ul class="u"><li>4'
    '</li></ul></li></ul></div><p class="y\xa0z x">5<b class="X">6</b></p><div class="x"><b id="a">7</b></div>'
)
ODD = """
    .x | .x .x | .x b | p.x | div.x > p | div > .x b | ul.u > li | ul.u li | #a | #a b | div#a .y | .y | .z | B | p.x.y
    p.y.x > span | .x:first-child | b, .x | .x + ul | li ~ li | p:not(.x) | [class] | div[id=a] b | body | html | *
    .x .x .x | .x ~ .y b | .x ~ p ~ .x | .x > .y + .u li | ul > li .u > li | p + div b, .x > b | b, .x b, li li | li + li
    p:last-child | b:first-child | .x:has(b) > p | div p + ul li ul
    [class=x] | [class='x y'] > span | p[class] | .x[id] b | [ID=a] b | [id=a][class] | [id^=a] | [nothing] | [id='']
    .x [id] | div > [id=a] | .u > .u | div p.y.x | .x > [class] | .x [class='x y'] | ul ul.u > li
    body > * | .x * | .nothing | ::attr(id) | > body | .x::text | p.x ~ ul li | li > ul > li
"""


@pytest.mark.parametrize(
    "source", [one.strip() for line in ODD.strip().splitlines() for one in line.split("|")]
)
def test_page_and_xpath_find_the_same(source: str) -> None:
    assert _in_page(NESTED, source) == _by_xpath(NESTED, source)


@pytest.mark.parametrize(
    "source",
    [
        one.strip()
        for line in ODD.strip().splitlines()
        for one in line.split("|")
        if "::" not in one and not one.strip().startswith(">")
    ],
)
def test_steps_find_what_one_xpath_of_the_whole_selector_finds(source: str) -> None:
    whole = HTMLTranslator().css_to_xpath(source, prefix="descendant::")
    for root in (NESTED, NESTED[0], *NESTED.iterdescendants("p", "ul")):
        assert _by_xpath(root, source) == etree.XPath(whole)(root), etree.tostring(root)


SIBLINGS = '<p class="time">1</p>' * 14_000
INSIDE = '<div class="a b c">' * 2_000 + "<p>x</p>" * 2_000


@pytest.mark.parametrize(
    ("source", "body", "found"),
    [
        ("p.time + h3 + div.content", SIBLINGS, 0),
        ("p + p", SIBLINGS, 13_999),
        ("p ~ p", SIBLINGS, 13_999),
        ("p ~ p ~ p + p", SIBLINGS, 13_997),
        ("p:last-child, p:first-child", SIBLINGS, 2),
        (".a .b .c .a", INSIDE, 1_997),
        (".a > .b .c", INSIDE, 1_998),
        ("div div div p", INSIDE, 2_000),
        (".a h2, .b h3, .c p", INSIDE, 2_000),
        (".a:has(h2)", INSIDE, 0),
    ],
)
def test_no_selector_takes_more_than_linear_time(source: str, body: str, found: int) -> None:
    root = document_fromstring(f"<body>{body}", parser=etree.HTMLParser(huge_tree=True))
    start = time.process_time()
    assert len(_in_page(root, source)) == found
    assert len(_by_xpath(root, source)) == found
    assert time.process_time() - start < 3


def test_any_of_matches_what_its_selectors_match() -> None:
    sources = tuple(one.strip() for line in ODD.strip().splitlines() for one in line.split("|"))
    for asked in (*((one,) for one in sources), sources[:12], sources[5:9]):
        together = AnyOf(asked)
        found = {element for element in NESTED.iterdescendants() if together.fits(element)}
        found.update(element for one in together.others for element in one.elements(NESTED))
        assert found == {element for one in asked for element in _by_xpath(NESTED, one)}, asked


def test_simple_selectors_need_no_xpath() -> None:
    heads = [compile_selector(source).head for source in (".x", "div.x > p", "#a b", "p.x.y")]
    assert all(head is not None for head in heads)
    assert compile_selector("b, .x").head is None


@pytest.mark.parametrize(
    "site", sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir())
)
def test_every_selector_of_the_site_files_finds_the_same_in_their_fixtures(site: str) -> None:
    pages = [
        parse(Page("https://x.example/", file.read_bytes()))
        for file in (FIXTURES / site).glob("*/page.html")
    ]
    sources = sorted(set(_selectors()))
    assert len(sources) > 300
    different = [
        source
        for page, source in product(pages, sources)
        if _in_page(page, source) != _by_xpath(page, source)
    ]
    assert different == []


def _selectors() -> Iterator[str]:
    for file in PACKAGED.glob("*.toml"):
        for text in _texts(tomllib.loads(file.read_text("utf-8"))):
            try:
                compile_selector(text)
            except ValueError:
                continue
            if not re.fullmatch(r"[\w-]+", text):
                yield text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _in_page(root: HtmlElement, source: str) -> list[HtmlElement]:
    return compile_selector(source).elements(ParsedPage(root))


def _by_xpath(root: HtmlElement, source: str) -> list[HtmlElement]:
    return compile_selector(source).elements(root)


def test_selector_that_depends_on_ancestors_is_refused() -> None:
    with pytest.raises(ValueError, match=r"without :lang\(\), got 'p:lang\(vi\)'"):
        compile_selector("p:lang(vi)")
