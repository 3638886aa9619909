"""The next page of every site whose paging is known, from the first page and from the second."""

from __future__ import annotations

import pytest

from newscrawl.core.records import Page
from newscrawl.extract import extract_listing
from newscrawl.sites.loading import load_site

ZONE = '<input type="hidden" id="hdZoneId" value="{}">'
AFCBC = '<div class="box-category-item"><a class="box-category-link-title" href="/mot-bai-{}.htm">Một bài</a></div>'
CAFEF = '<div class="tlitem"><h3><a href="/mot-bai-188260307071033787.chn">Một bài</a></h3></div>'
STREAM = '<div class="box-stream-item"><a class="box-stream-link-title" href="/bai-102260905133000123.htm">Một bài</a></div>'
# site, its first, second and third page, a card, and where its first page names the zone
FORMED = [
    ("cafef", "/thi-truong.chn", "/timelinelist/18831/2.chn", "/timelinelist/18831/3.chn", CAFEF, "18831"),
    ("nld", "/kinh-te.htm", "/timelinelist/1961014/2.htm", "/timelinelist/1961014/3.htm",
     AFCBC.format("196260306222222222"), "1961014"),
    ("baochinhphu", "/kinh-te.htm", "/timelinelist/1021119/2.htm", "/timelinelist/1021119/3.htm", STREAM, "1021119"),
    ("tuoitre", "/the-gioi.htm", "/timeline/2/trang-1.htm", "/timeline/2/trang-2.htm",
     AFCBC.format("20260307080109123"), "2"),
]  # fmt: skip
# site, the addresses of three pages, how the page links to the others, a card
LINKED = [
    ("bnews", ["/thoi-su/38/trang-1.html", "/thoi-su/38/trang-2.html", "/thoi-su/38/trang-3.html"], None,
     '<div class="b-item-news"><h3><a href="/mot-bai/412345.html">Một bài</a></h3></div>'),
    ("vnexpress", ["/kinh-doanh", "/kinh-doanh-p2", "/kinh-doanh-p3"], None,
     '<article class="item-news"><h3 class="title-news"><a href="/mot-bai-5012345.html">Một bài</a></h3></article>'),
    ("dantri", ["/kinh-doanh.htm", "/kinh-doanh/trang-2.htm", "/kinh-doanh/trang-3.htm"], None,
     '<div class="main"><div class="article list"><article class="article-item"><h3 class="article-title">'
     '<a href="/kinh-doanh/mot-bai-20260307080709123.htm">Một bài</a></h3></article></div></div>'),
    ("vietnamnet", ["/kinh-doanh", "/kinh-doanh-page1", "/kinh-doanh-page2"], None,
     '<div class="horizontalPost"><h3 class="vnn-title"><a href="/mot-bai-2412345.html">Một bài</a></h3></div>'),
    ("baodautu", ["/kinh-doanh-d3/", "/kinh-doanh-d3/p2", "/kinh-doanh-d3/p3"], ["p1", "p2", "p3"],
     '<ul class="list_news_home"><li><a class="fs22" href="/mot-bai-d538407.html">Một bài</a></li></ul>'),
]  # fmt: skip


def next_of(name: str, path: str, *parts: str) -> str | None:
    site = load_site(name)
    page = Page(site.origin + path, f"<html><body>{''.join(parts)}</body></html>".encode(), "utf-8")
    found = extract_listing(site, page)
    assert len(found.entries) == 1
    return found.next_url and found.next_url.removeprefix(site.origin)


def framed(name: str, card: str) -> str:
    """The card where a first page has it; later pages are the cards alone."""
    places = {
        "nld": '<div class="list__news-main">{}</div>',
        "tuoitre": '<div id="load-list-news">{}</div>',
    }
    return places.get(name, "{}").format(card)


@pytest.mark.parametrize(
    ("name", "first", "second", "third", "card", "zone"), FORMED, ids=[row[0] for row in FORMED]
)
def test_next_page_is_formed_from_zone_and_number(
    name: str, first: str, second: str, third: str, card: str, zone: str
) -> None:
    assert next_of(name, first, ZONE.format(zone), framed(name, card)) == second
    assert next_of(name, second, card) == third


@pytest.mark.parametrize("name", [row[0] for row in FORMED])
def test_page_without_a_zone_has_no_next_page(name: str) -> None:
    row = next(row for row in FORMED if row[0] == name)
    assert next_of(name, row[1], framed(name, row[4])) is None


@pytest.mark.parametrize(("name", "pages", "links", "card"), LINKED, ids=[row[0] for row in LINKED])
def test_next_page_is_the_linked_one_with_the_next_number(
    name: str, pages: list[str], links: list[str] | None, card: str
) -> None:
    shown = "".join(
        f'<a href="{link}">{number}</a>' for number, link in enumerate(links or pages, 1)
    )
    assert next_of(name, pages[0], card, shown) == pages[1]
    assert next_of(name, pages[1], card, shown) == pages[2]
    assert next_of(name, pages[2], card, shown) is None


def test_next_page_linked_only_in_the_head_is_found() -> None:
    card = LINKED[1][3]
    assert (
        next_of("vnexpress", "/kinh-doanh", '<link rel="next" href="/kinh-doanh-p2">', card)
        == "/kinh-doanh-p2"
    )
