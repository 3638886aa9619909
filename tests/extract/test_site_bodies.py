"""The text of an article, photo captions, and pages without text."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.core.errors import PageRejected, SiteFileError
from newscrawl.core.records import Draft, Page
from newscrawl.extract import extract_article
from newscrawl.extract.body import paragraphs
from newscrawl.extract.decode import parse
from newscrawl.sites.loading import load_site, load_site_file
from newscrawl.sites.site import Site

SITE = """
name = "paper"
title = "A Paper"
domain = "paper.example"
origin = "https://paper.example"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
article_url = '^/(?P<id>\\d+)\\.html$'

[[template]]
name = "2026"
marker = "h1"
empty_body = ["article video"]

[template.fields]
title = "h1"

[template.fields.body]
select = "article"
drop = ".box"
captions = ["figcaption", ".photo .under"]
reject = ['(?i)^xem thêm', '^\\(TTXVN[^)]*\\)$']
"""
PHOTO = '<figure><img src="a.jpg"><figcaption>{}</figcaption></figure>'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return written(tmp_path, SITE)


def written(folder: Path, text: str) -> Site:
    (folder / "paper.toml").write_text(text, "utf-8")
    return load_site_file(folder / "paper.toml")


def read(site: Site, article: str, head: str = "") -> Draft:
    body = f"<html><head>{head}</head><body><h1>Một tiêu đề</h1><article>{article}</article></body></html>"
    return extract_article(site, Page(f"{site.origin}/1.html", body.encode(), "utf-8"))


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        ("<p>Đoạn một.</p>" + PHOTO.format("Chú thích."), ("Đoạn một.",)),
        (PHOTO.format("Ảnh một.") + PHOTO.format("Ảnh hai."), ("Ảnh một.", "Ảnh hai.")),
        (PHOTO.format("Một.") + PHOTO.format("Hai.") + '<div class="box">Tin khác.</div>', ("Một.", "Hai.")),
        ("<p>Đoạn một.</p><p>Xem thêm:</p><p>(TTXVN/Vietnam+)</p>", ("Đoạn một.",)),
        ("<div>Đoạn một.</div>Đoạn hai.<br><br>Đoạn ba.", ("Đoạn một.", "Đoạn hai.", "Đoạn ba.")),
        ("<video src='a.mp4'></video>", ()),
    ],
)  # fmt: skip
def test_text_of_a_page(site: Site, article: str, expected: tuple[str, ...]) -> None:
    assert read(site, article).paragraphs == expected


def test_text_of_elements_that_are_nested_deeper_than_python_can_call() -> None:
    page = Page("https://www.paper.example/a", b"<body>" + b"<span>a " * 1_500)
    root = parse(page)
    assert paragraphs(root) == ["a " * 1_499 + "a"]


@pytest.mark.parametrize(
    "article", ["", PHOTO.format("Một chú thích."), '<div class="box">Tin khác.</div>']
)
def test_page_without_text_is_rejected(site: Site, article: str) -> None:
    with pytest.raises(PageRejected) as caught:
        read(site, article)
    assert caught.value.code == "empty_body"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "h1"', 'title = { select = "h1", captions = "p" }', "`captions` is for body"),
        ('drop = ".box"', "strip = ['x']", "`reject` can remove whole ones"),
        ('drop = ".box"', "reverse = true", "`reject` can remove whole ones"),
    ],
)
def test_key_without_effect_is_an_error(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(SiteFileError, match=words):
        written(tmp_path, SITE.replace(old, new))


RELATED = '<div><time datetime="2026-09-01T10:00:00+07:00">1/9</time><span class="date">01/09/2026 10:00</span></div>'


def test_time_of_a_related_article_is_not_the_articles(site: Site) -> None:
    assert read(site, "<p>Đoạn một.</p>" + RELATED).published == ()


def test_time_in_data_is_used_if_the_template_has_none(site: Site) -> None:
    meta = '<meta property="article:published_time" content="2026-09-04T16:22:56+07:00">'
    (time,) = read(site, "<p>Đoạn một.</p>" + RELATED, meta).published
    assert (time.raw, time.where) == (
        "2026-09-04T16:22:56+07:00",
        "generic:meta:article:published_time",
    )


@pytest.mark.parametrize("name", ["cafef", "tuoitre", "nld", "vtv", "baochinhphu"])
def test_video_page_of_the_shared_platform_has_no_text_and_none_is_guessed(name: str) -> None:
    site = load_site(name)
    path = {"cafef": "/mot-hai-188260905170800678.chn", "nld": "/mot-hai-196260307071308923.htm",
            "baochinhphu": "/mot-hai-102260905122709123.htm"}.get(name, "/mot-hai-20260307075519174.htm")  # fmt: skip
    page = (
        '<html><head><meta property="og:title" content="Một đoạn phim"></head><body><div data-role="content">'
        '<div class="VCSortableInPreviewMode" type="VideoStream"><p>Xem phim</p></div></div>'
        "<aside><p>Một tin khác, không phải của bài này.</p></aside></body></html>"
    )
    draft = extract_article(site, Page(site.origin + path, page.encode(), "utf-8"))
    assert (draft.title, draft.paragraphs, draft.published) == ("Một đoạn phim", (), ())
