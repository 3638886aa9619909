"""Pages without a site file: what is read, what stays unknown, and what is rejected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.demo.server import DemoServer
from newscrawl.extract import extract_article
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.refine import refine
from newscrawl.sites.generic import generic_site, site_named
from newscrawl.sites.loading import load_site
from tests.support.crawling import newscrawl, query
from tests.support.generic_pages import (
    CHROME_ONLY,
    DATA,
    NOT_FOUND,
    PARAGRAPHS,
    SENTENCE,
    STANDFIRST,
    URL,
    WALL,
    article,
    listing,
)

TEXT = [SENTENCE.strip(), *PARAGRAPHS]


def read(body: bytes, url: str = URL) -> dict[str, Any]:
    site = generic_site(url)
    page = Page(site.canonical_url(url), body)
    return article_to_dict(refine(extract_article(site, page), site, None))


def rejected(body: bytes, url: str = URL) -> str:
    with pytest.raises(PageRejected) as caught:
        read(body, url)
    return caught.value.code


def without(*keys: str, **more: object) -> dict[str, object]:
    return {key: value for key, value in DATA.items() if key not in keys} | more


def test_page_with_data_gives_every_field() -> None:
    found = read(
        article(
            before=f'<p class="standfirst">{STANDFIRST}</p>', data=without(description=STANDFIRST)
        )
    )
    assert (found["site"], found["template"]) == ("harbour-post.example", "generic")
    assert found["title"] == "Town rebuilds its northern pier"
    assert found["published_at"] == "2024-03-05T08:30:00Z"
    assert found["published_local"] == "2024-03-05T09:30:00+01:00"
    assert (found["published_source"], found["modified_at"]) == ("json-ld", "2024-03-05T10:00:00Z")
    assert found["authors"] == ["Ada Quill", "Ben Ink"]
    assert (found["category"], found["tags"], found["language"]) == (
        "Local",
        ["pier", "harbour"],
        "en",
    )
    assert found["summary"] == STANDFIRST
    assert found["body"].split("\n\n") == TEXT
    assert found["text"].split("\n\n") == [STANDFIRST, *TEXT]
    assert found["problems"] == []


def test_addresses_lose_only_tracking_parameters() -> None:
    site = generic_site("https://www.paper.example/a.aspx?id=7&utm_source=x&fbclid=1")
    assert site.name == "paper.example"
    assert site.article_key("https://paper.example/a.aspx?id=7&utm_source=x") == "a.aspx?id=7"
    assert site.article_key("https://other.example/a") is None
    assert site.article_key("https://www.paper.example/") is None


def test_description_that_the_page_does_not_show_is_not_part_of_the_text() -> None:
    found = read(article(data=without(description=STANDFIRST)))
    assert (found["summary"], found["text"]) == (STANDFIRST, found["body"])


def test_description_that_begins_the_text_is_kept_in_the_text() -> None:
    found = read(article(data=without(description=SENTENCE.strip()[:60] + "…")))
    assert found["text"].count("rebuild the northern pier before") == 1


@pytest.mark.parametrize(
    ("title", "h1", "data", "expected"),
    [
        ("Pier opens - The Harbour Post", "", without("headline"), "Pier opens"),
        ("Pier opens | Local | The Harbour Post", "", without("headline"), "Pier opens"),
        (
            "A pier - and what it costs | harbour-post.example",
            "",
            without("headline"),
            "A pier - and what it costs",
        ),
        (
            "Search words here",
            "Shown words here",
            without(headline="Search words here"),
            "Shown words here",
        ),
        (
            "Search words here",
            "Shown words here",
            without(headline="The printed words"),
            "The printed words",
        ),
    ],
)
def test_headline(title: str, h1: str, data: dict[str, object], expected: str) -> None:
    head = f'<meta property="og:title" content="{h1}">' if h1 else ""
    assert read(article(title=title, h1=h1, data=data, head=head))["title"] == expected


NAMED = {"headline": None, "publisher": {"name": "La Razón"}}


@pytest.mark.parametrize(
    ("og_title", "title", "h1", "head", "expected"),
    [
        # the site's name, before or after, with any sign, as the page or its address spells it
        ("La Razón - Pier opens", "", "Pier opens", "", "Pier opens"),
        ("Pier opens ｜ La Razon", "", "Wait", "", "Pier opens"),
        ("Pier opens_La Razón", "", "Wait", "", "Pier opens"),
        ("La Razón: Pier opens", "", "Wait", "", "Pier opens"),
        ("Pier opens :: HARBOUR-POST.example", "", "Wait", "", "Pier opens"),
        ("Pier opens » Meer & Land", "", "Wait", "", "Pier opens"),
        ("Meer & Land — Pier opens", "", "Wait", "", "Pier opens"),
        ("Pier opens: what it costs", "", "Wait", "", "Pier opens: what it costs"),
        ("", "Pier opens - A Name of Nobody", "Pier opens", "", "Pier opens"),
        # a headline that is cut off gives way to the whole one
        ("Pier opens after a long wi...", "", "Pier opens after a long winter", "", "Pier opens after a long winter"),
        ("Pier opens after a long wi…", "Pier opens after a long winter", "Wait", "", "Pier opens after a long winter"),
        ("Pier opens, and then ...", "", "Pier opens", "", "Pier opens, and then ..."),
        # of the printed headline and that of the metadata, the one that two places have
        ("25 jobs at the pier", "Pier opens: 25 jobs", "Pier opens: 25 jobs", "", "25 jobs at the pier"),
        (
            "25 jobs at the pier",
            "Pier opens: 25 jobs",
            "Pier opens: 25 jobs",
            '<meta name="twitter:title" content="Pier opens: 25 jobs">',
            "Pier opens: 25 jobs",
        ),
        ("Pier &amp;amp; quay open", "", "Wait", "", "Pier & quay open"),
    ],
)  # fmt: skip
def test_headline_of_metadata(og_title: str, title: str, h1: str, head: str, expected: str) -> None:
    meta = f'<meta property="og:title" content="{og_title}">' if og_title else ""
    home = '<nav><a href="/"><img alt="Meer &amp; Land"></a>'
    page = article(title=title, h1=h1, data=without("headline") | NAMED, head=meta + head)
    assert read(page.replace(b"<nav>", home.encode()))["title"] == expected


def test_headline_of_data_lacks_the_printed_kicker() -> None:
    page = article(data=without(headline="Pier opens"), h1="Harbour / Pier opens")
    assert read(page)["title"] == "Harbour / Pier opens"


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        (
            {"@type": "Person", "name": "Ada Quill, Ben Ink & Cy Nib"},
            ["Ada Quill", "Ben Ink", "Cy Nib"],
        ),
        (
            [{"name": "Ada Quill"}, {"name": "Ben Ink, senior reporter at the coast"}],
            ["Ada Quill", "Ben Ink"],
        ),
        ({"givenName": "Ada", "familyName": "Quill"}, ["Ada Quill"]),
        ({"@type": "Organization", "name": "The Harbour Post"}, ["The Harbour Post"]),
        ("Von Ada Quill und Ben Ink, dpa", ["Ada Quill", "Ben Ink", "dpa"]),
    ],
)
def test_authors(author: object, expected: list[str]) -> None:
    assert read(article(data=without(author=author)))["authors"] == expected


def test_person_in_the_byline_is_preferred_to_the_newspaper_as_author() -> None:
    page = article(
        data=without(author={"name": "The Harbour Post"}),
        before='<p class="byline">By <a rel="author">Ada Quill</a></p>',
    )
    assert read(page)["authors"] == ["Ada Quill"]


@pytest.mark.parametrize(
    ("head", "before", "local", "problem"),
    [
        (
            '<meta property="article:published_time" content="2024-03-05T09:30:00Z">',
            "",
            "2024-03-05T09:30:00+00:00",
            None,
        ),
        (
            "",
            '<time datetime="2024-03-05T09:30:00+02:00">today</time>',
            "2024-03-05T09:30:00+02:00",
            None,
        ),
        ("", '<span class="date">5 March 2024, 09:30</span>', "2024-03-05T09:30:00", "no_zone"),
        (
            "",
            '<span class="tarih">05.03.2024 - Güncelleme : 06.03.2024</span>',
            "2024-03-05",
            None,
        ),
        ("", "", "2024-03-05", None),
    ],
)
def test_times_without_data(head: str, before: str, local: str, problem: str | None) -> None:
    found = read(article(data=None, head=head, before=before))
    assert found["published_local"] == local
    assert [one["code"] for one in found["problems"]] == ([problem] if problem else [])
    assert found["published_source"] == (
        "url" if not head and not before else found["published_source"]
    )


def test_time_without_zone_takes_the_offset_of_the_same_minute_elsewhere() -> None:
    head = '<meta property="article:published_time" content="2024-03-05T09:30:12+01:00">'
    found = read(article(data=without(datePublished="2024-03-05T09:30:00"), head=head))
    assert found["published_at"] == "2024-03-05T08:30:12Z"


def test_time_of_creation_is_not_used_for_publication() -> None:
    data = without(
        "datePublished",
        dateCreated="2024-03-04T22:10:00+01:00",
        uploadDate="2024-03-04T22:10:00+01:00",
    )
    found = read(article(data=data), "https://harbour-post.example/pier")
    assert (found["published_local"], found["published_at"]) == (None, None)


def test_missing_date_is_a_recorded_problem() -> None:
    found = read(article(data=without("datePublished")), "https://harbour-post.example/pier")
    assert (found["published_local"], found["published_at"]) == (None, None)
    assert ("published", "missing") in [(one["field"], one["code"]) for one in found["problems"]]


@pytest.mark.parametrize(
    "inside",
    [
        '<div class="newsletter-box"><p>Get the best of the coast every morning in your own letter box.</p></div>',
        "<aside><p>Ten facts about piers that nobody on the coast has ever told you before today.</p></aside>",
        '<p><a href="/news/other-story">Storm takes the roof off the old fish market on the quay</a></p>',
        "<p>Read more: the long history of the piers of this coast, in pictures and maps</p>",
        '<figure><img src="x.jpg"><figcaption>The pier on Monday. Photo: Cy Nib</figcaption></figure>',
        '<div style="display:none"><p>A hidden digest of the whole article, made for machines and nobody.</p></div>',
        "<h1>Town rebuilds its northern pier</h1>",
        '<ul><li><a href="/news/other"><div><p>STORM: The roof of the old fish market came down in the night, and '
        "the council says that it had been warned of that for many years by all who knew the house and its old beams, "
        "by the fishermen, by the brewer, by two engineers and by a letter that nobody had cared to answer. No one was "
        "hurt, since the market was closed for the feast of the patron saint of the sea.</p></div></a></li></ul>",
        '<p><b>SOMA FUTHI | </b><a href="/news/other">Storm takes the roof off the market</a></p>',
        "<p>Empfohlener redaktioneller Inhalt</p>",
        "<p>This content is not shown because you have not agreed to the cookies of its maker.</p>",
        "<p>Il vous reste 57.09% de cet article à lire. La suite est réservée aux abonnés.</p>",
        "<p>Pictured right, the harbour master on Monday with his two dogs and his old telescope.</p>",
        "<p>Copyright 2024 The Harbour Post. Nothing of this may be printed elsewhere.</p>",
    ],
)
def test_boxes_are_not_part_of_the_text(inside: str) -> None:
    assert read(article(inside=inside))["body"].split("\n\n") == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "Most popular among them was the brewer, who paid for the lamps on the quay out of his own pocket.",
        "The firm has changed its privacy policy twice in a year, and told nobody of it until last Thursday.",
        "You might like the new pier or not, said the harbour master, but the ships will have to use it.",
        'See what it says at <a href="/report">page nine of the report of the inspectors</a> on the timber.',
    ],
)
def test_sentences_that_begin_like_offers_are_kept(line: str) -> None:
    found = read(article(inside=f"<p>{line}</p>"))["body"].split("\n\n")
    assert len(found) == len(TEXT) + 1


def test_credits_after_the_text_are_removed() -> None:
    after = (
        "<p>Reporting by Ada Quill; editing by Ben Ink</p><p>Cy Nib contributed to this report.</p>"
    )
    page = article().replace(
        b"petition in its favour.</p>", f"petition in its favour.</p>{after}".encode()
    )
    assert read(page)["body"].split("\n\n") == TEXT


def test_caption_repeated_by_the_description_is_not_the_standfirst() -> None:
    caption = f"<figure><figcaption>{STANDFIRST}</figcaption></figure>"
    found = read(article(before=caption, data=without(description=STANDFIRST)))
    assert (found["summary"], found["text"]) == (STANDFIRST, found["body"])


def test_paragraph_missing_from_the_article_body_in_data_is_a_box() -> None:
    box = "<p>The tide tables of the week are sold in every shop on the quay, and at the gate of the yacht club.</p>"
    own = " ".join(TEXT)
    assert "tide tables" in read(article(inside=box))["body"]
    assert read(article(inside=box, data=without(articleBody=own)))["body"].split("\n\n") == TEXT


def test_text_that_only_the_data_has_is_used() -> None:
    page = f"""<html><head><title>Pier | The Harbour Post</title><script type="application/ld+json">
    {json.dumps(without(articleBody=chr(10).join(TEXT)))}</script></head><body><div id="app"></div></body></html>"""
    assert read(page.encode())["body"].split("\n\n") == TEXT


@pytest.mark.parametrize(
    "heading", ["Tin liên quan", "Related stories", "Mehr zum Thema", "Lire aussi", "関連記事"]
)
def test_related_links_are_found_under_headings_in_many_languages(heading: str) -> None:
    after = f"""<div class="more"><h3>{heading}</h3><ul>
    <li><a href="/news/storm">Storm takes the roof off the fish market</a></li>
    <li><a href="https://other.example/x">An offer of somebody else entirely</a></li>
    <li><a href="/news/cranes?utm_medium=x">The cranes of the eastern basin</a></li></ul></div>
    <div><h3>Most read</h3><ul><li><a href="/news/cats">Cats of the harbour, in pictures</a></li></ul></div>"""
    links = read(article(after=after))["links"]
    assert [(one["kind"], one["position"], one["key"], one["title"]) for one in links] == [
        ("related", 1, "news/storm", "Storm takes the roof off the fish market"),
        ("related", 2, "news/cranes", "The cranes of the eastern basin"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (NOT_FOUND, "not_found_page"),
        (CHROME_ONLY, "empty_body"),
        (WALL, "blocked_page"),
        (listing(), "listing_page"),
        (b"", "empty_page"),
    ],
)
def test_page_that_is_not_an_article_is_rejected(body: bytes, code: str) -> None:
    assert rejected(body) == code


def test_short_page_that_declares_itself_an_article_is_read() -> None:
    page = f"""<html><head><title>Video: the pier | The Harbour Post</title><script type="application/ld+json">
    {json.dumps(dict(DATA))}</script></head><body><h1>Video: the pier</h1><p>Watch.</p></body></html>"""
    assert read(page.encode())["title"] == "Town rebuilds its northern pier"


def test_gaps_of_a_template_are_filled_and_marked() -> None:
    site = load_site("bnews")
    url = "https://bnews.vn/mot-tieu-de/123456.html"
    page = (
        Path(__file__).parents[1] / "fixtures" / "bnews" / "article-2026" / "page.html"
    ).read_text("utf-8")
    broken = page.replace("b-control-details", "b-details").replace("ld+json", "json")
    head = '<meta property="article:published_time" content="2026-09-04T16:22:56+07:00"></head>'
    found = refine(
        extract_article(site, Page(url, broken.replace("</head>", head).encode())), site, None
    )
    assert found.published is not None
    assert found.published.local == "2026-09-04T16:22:56+07:00"
    assert found.provenance["published"] == "generic:meta:article:published_time"


def test_site_without_a_site_file_is_crawled_and_rebuilt(tmp_path: Path) -> None:
    with DemoServer() as server:
        story = server.paper.truth(server.base_url)[0]
        url = story.url
        done = newscrawl("crawl", url, "--json", archive=tmp_path / "a")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["sites"][0]["new"] == 1
    rows = query(
        tmp_path / "a", "SELECT site, state, title, template FROM articles WHERE state = 'stored'"
    )
    assert [tuple(row) for row in rows] == [("127.0.0.1", "stored", story.title, "generic")]
    assert (
        newscrawl(
            "rebuild", "--from-warc", str(tmp_path / "a" / "warc"), archive=tmp_path / "b"
        ).returncode
        == 0
    )
    again = query(
        tmp_path / "b", "SELECT site, state, title, template FROM articles WHERE state = 'stored'"
    )
    assert [tuple(row) for row in again] == [tuple(row) for row in rows]
    assert "0 differ" in newscrawl("reextract", "--dry-run", archive=tmp_path / "a").stdout


def test_site_is_named_after_its_host() -> None:
    assert site_named("bnews").generic is False
    assert site_named("paper.example").generic is True


def test_short_text_begins_near_the_headline_and_ends_with_the_article() -> None:
    head = "<h1>Town rebuilds its northern pier</h1>"
    text = "<div class='text'>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS[:3]) + "</div>"
    menu = (
        "<div><div>The most read paper of the coast</div><div>Type a word to search for</div></div>"
    )
    wishes = "".join(f"<div>Wish {number} of our readers, with a name</div>" for number in range(9))
    foot = f"<div><h3>Readers wish</h3>{wishes}<p>{SENTENCE}</p></div>"
    page = (
        f"<html><head><title>Town rebuilds its northern pier</title></head><body><div>{menu}</div>"
    )
    page += f"<div><div>{head}{text}</div></div><div>{foot}</div></body></html>"
    assert read(page.encode())["body"] == "\n\n".join(PARAGRAPHS[:3])


def test_paragraph_that_a_click_shows_is_part_of_the_text() -> None:
    hidden = f'<p style="display: none;">{STANDFIRST}</p>'
    assert STANDFIRST in read(article(inside=hidden))["body"]
    assert (
        STANDFIRST
        not in read(article(inside=f'<div style="display:none">{STANDFIRST}</div>'))["body"]
    )


@pytest.mark.parametrize(
    ("before", "authors"),
    [
        ('<p class="x1">By <a href="/authors/ada-quill/">Ada Quill</a></p>', ["Ada Quill"]),
        ("<div>Piše: Ada Quill</div>", ["Ada Quill"]),
        ('<p class="autor">Ada Quill</p>', ["Ada Quill"]),
        ('<span class="author-views">Seen often (23925)</span>', []),
        ('<div class="authors"><a href="/u/ada"><b>Ada Quill</b></a><i>Writer, Hardware</i></div>', ["Ada Quill"]),
        ('<div class="related"><a href="/authors/ben-ink/">Ben Ink</a></div>', []),
        ("<p>By the harbour stood a house</p>", []),
    ],
)  # fmt: skip
def test_printed_names_are_found_where_metadata_name_nobody(
    before: str, authors: list[str]
) -> None:
    data = without("author")
    assert read(article(data=data, before=before))["authors"] == authors
    developer = '<meta name="dc.creator" content="Developed by Cy Nib">'
    assert read(article(data=data, before=before, head=developer))["authors"] == authors


def test_printed_person_comes_before_the_organisation_of_the_data() -> None:
    data = without(author={"@type": "Organization", "name": "The Harbour Post"})
    assert read(article(data=data, before="<div>Autor: Ada Quill</div>"))["authors"] == [
        "Ada Quill"
    ]
    assert read(article(data=data))["authors"] == ["The Harbour Post"]


@pytest.mark.parametrize("host", ["Bücher.example", "xn--bcher-kva.example", "www.bücher.example"])
def test_host_with_letters_of_any_script(host: str) -> None:
    url = f"https://{host}/news/pier"
    page = article(data=None, title="Pier opens - Bücher", h1="")
    draft = extract_article(generic_site(url), Page(url, page))
    assert (draft.site, draft.title) == ("xn--bcher-kva.example", "Pier opens")
