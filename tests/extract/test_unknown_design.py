"""An article in a design that no template matches:

`extract` reads it with a problem, a crawl rejects it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli.main import main
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract import extract_article
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.refine import refine
from newscrawl.extract.unknown_design import extract_any_design
from newscrawl.sites.loading import load_site_file
from newscrawl.sites.site import Site

SITE = """
name = "paper"
title = "Một Tờ Báo"
domain = "paper.example"
origin = "https://paper.example"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
article_url = '^/[^/]*-(?P<id>\\d+)\\.html$'
formats = ["%d/%m/%Y %H:%M"]
not_found = ".page-404"

[[template]]
name = "video"
marker = ".video-page"

[template.fields]
title = ".video-title"
body = ".video-text"

[[template]]
name = "2026"
marker = ["div.text"]

[template.fields]
title = { select = ["h1.title", "meta:og:title"], strip = ['\\s*\\|\\s*Một Tờ Báo$'] }
summary = [".sapo", "meta:og:description"]
published = ["meta:article:published_time", ".time"]
tags = ".tags a"
authors = { select = ".author", reject = ['(?i)^theo\\b'] }

[template.fields.body]
select = "div.text"
drop = ".box"
reject = ['^\\(TTXVN\\)$']

[[template.links]]
kind = "related"
within = ".related"
card = "li"
"""
HEAD = """<meta property="og:title" content="Cầu mới qua sông đã thông xe | Một Tờ Báo">
<meta property="article:published_time" content="2026-03-07T08:05:00+07:00"><title>Cầu mới | Một Tờ Báo</title>"""
TEXT = [
    f"Đoạn thứ {number} nói về cây cầu mới, con sông và những người qua lại mỗi ngày. " * 2
    for number in range(1, 7)
]
LONG = "".join(f"<p>{text}</p>" for text in TEXT)
TEASERS = "".join(
    f"<div class='card'><a href='/tin-khac-{number}.html'>Một tin khác của tờ báo, số {number}</a>"
    f"<p>Vài dòng giới thiệu tin khác số {number}, đủ dài để trông giống như một đoạn văn của bài viết này.</p></div>"
    for number in range(900, 909)
)
FOOTER = "<div class='footer'><p>Cơ quan của một bộ. Giấy phép số 1. Tổng biên tập: Nguyễn Văn A.</p></div>"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "paper.toml").write_text(SITE, "utf-8")
    return load_site_file(tmp_path / "sites" / "paper.toml")


def page(article: str, head: str = HEAD) -> Page:
    shown = f"<h1 class='title'>Cầu mới qua sông</h1>{article}{FOOTER}"
    source = f"<html lang='vi'><head>{head}</head><body>{shown}</body></html>"
    return Page("https://paper.example/cau-moi-17.html", source.encode(), "utf-8")


def read(site: Site, article: str, head: str = HEAD) -> dict[str, object]:
    return article_to_dict(refine(extract_any_design(site, page(article, head)), site, None))


def codes(found: dict[str, object]) -> list[tuple[str, str]]:
    problems = found["problems"]
    assert isinstance(problems, list)
    return [(one["code"], one["field"]) for one in problems]


def body(*paragraphs: str) -> str:
    return "\n\n".join(paragraph.strip() for paragraph in paragraphs)


LONGFORM = (
    "<div class='cover'><p class='sapo'>Sau ba năm.</p><span class='author'>Trần Văn Bình</span></div>"
    f"<div class='longform'>{LONG}<p><a href='/cu-3.html'>Xem thêm: cây cầu cũ của thành phố</a></p>"
    "<div class='box'><p>Hộp.</p></div><p>(TTXVN)</p></div><p class='tags'><a>cầu</a><a>sông</a></p>"
)


def test_unknown_design_is_read_by_the_rules_of_the_site(site: Site) -> None:
    found = read(site, LONGFORM)
    assert (found["site"], found["key"], found["template"]) == ("paper", "17", "generic")
    assert found["title"] == "Cầu mới qua sông"
    assert found["summary"] == "Sau ba năm."
    assert found["body"] == body(*TEXT)
    assert found["authors"] == ["Trần Văn Bình"]
    assert found["tags"] == ["cầu", "sông"]
    assert found["published_local"] == "2026-03-07T08:05:00+07:00"
    assert codes(found) == [("no_template", "body")]


def test_provenance_names_the_element_of_the_text(site: Site) -> None:
    draft = extract_any_design(site, page(LONGFORM))
    assert draft.provenance["body"] == "generic:div.longform"
    assert draft.provenance["title"] == "h1.title"
    assert draft.problems[0].message.endswith(
        "read without a template, its text was taken from div.longform"
    )


def test_crawl_rejects_what_extract_reads(site: Site) -> None:
    with pytest.raises(PageRejected) as caught:
        extract_article(site, page(LONGFORM))
    assert caught.value.code == "no_template"


def test_headline_from_metadata_loses_the_name_of_the_newspaper(site: Site) -> None:
    source = page(LONGFORM).body.replace(b"class='title'", b"class='headline'")
    draft = extract_any_design(site, Page("https://paper.example/cau-moi-17.html", source, "utf-8"))
    assert draft.title == "Cầu mới qua sông đã thông xe"


def test_text_in_several_parts_is_read_as_a_whole(site: Site) -> None:
    first, second = ("".join(f"<p>{text}</p>" for text in part) for part in (TEXT[:4], TEXT[4:]))
    found = read(
        site,
        f"<section><div id='one'>{first}</div><div class='ad'>Mua!</div><div>{second}</div></section>",
    )
    assert found["body"] == body(*TEXT)


def test_headline_and_standfirst_within_the_text_are_removed(site: Site) -> None:
    found = read(
        site, f"<div class='e'><p>Cầu mới qua sông</p><p class='sapo'>Sau ba năm.</p>{LONG}</div>"
    )
    assert found["body"] == body(*TEXT)


@pytest.mark.parametrize("beside", ["", TEASERS], ids=["footer", "teasers"])
def test_empty_container_gives_no_text_of_another_article(site: Site, beside: str) -> None:
    found = read(site, f"<div class='text'></div><span class='author'>An Bình</span>{beside}")
    assert found["body"] is None
    assert found["title"] == "Cầu mới qua sông"
    assert found["authors"] == ["An Bình"]
    assert codes(found) == [("empty_body", "body")]


def test_text_beside_an_empty_container_is_found(site: Site) -> None:
    found = read(site, f"<div class='text'></div><div class='new'>{LONG}</div>")
    assert found["body"] == body(*TEXT)
    assert codes(found) == [("empty_body", "body")]


@pytest.mark.parametrize(
    ("article", "head", "code"),
    [
        ("<p class='page-404'>Không tìm thấy.</p>", HEAD, "not_found_page"),
        (
            "<p>Trang bạn tìm không tồn tại.</p>",
            "<title>404 - Không tìm thấy trang</title>",
            "not_found_page",
        ),
        ("<p>Chờ một chút.</p>", "<title>Just a moment...</title>", "blocked_page"),
        (TEASERS, "<title>Một Tờ Báo</title>", "listing_page"),
    ],
)
def test_page_that_is_not_an_article_in_any_design_is_rejected(
    site: Site, article: str, head: str, code: str
) -> None:
    source = page(article, head).body.replace("Cầu mới qua sông".encode(), b"")
    with pytest.raises(PageRejected) as caught:
        extract_any_design(site, Page("https://paper.example/cau-moi-17.html", source, "utf-8"))
    assert caught.value.code == code


def test_extract_prints_the_page_and_its_problem(site: Site, tmp_path: Path) -> None:
    assert site.name == "paper"
    (tmp_path / "page.html").write_bytes(page(LONGFORM).body)
    asked = [
        "--archive",
        str(tmp_path),
        "extract",
        "--url",
        "https://paper.example/cau-moi-17.html",
    ]
    result = CliRunner().invoke(main, [*asked, str(tmp_path / "page.html")])
    found = json.loads(result.stdout)
    assert (found["site"], found["template"], found["body"]) == ("paper", "generic", body(*TEXT))
    assert codes(found) == [("no_template", "body")]
