"""Every kind of page is read as the archive stores it, and extracted in its own words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Article, Draft, Feed, Listing, Page, PageKind, Sitemap
from newscrawl.extract.read import extract, read
from newscrawl.sites.site import Site
from tests.support.feed_cases import ORIGIN, item, page, rss, site, urlset

URL = f"{ORIGIN}/tin-1.html"
PRINTED = "2026-09-05T08:15:00+07:00"
INSTANT = datetime(2026, 9, 5, 1, 15, tzinfo=UTC)
ARTICLE = f"<main><h1>Tin\u200b  một</h1><time>{PRINTED}</time><p>Một đoạn.</p></main>"
LISTING = f'<ul><li><a href="/tin-7.html">Tin\u200b  bảy</a><time>{PRINTED}</time></li></ul>'
PAGES: dict[PageKind, Page] = {
    "article": page(ARTICLE, URL),
    "listing": page(LISTING, f"{ORIGIN}/kinh-te"),
    "feed": page(rss(item(7, date="Sat, 05 Sep 2026 08:15:00 +0700")), f"{ORIGIN}/news.rss"),
    "sitemap": page(urlset(("/tin-7.html", PRINTED)), f"{ORIGIN}/sitemap.xml"),
}


@pytest.fixture
def paper() -> Site:
    fields: dict[str, Any] = {"title": "h1", "body": "main", "published": "time"}
    card = {"block": "list", "card": "li", "link": "a", "title": "a", "published": "time"}
    return site(
        template=[{"name": "one", "marker": "main", "fields": fields}],
        listing=[{"name": "one", "block": [card]}],
        sitemap={"url": "/sitemap.xml", "lastmod": "published"},
    )


def test_article_has_clean_text_and_its_time(paper: Site) -> None:
    article = read(paper, PAGES["article"], "article", URL)
    assert isinstance(article, Article)
    assert (article.key, article.title, article.aliases) == ("1", "Tin một", ())
    assert article.published is not None
    assert article.published.utc == INSTANT


def test_listing_has_clean_text_and_times(paper: Site) -> None:
    listing = read(paper, PAGES["listing"], "listing", PAGES["listing"].url)
    assert isinstance(listing, Listing)
    (entry,) = listing.entries
    assert (entry.teaser.key, entry.teaser.title) == ("7", "Tin bảy")
    assert entry.teaser.published is not None
    assert entry.teaser.published.utc == INSTANT


@pytest.mark.parametrize(("kind", "type_"), [("feed", Feed), ("sitemap", Sitemap)])
def test_feed_and_sitemap_have_times(
    paper: Site, kind: PageKind, type_: type[Feed | Sitemap]
) -> None:
    found = read(paper, PAGES[kind], kind, PAGES[kind].url)
    assert isinstance(found, type_)
    (entry,) = found.entries
    assert entry.teaser.published is not None
    assert (entry.teaser.key, entry.teaser.published.utc) == ("7", INSTANT)


@pytest.mark.parametrize(
    ("asked_url", "aliases"),
    [
        (URL, ()),
        (f"{URL}?utm_source=feed", ()),
        (f"{ORIGIN}/old-1.html", ((f"{ORIGIN}/old-1.html", "redirect"),)),
    ],
)
def test_address_before_a_redirect_is_an_alias(
    paper: Site, asked_url: str, aliases: tuple[tuple[str, str], ...]
) -> None:
    article = read(paper, PAGES["article"], "article", asked_url)
    assert isinstance(article, Article)
    assert article.aliases == aliases


def test_extract_gives_the_page_in_its_own_words(paper: Site) -> None:
    draft = extract(paper, PAGES["article"], "article")
    assert isinstance(draft, Draft)
    assert [time.raw for time in draft.published] == [PRINTED]
    listing = extract(paper, PAGES["listing"], "listing")
    assert isinstance(listing, Listing)
    assert listing.entries[0].teaser.published is None
    assert listing.entries[0].teaser.published_raw == PRINTED


@pytest.mark.parametrize(
    ("kind", "page_of", "code"),
    [
        ("article", "listing", "not_article"),
        ("listing", "article", "empty_listing"),
        ("feed", "sitemap", "not_feed"),
        ("sitemap", "feed", "not_sitemap"),
    ],
)
def test_page_of_another_kind_is_rejected(
    paper: Site, kind: PageKind, page_of: PageKind, code: str
) -> None:
    with pytest.raises(PageRejected) as caught:
        read(paper, PAGES[page_of], kind, PAGES[page_of].url)
    assert caught.value.code == code


def test_kind_that_is_never_read_is_an_error(paper: Site) -> None:
    with pytest.raises(ValueError, match="got kind 'robots'"):
        read(paper, page("User-agent: *"), "robots", f"{ORIGIN}/robots.txt")
