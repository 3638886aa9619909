"""Cards of link blocks: each is read from the page that it stands on, in bounded time."""

from __future__ import annotations

from time import process_time

from newscrawl.core.records import Page, Teaser
from newscrawl.extract import extract_article
from newscrawl.sites.loading import load_site

CARD = '<div class="b-item-news"><h3><a href="{}">{}</a></h3><a class="meta-data-sub" href="/thi-truong/4/">Chợ</a></div>'
PAGE = """<!DOCTYPE html><html><body><h1 class="font-42">Một bài</h1><div class="lr-ct"><p>Lời.</p></div>
<article class="b-block-news"><h2 class="b-tt-block-news">Tin liên quan</h2>{}</article></body></html>"""


SELF = "https://bnews.vn/a/1.html"
SECONDS = 5  # without the limit on nested cards it takes a minute


def teasers(url: str, *cards: tuple[str, str]) -> list[Teaser]:
    """The related articles of a page with these cards."""
    body = PAGE.format("".join(CARD.format(*card) for card in cards)).encode()
    return [link.teaser for link in extract_article(load_site("bnews"), Page(url, body)).links]


def test_same_card_gives_the_same_teaser_on_another_page() -> None:
    card = ("/bai/100.html", "Bài")
    (first,), (second,) = (teasers(f"https://bnews.vn/a/{number}.html", card) for number in (1, 2))
    assert first == second
    assert (first.url, first.key, first.title) == ("https://bnews.vn/bai/100.html", "100", "Bài")


def test_relative_address_is_resolved_against_its_page() -> None:
    card = ("bai/100.html", "Bài")
    found = [
        teasers(f"https://bnews.vn/{page}", card)
        for page in ("1.html", "chuyen-muc/7.html", "1.html")
    ]
    assert [[one.url for one in page] for page in found] == [
        ["https://bnews.vn/bai/100.html"],
        [],
        ["https://bnews.vn/bai/100.html"],
    ]


def test_cards_that_differ_in_one_letter_give_different_teasers() -> None:
    found = teasers(
        "https://bnews.vn/a/1.html",
        ("/bai/100.html", "Bài"),
        ("/bai/101.html", "Bài"),
        ("/bai/102.html", "Bai"),
    )
    assert [(teaser.key, teaser.title) for teaser in found] == [
        ("100", "Bài"),
        ("101", "Bài"),
        ("102", "Bai"),
    ]


def test_card_on_a_mirror_leads_to_the_mirror() -> None:
    body = PAGE.format(CARD.format("/bai/100.html", "Bài")).encode()
    site = load_site("bnews")
    mirror = site.rebased("http://127.0.0.1:8900")
    read = [
        extract_article(one, Page(f"{one.origin}/a/1.html", body)).links[0].teaser.url
        for one in (site, mirror, site)
    ]
    assert read == [
        f"{origin}/bai/100.html" for origin in (site.origin, mirror.origin, site.origin)
    ]


def test_a_thousand_nested_cards_are_read_in_bounded_time() -> None:
    link = f'<h3><a href="/bai/100.html">{"chữ " * 300_000}</a></h3>'
    body = PAGE.format('<div class="b-item-news">' * 1000 + link).encode()
    start = process_time()
    assert [
        link.teaser.key for link in extract_article(load_site("bnews"), Page(SELF, body)).links
    ] == ["100"]
    assert process_time() - start < SECONDS
