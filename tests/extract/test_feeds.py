"""Feeds: every quirk seen in a real one, with invented words."""

from __future__ import annotations

import time
import unicodedata

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Crumb, Feed, FeedEntry, Teaser
from newscrawl.core.times import to_utc_text
from newscrawl.extract.feeds import LONGEST_SUMMARY, MOST_BYTES, plain, read_feed
from newscrawl.extract.refine import read_feed_times
from tests.support.feed_cases import ENCODINGS, FETCHED_AT, LETTERS, ORIGIN, item, page, rss, site

BOMB = "<!DOCTYPE rss [" + '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY a{n} "{"&a" + str(n - 1) * (n > 1) + ";"}{"&a" + str(n - 1) * (n > 1) + ";"}">' for n in range(1, 30)
) + "]>"  # fmt: skip


def test_feed_is_read_as_a_whole() -> None:
    text = rss(
        item(7, "Một", category="Kinh tế", description="Tóm tắt", guid="g-7"),
        item(3, "Hai", "Sun, 06 Sep 2026 01:00:00 +0700"),
    )
    assert read_feed(site(), page(text)) == Feed(
        "paper",
        f"{ORIGIN}/news.rss",
        "Tin mới",
        (
            FeedEntry(
                1,
                Teaser(
                    url=f"{ORIGIN}/tin-7.html",
                    key="7",
                    title="Một",
                    summary="Tóm tắt",
                    category=Crumb("Kinh tế"),
                    published_raw="Sat, 05 Sep 2026 17:09:00 +0700",
                    published=None,
                    source="feed",
                ),
                "g-7",
            ),
            FeedEntry(
                2,
                Teaser(
                    url=f"{ORIGIN}/tin-3.html",
                    key="3",
                    title="Hai",
                    published_raw="Sun, 06 Sep 2026 01:00:00 +0700",
                    source="feed",
                ),
            ),
        ),
    )


@pytest.mark.parametrize("name", ENCODINGS)
def test_bytes_decide_the_charset_before_any_claim(name: str) -> None:
    body, charset = ENCODINGS[name]
    (entry,) = read_feed(site(), page(body, charset=charset)).entries
    assert entry.teaser.title == (LETTERS if "1258" not in name else "Đường sắt")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Sat, 05 Sep 2026 17:09:00 +0700", "2026-09-05T10:09:00Z"),
        ("Sat, 05 Sep 26 17:09:00 +0700", "2026-09-05T10:09:00Z"),  # a year of two digits
        ("<![CDATA[Sat, 05 Sep 2026 17:09:00 GMT+7]]>", "2026-09-05T10:09:00Z"),
        ("Sat, 05 Sep 2026 10:09:00 GMT", "2026-09-05T10:09:00Z"),
        ("9/5/2026 5:09:00 PM", "2026-09-05T10:09:00Z"),  # American, the site's own clock
        ("9/5/2026 12:09:00 AM", "2026-09-04T17:09:00Z"),
        ("2026-09-05T17:09:00Z", "2026-09-05T10:09:00Z"),  # a false Z
        ("2026-09-05T17:09:00+07:00", "2026-09-05T10:09:00Z"),
        (" \n Sat, 05 Sep 2026 17:09:00 +0700 ", "2026-09-05T10:09:00Z"),
        ("", None),
        ("hôm qua", None),
        ("Sat, 31 Feb 2026 17:09:00 +0700", None),
    ],
)
def test_times_are_read_by_the_formats_of_feeds(printed: str, expected: str | None) -> None:
    ours = site(feeds={"formats": ["%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%SZ"]})
    feed = read_feed_times(read_feed(ours, page(rss(item(date=printed)))), ours, FETCHED_AT)
    stamp = feed.entries[0].teaser.published
    assert (to_utc_text(stamp.utc) if stamp and stamp.utc else None) == expected


def test_formats_of_feeds_are_not_used_for_pages() -> None:
    ours = site(formats=["%d/%m/%Y %H:%M"], feeds={"formats": ["%m/%d/%Y %I:%M:%S %p"]})
    assert [one.source for one in ours.formats.formats] == ["%d/%m/%Y %H:%M"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Chữ thường", "Chữ thường"),
        ("<![CDATA[ \n Có lề  \n]]>", "Có lề"),
        ("<![CDATA[v&#224; h&agrave;ng]]>", "và hàng"),
        ("Được &amp;apos;Đất&amp;apos;", "Được 'Đất'"),
        ("<![CDATA[Được &amp;apos;Đất&amp;apos;]]>", "Được 'Đất'"),  # escaped twice
        ("A &amp;amp; B", "A & B"),
        ("<![CDATA[A & B]]>", "A & B"),
        ("<![CDATA[giá < 5 triệu, lãi > 3 %]]>", "giá < 5 triệu, lãi > 3 %"),
        ("<![CDATA[Tin <b>nóng</b>hổi]]>", "Tin nónghổi"),
        (unicodedata.normalize("NFD", "cổ phiếu"), "cổ phiếu"),
        ("một\u00a0hai\u200b", "một hai"),
    ],
)
def test_titles_are_plain_text(raw: str, expected: str) -> None:
    assert read_feed(site(), page(rss(item(title=raw)))).entries[0].teaser.title == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<![CDATA[<a href='/x'><img src='/x.jpg' alt='Ảnh'></a> Lời dẫn.]]>", "Lời dẫn."),
        ("<![CDATA[ <a href='/x'><img src='/x.jpg?a=1&b=2' ></a></br>Lời dẫn.]]>", "Lời dẫn."),
        ("<![CDATA[<a href='/x'><img src='/x.jpg' /></a><br/>Lời dẫn.]]>", "Lời dẫn."),
        ("&lt;img alt='' src='/x.jpg'/&gt;Lời dẫn.", "Lời dẫn."),
        ("<![CDATA[<p>Một.</p><p>Hai.</p><script>x()</script>]]>", "Một. Hai."),
        ("<![CDATA[<figure><img src='/x.jpg'><figcaption>Ảnh</figcaption></figure>Lời.]]>", "Lời."),
        ("<![CDATA[" + "a" * (LONGEST_SUMMARY + 1) + "]]>", None),  # the whole text is no summary
        ("", None),
    ],
)
def test_summary_has_text_without_picture(raw: str, expected: str | None) -> None:
    assert (
        read_feed(site(), page(rss(item(description=raw)))).entries[0].teaser.summary or None
    ) == expected


def test_guid_with_a_space_before_the_link_is_kept() -> None:
    text = rss(f"<item><guid >123</guid><title>Một</title><link>{ORIGIN}/tin-1.html</link></item>")
    (entry,) = read_feed(site(), page(text)).entries
    assert (entry.guid, entry.teaser.url, entry.teaser.published_raw) == (
        "123",
        f"{ORIGIN}/tin-1.html",
        None,
    )


def test_guid_is_the_address_if_there_is_no_link() -> None:
    text = rss(
        f"<item><guid isPermaLink='true'>{ORIGIN}/tin-1.html</guid><title>Một</title></item>"
    )
    assert read_feed(site(), page(text)).entries[0].teaser.key == "1"


@pytest.mark.parametrize(
    "link",
    [
        "http://paper.example/tin-1.html",
        "https://www.paper.example/tin-1.html#top",
        f"<![CDATA[ {ORIGIN}/tin-1.html?utm_source=rss ]]>",
        "/tin-1.html",
    ],
)
def test_links_become_the_canonical_address(link: str) -> None:
    assert (
        read_feed(site(), page(rss(item(link=link)))).entries[0].teaser.url
        == f"{ORIGIN}/tin-1.html"
    )


def test_atom_feed_is_read_and_time_of_edit_is_not_publication() -> None:
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Tin</title>'
        '<entry><title type="html">Một &amp;amp; hai</title><link rel="alternate" href="/tin-1.html"/><id>tag:1</id>'
        "<updated>2026-09-05T17:09:00+07:00</updated><summary>Lời</summary></entry>"
        '<entry><title>Ba</title><link href="/tin-2.html"/><published>2026-09-05T10:00:00+07:00</published>'
        "</entry></feed>"
    )
    first, second = read_feed(site(), page(text)).entries
    assert (first.teaser.title, first.teaser.summary, first.teaser.published_raw) == (
        "Một & hai",
        "Lời",
        None,
    )
    assert second.teaser.published_raw == "2026-09-05T10:00:00+07:00"


def test_dublin_core_date_of_rss_is_the_publication() -> None:
    text = rss(
        f"<item><title>Một</title><link>{ORIGIN}/tin-1.html</link>"
        '<dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2026-09-05T17:09:00+07:00</dc:date></item>'
    )
    assert (
        read_feed(site(), page(text)).entries[0].teaser.published_raw == "2026-09-05T17:09:00+07:00"
    )


def test_items_that_are_not_articles_are_left_out_but_counted() -> None:
    text = rss(
        item(link=f"{ORIGIN}/video/"),
        item(2),
        item(2, "Lần nữa"),
        item(link="http://127.0.0.1/tin-9.html"),
        item(5),
    )
    feed = read_feed(site(), page(text))
    assert [(entry.position, entry.teaser.key) for entry in feed.entries] == [(2, "2"), (5, "5")]
    assert [(one.code, one.raw) for one in feed.problems] == [
        ("refused_number", "http://127.0.0.1/tin-9.html")
    ]


def test_readable_part_of_broken_xml_is_read() -> None:
    text = rss(item(1, "Một & hai <"), item(2)).replace("</channel></rss>", "")
    assert [entry.teaser.key for entry in read_feed(site(), page(text)).entries] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_page"),
        ("  \n", "empty_page"),
        ("<?xml version='1.0'?><!-- nothing -->", "empty_page"),
        (rss(), "empty_feed"),
        (rss(item(link="https://elsewhere.example/tin-1.html")), "empty_feed"),
        ("<html><body><h1>503</h1></body></html>", "not_feed"),
        ("just words", "not_feed"),
        ("https://paper.example/tin-1.html", "not_feed"),  # feedparser would fetch it
        ("setup.cfg", "not_feed"),  # and would open this
        (BOMB + rss(item(title="&a29;"), prolog=""), "entities"),
        (
            '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
            + rss(item(title="&x;"), prolog=""),
            "entities",
        ),
        ("<rss>" + " " * MOST_BYTES, "too_large"),
    ],
)
def test_page_that_is_not_a_feed_of_articles_is_rejected(text: str, code: str) -> None:
    with pytest.raises(PageRejected) as caught:
        read_feed(site(), page(text))
    assert caught.value.code == code


def test_doctype_without_declarations_is_harmless() -> None:
    text = '<!DOCTYPE rss PUBLIC "-//X//DTD 0.91//EN" "http://127.0.0.1/rss.dtd">' + rss(
        item(), prolog=""
    )
    assert len(read_feed(site(), page(text)).entries) == 1


def test_undeclared_entity_is_not_expanded() -> None:
    assert read_feed(site(), page(rss(item(title="a&lol;b")))).entries[0].teaser.title == "a&lol;b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", ""),
        ("&amp;amp;amp;amp;", "&amp;"),
        ("&copy=1", "&copy=1"),
        ("&nosuch;", "&nosuch;"),
    ],
)
def test_repeated_escapes_are_undone_a_few_times(value: str | None, expected: str | None) -> None:
    assert plain(value) == expected


@pytest.mark.parametrize(
    "inside",
    [
        f"<author>{'a' * 1_000_000}</author>",
        f"<author>{'a.b-' * 100_000} {'c' * 100_000}@</author>",
        f"<managingEditor>{'a' * 500_000}</managingEditor><dc:creator>{'a' * 500_000}</dc:creator>",
    ],
)
def test_endless_name_in_a_feed_takes_linear_time(inside: str) -> None:
    text = rss(item(7, "Một").replace("</item>", f"{inside}</item>"))
    start = time.process_time()
    feed = read_feed(site(), page(text))
    assert [entry.teaser.title for entry in feed.entries] == ["Một"]
    assert time.process_time() - start < 2


@pytest.mark.parametrize("count", [300, 40_000])
def test_element_of_many_attributes_in_a_feed_is_rejected_at_once(count: int) -> None:
    attributes = " ".join(f'a{number}="1"' for number in range(count))
    text = rss(item(7, "Một").replace("</item>", f"<x {attributes}/></item>"))
    start = time.process_time()
    with pytest.raises(PageRejected, match=f"about {count} attributes") as caught:
        read_feed(site(), page(text))
    assert caught.value.code == "too_big"
    assert time.process_time() - start < 1
