"""Which printed date is the article's own, with and without a site file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.records import Article, Page
from newscrawl.extract import explain_article, extract_article
from newscrawl.extract.refine import refine
from newscrawl.sites.generic import generic_site
from newscrawl.sites.loading import load_site
from tests.support.generic_pages import DATA, article

URL = "https://www.harbour-post.example/news/pier-rebuilt"
BNEWS = "https://bnews.vn/mot-tieu-de/123456.html"
META = '<meta property="article:published_time" content="2026-09-04T16:22:56+07:00">'
RELATED = """<div class="post-rel"><h4>Tin liên quan</h4><ul><li>
<h3><a href="https://bnews.vn/gia-ca-phe-giam/236521.html">Giá cà phê Lâm Đồng quay đầu giảm, nông dân găm hàng</a></h3>
<span class="post-time">11:34' - 22/11/2022</span></li></ul></div>"""


def read(page: bytes, url: str = URL) -> Article:
    site = generic_site(url)
    return refine(extract_article(site, Page(url, page)), site, None)


def bnews_without_time(head: str = "") -> Page:
    """An article of bnews whose template finds no time, above a dated list of other articles."""
    page = (
        Path(__file__).parents[1] / "fixtures" / "bnews" / "article-2026" / "page.html"
    ).read_text("utf-8")
    broken = page.replace("b-control-details", "b-details").replace("ld+json", "json")
    return Page(
        BNEWS,
        broken.replace("</head>", f"{head}</head>")
        .replace("</main>", f"{RELATED}</main>")
        .encode(),
    )


def test_template_without_a_time_ignores_printed_dates() -> None:
    site = load_site("bnews")
    found = refine(extract_article(site, bnews_without_time()), site, None)
    assert found.published is None
    assert [(one.field, one.code) for one in found.problems] == [("published", "missing")]


def test_the_clock_of_the_header_is_not_the_time_of_the_article() -> None:
    clock = '<div class="date-now">30 November 2026</div><h1>'
    own = '<p>By Ada Quill</p><time datetime="2024-03-05T10:00:00+00:00">5 March 2024, 10:00</time>'
    found = read(article(data=None, before=own).replace(b"<h1>", clock.encode()))
    assert found.published is not None
    assert found.published.raw == "2024-03-05T10:00:00+00:00"


def test_explain_reports_the_time_of_extract_and_its_place() -> None:
    reports = {
        one.field: one for one in explain_article(load_site("bnews"), bnews_without_time(META))
    }
    assert reports["published"].value == "2026-09-04T16:22:56+07:00"
    assert reports["published"].where == "generic:meta:article:published_time"
    empty = {one.field: one for one in explain_article(load_site("bnews"), bnews_without_time())}
    assert (empty["published"].value, empty["published"].where) == (None, None)


@pytest.mark.parametrize(
    "after",
    [
        '<ul><li><a href="/news/storm">Storm takes the roof off the fish market</a> <time>4 May 2024</time></li></ul>',
        '<div><a href="/news/storm">Storm takes the roof off the fish market</a><p class="date">4 May 2024</p></div>',
        '<div class="related"><p>Storm</p><span class="date">4 May 2024</span></div>',
        '<div class="lien-quan"><p>Bão</p><span class="time">04/05/2024 10:00</span></div>',
        '<a href="/news/storm"><h3>Storm</h3><time datetime="2024-05-04T10:00:00Z">4 May</time></a>',
        '<div class="comments"><time datetime="2024-05-04T10:00:00Z">4 May</time> Well said!</div>',
        '<section class="sidebar"><p class="date">4 May 2024</p></section>',
        "".join(
            f'<div class="entry"><time>{day} May 2024</time><p>It rained.</p></div>' * 9
            for day in (4, 5, 6)
        ),
        '<p class="updated-date">4 May 2024</p>',
        '<time itemprop="dateModified" datetime="2024-05-04T10:00:00Z">4 May</time>',
        '<div data-publish-date="2024-05-04"><a href="/news/storm">Storm takes the roof off the fish market</a></div>',
        '<div itemscope><meta itemprop="datePublished" content="2024-05-04T10:00:00Z"></div>'
        '<div itemscope><meta itemprop="datePublished" content="2024-05-03T10:00:00Z"></div>',
    ],
)
def test_date_of_something_else_is_not_the_publication_time(after: str) -> None:
    found = read(article(data=None, after=after))
    assert found.published is None
    assert ("published", "missing") in [(one.field, one.code) for one in found.problems]


def test_todays_date_at_the_top_is_not_the_publication_time() -> None:
    links = "".join(f'<a href="/section-{number}">Section {number}</a>' for number in range(30))
    clock = f'<div class="top"><span class="date">4 May 2024</span>{links}</div><nav>'
    assert read(article(data=None).replace(b"<nav>", clock.encode(), 1)).published is None


@pytest.mark.parametrize(
    "before",
    [
        '<time datetime="2024-03-05T09:30:00Z">5 March</time>',
        '<div class="meta">By <a href="/author/ada-quill-of-the-harbour-post">Ada Quill of the Harbour Post</a>'
        ' <span class="date">2024-03-05T09:30:00Z</span></div>',
        '<p class="byline-date"><span class="published updated">2024-03-05T09:30:00Z</span></p>',
    ],
)
def test_date_near_the_headline_is_the_publication_time(before: str) -> None:
    stamp = read(article(data=None, before=before)).published
    assert stamp is not None
    assert stamp.local == "2024-03-05T09:30:00+00:00"


def other(path: str, **more: Any) -> dict[str, Any]:
    url = f"https://www.harbour-post.example{path}"
    return {
        "@type": "NewsArticle",
        "headline": f"Of {path}",
        "datePublished": "2020-01-01T00:00:00Z",
        "url": url,
    } | more


def with_objects(*objects: object) -> bytes:
    return article(
        data=None, head=f'<script type="application/ld+json">{json.dumps(objects)}</script>'
    )


def test_object_with_the_pages_own_address_is_the_article() -> None:
    own = dict(DATA) | {"mainEntityOfPage": {"@id": URL}}
    found = read(with_objects(other("/a"), other("/b"), own))
    assert (found.title, found.published.local if found.published else "") == (
        DATA["headline"],
        DATA["datePublished"],
    )


def test_objects_of_a_list_of_other_articles_are_ignored() -> None:
    listed = {
        "@type": "ItemList",
        "itemListElement": [{"@type": "ListItem", "item": other("/a")}, other("/b")],
    }
    for page in (with_objects(listed), with_objects(other("/a"), other("/b"))):
        found = read(page)
        assert (found.title, found.published) == ("Town rebuilds its northern pier", None)


def test_unfilled_field_gives_way_to_the_next_place() -> None:
    head = '<meta property="article:published_time" content="0001-01-01T00:00:00Z">'
    stamp = read(
        article(data=None, head=head, before='<time datetime="2024-03-05T09:30:00Z">5 March</time>')
    ).published
    assert stamp is not None
    assert stamp.local == "2024-03-05T09:30:00+00:00"


CARD = """<div class="item"><a href="/other/storm">Storm takes the roof off the fish market</a>
<p>04/05/2024 10:00</p></div>"""


@pytest.mark.parametrize(
    ("before", "local"),
    [
        ("<div>By Ada Quill | 5 March 2024, 9:30 am</div>", "2024-03-05T09:30:00"),
        ("<p class='tagline'>05/03/2024 - 04:30 - Fonte: Ada Quill</p>", "2024-03-05T04:30:00"),
        (
            "<div><b>Ada Quill</b><br>5 Mar 2024 21:38 The Harbour Post<br></div>",
            "2024-03-05T21:38:00",
        ),
        ("<div><a href='/day/5'><span>5 March 2024</span></a></div>", "2024-03-05"),
        (
            "<div class='elementor-widget elementor-widget-date'><p>5 March 2024</p></div>",
            "2024-03-05",
        ),
        ("<p>Updated 6 March 2024 | Published 5 March 2024</p>", "2024-03-05"),
        ("<div><time>5 March 2024</time></div>" + CARD, "2024-03-05"),
        ("<div>Ada Quill 08:39, 06 Mar 2024 Updated 08:41, 06 Mar 2024</div>", "2024-03-06"),
        ("<aside><div class='publication-date'>5 March 2024</div></aside>", "2024-03-05"),
        (
            "<div class='relative'><i>5 March 2024</i><i>0</i>"
            "<a href='https://other.example/add'>Make this paper one of your sources</a></div>",
            "2024-03-05",
        ),
        # no date of the article
        (CARD, None),
        ("<p>The council of the town met on 5 March 2024 in the hall.</p>", None),
        ("<p>It was seen on 5 March 2024 by nobody</p>" * 3, "2024-03-05"),
        ("<div>5 March 2024 was a rainy day</div>", None),
        ("<div class='updated-date'>5 March 2024</div>", None),
        ("<div>Updated <time>6 March 2024</time></div>", None),
        ("<div><b>By Ada</b> Aktualisiert: <time>6 March 2024</time></div>", None),
        (
            "<div>Published <time>5 March 2024</time> Updated <time>6 March 2024</time></div>",
            "2024-03-05",
        ),
        ("<h2>5 March 2024</h2>", None),
        ("<div class='top-bar'>5 March 2024</div>", None),
    ],
)
def test_date_beside_the_headline_needs_no_name(before: str, local: str | None) -> None:
    published = read(article(data=None, before=before)).published
    assert (published.local if published else None) == local


def test_date_before_the_headline_is_the_articles_only_close_to_it() -> None:
    links = "".join(f"<a>Section {number}</a>" for number in range(30))
    near = article(data=None).replace(b"<article>", b"<article><div>5 March 2024</div>")
    far = article(data=None).replace(b"<nav>", f"<div>5 March 2024</div>{links}<nav>".encode())
    assert (read(near).published is None, read(far).published is None) == (False, True)


def test_dates_stand_beside_the_chosen_headline_and_not_beside_the_logo() -> None:
    page = article(data=None, before="<div>5 March 2024</div>")
    logo = b"<h1>The Harbour Post</h1><div>9 March 2024</div>" + b"<i></i>" * 60
    stamp = read(page.replace(b"<nav>", logo + b"<nav>", 1)).published
    assert stamp is not None
    assert stamp.local == "2024-03-05"


@pytest.mark.parametrize(
    ("path", "before", "local"),
    [
        ("/2024/03/05/pier", "<div>5 March 2024, 9:30</div>", "2024-03-05T09:30:00"),
        ("/2024/03/05/pier", "<div>9 May 2024, 9:30</div>", "2024-03-05"),
        ("/2024/03/05/pier", "<time>9 May 2024, 9:30</time>", "2024-03-05"),
        ("/pier-20240305.html", "", "2024-03-05"),
        ("/2024/mar/05/pier", "", "2024-03-05"),
        ("/2024/03/pier", "<div>5 March 2024</div>", "2024-03-05"),
        ("/2024/03/pier", "<div>5 May 2023</div>", None),
        ("/2024/99/pier", "<div>5 May 2023</div>", "2023-05-05"),
    ],
)
def test_address_and_printed_date_are_checked_against_each_other(
    path: str, before: str, local: str | None
) -> None:
    url = f"https://www.harbour-post.example{path}"
    published = read(article(data=None, before=before), url).published
    assert (published.local if published else None) == local


def test_clock_time_with_two_offsets_has_the_one_that_most_places_state() -> None:
    wrong = dict(DATA) | {"datePublished": "2024-03-05T09:30:00+08:00"}
    wrong.pop("dateModified")
    metas = "".join(
        f'<meta property="{name}" content="2024-03-05T09:30:00+07:00">'
        for name in ("article:published_time", "article:modified_time", "pubdate")
    )
    stamp = read(article(data=wrong, head=metas)).published
    assert stamp is not None
    assert stamp.local == "2024-03-05T09:30:00+07:00"


@pytest.mark.parametrize(
    ("block", "local", "authors"),
    [
        (
            '{"@type": "NewsArticle", "headline": "Town rebuilds", "articleBody": ""Worms" ate it",'
            ' "datePublished": "2024-03-05T09:30:00Z", "author": {"@type": "Person", "name": "Ada Quill"}}',
            "2024-03-05T09:30:00+00:00",
            ("Ada Quill",),
        ),
        ('{"@type": "NewsArticle", "x": "" "datePublished": "2024-03-05",', "2024-03-05", ()),
        ('{"@type": "NewsArticle", "x": ""y" "datePublished": "2024-03-05", "datePublished": "2024-03-06",', None, ()),
        ('{"@type": "ItemList", "x": ""y" "datePublished": "2024-03-05",', None, ()),
    ],
)  # fmt: skip
def test_damaged_data_gives_the_fields_that_are_whole(
    block: str, local: str | None, authors: tuple[str, ...]
) -> None:
    head = f'<script type="application/ld+json">{block}</script>'
    found = read(article(data=None, head=head))
    assert (found.published.local if found.published else None) == local
    assert found.authors == authors
    assert "bad_json_ld" in [problem.code for problem in found.problems]


def test_date_of_the_web_page_is_the_articles() -> None:
    page = {"@type": "WebPage", "url": URL, "datePublished": "2024-03-05T09:30:00Z"}
    graph = {"@context": "https://schema.org", "@graph": [page, {"@type": "WebSite"}]}
    found = read(with_objects(graph))
    assert found.published is not None
    assert found.provenance["published"] == "json-ld:WebPage.datePublished"


@pytest.mark.parametrize("tag", ["dt", "td", "font", "h2", "h4"])
def test_headline_may_stand_in_any_element(tag: str) -> None:
    headline = f"<{tag}>Town rebuilds its northern pier</{tag}>"
    page = article(data=None, h1="", before=f"<div>{headline}<div>5 March 2024 15:24</div></div>")
    logo = b"<h1>The Harbour Post</h1><div>9 March 2024</div>" + b"<i></i>" * 60
    stamp = read(page.replace(b"<nav>", logo + b"<nav>", 1)).published
    assert stamp is not None
    assert stamp.local == "2024-03-05T15:24:00"


def test_date_of_a_picture_is_not_the_articles() -> None:
    figure = "<figure><span>Aug. 31, 2019</span><figcaption>4 May 2024</figcaption></figure>"
    assert read(article(data=None, before=figure)).published is None


@pytest.mark.parametrize("name", ["spanTime", "newsdate", "lblNgay", "entry-date", "tanggal"])
def test_class_names_of_dates(name: str) -> None:
    links = "<i></i>" * 30  # too far from the headline for a date without a name
    page = article(data=None, before=f'{links}<span class="{name}">5 March 2024, 9:30</span>')
    assert read(page).published is not None
    page = article(data=None, before=f'{links}<span class="candidate">5 March 2024, 9:30</span>')
    assert read(page).published is None
