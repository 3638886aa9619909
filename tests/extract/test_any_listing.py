"""Lists of articles of sites without a site file, and in designs that a site file does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract.any_listing import read_any_listing
from newscrawl.extract.as_json import listing_to_dict
from newscrawl.sites.generic import generic_site
from newscrawl.sites.loading import load_site
from tests.support.archive_builder import newscrawl

URL = "https://www.harbour-post.example/local/"
CARD = """<div class="card"><a href="/local/story-{n}-of-the-harbour"><img alt=""></a>
<h3><a href="/local/story-{n}-of-the-harbour">The {n}th story of the harbour</a></h3>
<p>A teaser of some length about the {n}th story of this week.</p><span class="date">{n} May 2024, 10:30</span></div>"""


def page(body: str, lang: str = "en-GB") -> Page:
    head = "<head><title>News of the coast</title></head>"
    menu = '<nav><a href="/about-the-harbour-post">About the paper and its people</a></nav>'
    return Page(URL, f'<html lang="{lang}">{head}<body>{menu}{body}</body></html>'.encode())


def items(body: str, lang: str = "en-GB") -> list[dict[str, object]]:
    listing = listing_to_dict(read_any_listing(generic_site(URL), page(body, lang)))
    found = listing["items"]
    assert isinstance(found, list)
    return found


def test_cards_are_items_in_page_order() -> None:
    lead = '<div class="lead"><h2><a href="/local/storm-of-the-year">Storm takes the roof of the market</a></h2></div>'
    found = items(lead + "".join(CARD.format(n=n) for n in (7, 8, 9)))
    assert [(item["position"], item["block"], item["key"]) for item in found] == [
        (1, "featured", "local/storm-of-the-year"),
        (2, "list", "local/story-7-of-the-harbour"),
        (3, "list", "local/story-8-of-the-harbour"),
        (4, "list", "local/story-9-of-the-harbour"),
    ]
    assert found[1] == {
        "position": 2,
        "block": "list",
        "title": "The 7th story of the harbour",
        "url": "https://www.harbour-post.example/local/story-7-of-the-harbour",
        "key": "local/story-7-of-the-harbour",
        "summary": "A teaser of some length about the 7th story of this week.",
        "published_raw": "7 May 2024, 10:30",
        "published_at": None,
    }


@pytest.mark.parametrize(
    ("time", "lang", "raw", "published_at"),
    [
        (
            "<time>5 May 2024, 10:30 GMT+2</time>",
            "en",
            "5 May 2024, 10:30 GMT+2",
            "2024-05-05T08:30:00Z",
        ),
        ("<i>5. toukokuuta 2024 klo 10.30</i>", "fi", "5. toukokuuta 2024 klo 10.30", None),
        ("<i>Room 12</i>", "en", None, None),
    ],
)
def test_time_of_a_card_is_read_in_the_language_of_the_page(
    time: str, lang: str, raw: str | None, published_at: str | None
) -> None:
    link = '<a href="/local/storm-of-the-year">Storm takes the roof of the market</a>'
    [item] = items(f"<div>{link}{time}</div>", lang)
    assert (item["published_raw"], item["published_at"]) == (raw, published_at)


@pytest.mark.parametrize(
    ("link", "next_url"),
    [
        ('<link rel="next" href="?page=2">', URL + "?page=2"),
        ('<a href="/local/?page=2">Trang tiếp</a>', URL + "?page=2"),
        ('<a href="/local/?page=2" title="Next page"></a>', URL + "?page=2"),
        ('<a href="/local/?page=2">»</a>', URL + "?page=2"),
        ('<a href="/local/">Next</a>', None),
        ('<a href="https://elsewhere.example/?page=2">Next</a>', None),
        ("", None),
    ],
)
def test_address_of_the_next_page(link: str, next_url: str | None) -> None:
    listing = read_any_listing(generic_site(URL), page(CARD.format(n=7) + link))
    assert listing.next_url == next_url


def test_page_without_articles_is_rejected() -> None:
    with pytest.raises(PageRejected, match="leads to no article") as caught:
        read_any_listing(generic_site(URL), page("<p>Nothing today.</p>"))
    assert caught.value.code == "empty_listing"


def test_unknown_design_of_a_known_site_is_read_by_its_structure() -> None:
    site = load_site("bnews")
    body = '<div><a href="/gia-ca-phe-giam/236521.html">Giá cà phê Lâm Đồng quay đầu giảm</a></div>'
    listing = read_any_listing(site, Page("https://bnews.vn/kinh-te/1/trang-1.html", body.encode()))
    assert listing.template == "generic"
    assert [entry.teaser.key for entry in listing.entries] == ["236521"]


def test_a_list_without_an_address_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "list.html"
    file.write_bytes(page("".join(CARD.format(n=n) for n in (7, 8, 9))).body)
    done = newscrawl(tmp_path, "extract", "--as", "listing", str(file))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"error: {file} names no address",
        "hint: add --url URL",
    ]
    assert newscrawl(tmp_path, "extract", "--as", "listing", str(file), "--url", URL).exit_code == 0
