"""Sitemaps and indexes: their content, which of them a crawl requests, and hostile ones."""

from __future__ import annotations

import gzip
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from newscrawl.core.errors import PageRejected, SiteFileError
from newscrawl.core.records import ChildSitemap, Sitemap, SitemapEntry, Teaser
from newscrawl.core.times import to_utc_text
from newscrawl.crawl.queue import wanted_children
from newscrawl.extract import sitemaps
from newscrawl.extract.refine import read_sitemap_times
from newscrawl.extract.sitemaps import read_sitemap
from newscrawl.sites.loading import load_site_file
from newscrawl.sites.sources import Source, feeds_of, sitemaps_of, sources_of, ways_of
from tests.support.feed_cases import FETCHED_AT, ORIGIN, index, page, site, urlset

AT = f"{ORIGIN}/sitemap.xml"
SEPTEMBER = "/sitemap/news-2026-9.xml"


def mapped(**keys: Any) -> Any:
    return site(sitemap={"url": "/sitemap.xml", **keys})


def test_lastmod_is_the_publication_if_the_site_file_declares_it() -> None:
    text = urlset(("/tin-1.html", "2026-09-05T17:09:00+07:00"), ("/tin-2.html", None))
    assert read_sitemap(mapped(lastmod="published"), page(text, AT)) == Sitemap(
        "paper",
        AT,
        (
            SitemapEntry(
                1,
                Teaser(
                    url=f"{ORIGIN}/tin-1.html", key="1", published_raw="2026-09-05T17:09:00+07:00", source="sitemap"
                ),
            ),
            SitemapEntry(2, Teaser(url=f"{ORIGIN}/tin-2.html", key="2", source="sitemap")),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("ours", [mapped(), mapped(lastmod="modified"), site()])
def test_lastmod_is_otherwise_a_time_of_change(ours: Any) -> None:
    text = urlset(("/tin-1.html", "2026-09-05T17:09:00+07:00"))
    (entry,) = read_sitemap_times(read_sitemap(ours, page(text, AT)), ours, FETCHED_AT).entries
    assert entry.teaser.published_raw is None
    assert entry.modified is not None
    assert entry.modified.utc == datetime(2026, 9, 5, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lastmod", "expected"),
    [
        ("2026-09-05T17:09:00+07:00", "2026-09-05T10:09:00Z"),
        ("2026-09-05T17:09:00+0700", "2026-09-05T10:09:00Z"),
        ("2026-09-05T10:09:00Z", "2026-09-05T10:09:00Z"),
        ("2026-09-05T17:09:00", "2026-09-05T10:09:00Z"),
        ("2026-09-05", None),
        ("gần đây", None),
    ],
)
def test_lastmod_is_read(lastmod: str, expected: str | None) -> None:
    ours = mapped(lastmod="published")
    entry = read_sitemap_times(
        read_sitemap(ours, page(urlset(("/tin-1.html", lastmod)), AT)), ours, FETCHED_AT
    ).entries
    stamp = entry[0].teaser.published
    assert (to_utc_text(stamp.utc) if stamp and stamp.utc else None) == expected


def test_wrong_z_is_read_as_local_time_by_the_sites_format() -> None:
    ours = mapped(lastmod="published", formats=["%Y-%m-%dT%H:%M:%SZ"])
    found = read_sitemap_times(
        read_sitemap(ours, page(urlset(("/tin-1.html", "2026-09-05T17:09:00Z")), AT)), ours, None
    )
    stamp = found.entries[0].teaser.published
    assert stamp is not None
    assert stamp.utc == datetime(2026, 9, 5, 10, 9, tzinfo=UTC)


def test_pages_that_are_not_articles_are_left_out_but_counted() -> None:
    text = urlset(
        (f"{ORIGIN}", None), ("/photo/", None), ("/tin-2.html?utm=1", None), ("/tin-2.html", None)
    )
    found = read_sitemap(mapped(), page(text, AT))
    assert [(entry.position, entry.teaser.url) for entry in found.entries] == [
        (3, f"{ORIGIN}/tin-2.html")
    ]


def test_images_are_ignored_and_news_tags_are_read() -> None:
    text = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        f"<url><image:image><image:loc>{ORIGIN}/tin-9.html</image:loc></image:image><loc> {ORIGIN}/tin-1.html\n</loc>"
        "<news:news><news:publication><news:name>Paper</news:name></news:publication>"
        "<news:publication_date>2026-09-05T10:00:00+07:00</news:publication_date>"
        "<news:title>Một &amp;amp; hai</news:title></news:news>"
        "<lastmod>2026-09-05T12:00:00+07:00</lastmod></url></urlset>"
    )
    (entry,) = read_sitemap(mapped(), page(text, AT)).entries
    assert (entry.teaser.key, entry.teaser.title) == ("1", "Một & hai")
    assert (entry.teaser.published_raw, entry.modified_raw) == (
        "2026-09-05T10:00:00+07:00",
        "2026-09-05T12:00:00+07:00",
    )


def test_unknown_entity_among_news_tags_is_ignored() -> None:
    news = "<news:news>&x;<news:title>Một</news:title></news:news>"
    begin = '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    text = f"{begin}<url><loc>{ORIGIN}/tin-1.html</loc>{news}</url></urlset>"
    (entry,) = read_sitemap(mapped(), page(text, AT)).entries
    assert entry.teaser.title == "Một"


def test_index_keeps_the_children_that_hold_articles() -> None:
    ours = mapped(children="/sitemap/news-{year}-{month}.xml")
    text = index(
        (SEPTEMBER, "2026-09-05T17:09:00+07:00"), ("/sitemap/categories.xml", None),
        ("http://www.paper.example/sitemap/news-2026-08.xml", None),
        ("https://evil.example/sitemap/news-2026-9.xml", None),
        ("http://169.254.0.1/sitemap/news-2026-9.xml", None), (SEPTEMBER, None), ("/sitemap/news-2026-13.xml", None),
    )  # fmt: skip
    found = read_sitemap(ours, page(text, AT))
    days = [
        (child.url, child.first and str(child.first), child.after and str(child.after))
        for child in found.children
    ]
    assert days == [
        (f"{ORIGIN}{SEPTEMBER}", "2026-09-01", "2026-10-01"),
        ("http://www.paper.example/sitemap/news-2026-08.xml", "2026-08-01", "2026-09-01"),
        (f"{ORIGIN}/sitemap/news-2026-13.xml", None, None),
    ]
    assert [problem.code for problem in found.problems] == ["foreign_address", "refused_number"]


@pytest.mark.parametrize(
    ("form", "path", "days"),
    [
        ("/s/news-{year}-{month}.xml", "/s/news-2026-9.xml", ("2026-09-01", "2026-10-01")),
        ("/s/news-{year}-{month}.xml", "/s/news-2026-12.xml", ("2026-12-01", "2027-01-01")),
        (
            "/s/a-{year}-{month}-{day}.xml.gz",
            "/s/a-2024-02-29.xml.gz",
            ("2024-02-29", "2024-03-01"),
        ),
        ("/s/{year}.xml", "/s/2025.xml", ("2025-01-01", "2026-01-01")),
        ("/s.xml?y={year}&m={month}", "/s.xml?y=2025&m=01", ("2025-01-01", "2025-02-01")),
        ("/s/part-{n}.xml", "/s/part-12.xml", None),
    ],
)
def test_days_of_a_child_are_read_from_its_address(
    form: str, path: str, days: tuple[str, str] | None
) -> None:
    (child,) = read_sitemap(
        mapped(children=form), page(index((path.replace("&", "&amp;"), None)), AT)
    ).children
    assert child.url == ORIGIN + path
    assert (str(child.first), str(child.after)) == (days or ("None", "None"))


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ["2026-9", "2026-8", "2025-12", "other", "stale"]),
        ("2026-09-01", None, ["2026-9", "other"]),
        ("2026-08-31", None, ["2026-9", "2026-8", "other"]),
        ("2026-08-01", "2026-09-01", ["2026-8", "other"]),
        (None, "2026-01-01", ["2025-12", "other", "stale"]),
    ],
)
def test_only_children_that_can_hold_articles_of_the_range_are_requested(
    since: str | None, until: str | None, expected: list[str]
) -> None:
    ours = mapped()
    names = ("2026-9", "2026-8", "2025-12")
    ours = mapped(children=["/news-{year}-{month}.xml", "/{n}.xml"])
    rows = [(f"/news-{name}.xml", "2026-09-05T00:00:00Z") for name in names]
    text = index(*rows, ("/1.xml", "2026-09-05"), ("/2.xml", "2026-05-01T00:00:00+07:00"))
    found = read_sitemap_times(read_sitemap(ours, page(text, AT)), ours, FETCHED_AT)
    moments = [
        datetime.fromisoformat(f"{day}T00:00:00+07:00") if day else None for day in (since, until)
    ]
    short = {"1": "other", "2": "stale"}
    urls = [
        child.url.rpartition("/")[2].removesuffix(".xml")
        for child in wanted_children(found, ours, *moments)
    ]
    assert [short.get(name, name.removeprefix("news-")) for name in urls] == expected


def test_child_without_any_day_is_always_requested() -> None:
    found = Sitemap("paper", AT, (), (ChildSitemap(f"{ORIGIN}/x.xml"),))
    assert wanted_children(found, site(), FETCHED_AT, None) == found.children


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be"])
def test_sitemap_is_read_in_any_charset_compressed_or_not(name: str) -> None:
    body = urlset(("/tin-đ-1.html", None), prolog='<?xml version="1.0" encoding="utf-16"?>').encode(
        name
    )
    for data in (body, gzip.compress(body)):
        assert [entry.teaser.key for entry in read_sitemap(mapped(), page(data, AT)).entries] == [
            "1"
        ]


BOMB = (
    "<!DOCTYPE urlset ["
    + "".join(f'<!ENTITY a{n + 1} "&a{n};&a{n};">' for n in range(30))
    + '<!ENTITY a0 "ha">]>'
)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_page"),
        (urlset().encode(), "empty_sitemap"),
        (index().encode(), "empty_sitemap"),
        (b"<urlset><url><lastmod>2026-09-05</lastmod></url></urlset>", "empty_sitemap"),
        (b"<html><body>404</body></html>", "not_sitemap"),
        (b"words", "not_sitemap"),
        ((BOMB + urlset(("/tin-&a30;1.html", None), prolog="")).encode(), "entities"),
        (
            b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/hostname">]><urlset><url><loc>&x;</loc></url></urlset>',
            "entities",
        ),
        (gzip.compress(urlset(("/tin-1.html", None)).encode(), mtime=0)[:-9], "bad_gzip"),
        (b"\x1f\x8bnothing", "bad_gzip"),
        (gzip.compress(bytes(sitemaps.MOST_BYTES + 2), 9, mtime=0), "too_large"),
        (b"<urlset>" * 100_000, "empty_sitemap"),
    ],
)
def test_page_that_is_not_a_sitemap_is_rejected(body: bytes, code: str) -> None:
    with pytest.raises(PageRejected) as caught:
        read_sitemap(mapped(), page(body, AT))
    assert caught.value.code == code


def test_only_as_many_addresses_as_the_protocol_allows_are_read() -> None:
    text = urlset(*((f"/t-{n}.html", None) for n in range(sitemaps.MOST_ENTRIES + 5)))
    assert len(read_sitemap(mapped(), page(text, AT)).entries) == sitemaps.MOST_ENTRIES


def test_crawl_starts_from_the_sources_of_the_site_file() -> None:
    ours = site(
        category=[
            {"key": "1", "slug": "kinh-te", "url": "/kinh-te"},
            {"key": "2", "url": "/doi-song", "feed": "https://feeds.paper.example/2"},
            {"key": "3", "url": "/the-thao"},
        ],
        feeds={
            "category": "/rss/{slug}-{key}.rss",
            "site": ["/all.rss?full=1", "https://elsewhere.example/rss"],
        },
        sitemap={"url": ["/sitemap.xml", "http://paper.example/sitemap.xml"]},
    )
    feeds = (
        Source("feed", f"{ORIGIN}/rss/kinh-te-1.rss", "1"),
        Source("feed", "https://feeds.paper.example/2", "2"),
        Source("feed", f"{ORIGIN}/all.rss?full=1"),
    )
    assert feeds_of(ours) == feeds
    assert sitemaps_of(ours) == (Source("sitemap", f"{ORIGIN}/sitemap.xml"),)
    assert sources_of(ours, ("feed", "sitemap"), {"2"}) == feeds[1:2]
    assert ways_of(ours) == ("category", "feed", "sitemap")
    assert ways_of(site()) == ()
    mirror = ours.rebased("http://127.0.0.1:8800")
    assert [source.url for source in sources_of(mirror, ("feed", "sitemap"), None)] == [
        "http://127.0.0.1:8800/rss/kinh-te-1.rss",
        "http://127.0.0.1:8800/2",
        "http://127.0.0.1:8800/all.rss?full=1",
        "http://127.0.0.1:8800/sitemap.xml",
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            '[feeds]\ncategory = "/rss/{id}.rss"',
            "feeds.category: unknown name {id}; expected {key}, {slug}",
        ),
        ('[feeds]\nformats = ["%Q"]', "feeds.formats: "),
        ('[sitemap]\nurl = "/s.xml"\nlastmod = "yes"', "sitemap.lastmod: "),
        (
            '[sitemap]\nurl = "/s.xml"\nchildren = "/{month}.xml"',
            "{day} needs {month}, and {month} needs {year}",
        ),
        (
            '[sitemap]\nurl = "/s.xml"\nchildren = "/{year}/{year}.xml"',
            "{year} may occur only once",
        ),
        (
            '[sitemap]\nurl = "/s.xml"\nchild = "x"',
            "sitemap.child: unknown key; did you mean 'children'?",
        ),
    ],
)
def test_mistakes_in_a_site_file_are_reported_with_their_key(
    tmp_path: Any, lines: str, problem: str
) -> None:
    file = tmp_path / "paper.toml"
    file.write_text(
        f'extends = "bnews"\nname = "paper"\nfeeds = {{}}\n{lines}'.replace(
            "feeds = {}\n[feeds]", "[feeds]"
        )
    )
    with pytest.raises(SiteFileError) as caught:
        load_site_file(file)
    assert problem in caught.value.message


def test_every_entry_is_kept_when_its_time_is_read() -> None:
    ours = mapped(lastmod="published")
    found = read_sitemap(ours, page(urlset(("/tin-1.html", "x" * 5000)), AT))
    (entry,) = read_sitemap_times(found, ours, FETCHED_AT).entries
    assert replace(entry.teaser, published_raw=None, published=None) == replace(
        found.entries[0].teaser, published_raw=None
    )
    assert entry.teaser.published is not None
    assert len(entry.teaser.published.raw) == 200


@pytest.mark.parametrize("before", ["<!--x-->", "<!-- x -->\n", "<?x?>", "<!DOCTYPE x><!--x-->"])
def test_comments_before_a_sitemap_take_linear_time(before: str) -> None:
    comments = before + "<!--x-->" * (6_000_000 // 8)
    text = comments + urlset(("/tin-1.html", None), prolog="")
    start = time.process_time()
    assert len(read_sitemap(mapped(), page(text, AT)).entries) == 1
    assert time.process_time() - start < 4
