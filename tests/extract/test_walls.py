"""Challenges, logins and error pages that come with status 200, and paywalled texts."""

from __future__ import annotations

import json

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract import extract_article, extract_listing
from newscrawl.sites.loading import load_site
from tests.support.site_fixtures import FOLDER

URL = "https://bnews.vn/mot-bai/123456.html"
LISTING = "https://bnews.vn/chung-khoan/33/trang-1.html"
MENU = "".join(
    f"<li><a href='/muc-{n}/{n}'>Chuyên mục thứ {n} của tòa soạn</a></li>" for n in range(80)
)


def page(title: str, body: str, url: str = URL) -> Page:
    return Page(
        url,
        f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode(),
        "utf-8",
    )


def code(found: Page) -> str:
    site = load_site("bnews")
    with pytest.raises(PageRejected) as caught:
        (extract_article if found.url == URL else extract_listing)(site, found)
    return caught.value.code


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("Just a moment...", "<h1>bnews.vn</h1><p>Verifying.</p>", "blocked_page"),
        ("bnews.vn", "<p>Checking your browser before accessing the site.</p>", "blocked_page"),
        (
            "",
            "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script><p>Wait.</p>",
            "blocked_page",
        ),
        ("Attention Required! | Cloudflare", "<p>Sorry, you have been blocked</p>", "blocked_page"),
        ("Xác thực", "<p>Xác minh rằng bạn không phải là robot để tiếp tục.</p>", "blocked_page"),
        ("Thông báo", "<p>Truy cập của bạn bị từ chối. Mã: 1020</p>", "blocked_page"),
        (
            "Đăng nhập",
            "<form><p>Vui lòng đăng nhập để đọc tiếp bài viết.</p></form>",
            "blocked_page",
        ),
        ("Before you continue", f"<ul>{MENU}</ul><button>OK</button>", "blocked_page"),
        (
            "Không tìm thấy trang",
            f"<ul>{MENU}</ul><p>Bài viết không tồn tại.</p>",
            "not_found_page",
        ),
        ("404", "<p>Nothing here.</p>", "not_found_page"),
        # A new design is none of these, whatever its menu offers.
        (
            "Giá lúa tăng",
            f"<ul>{MENU}</ul><h1>Giá lúa tăng</h1><a>Vui lòng đăng nhập</a><p>Lúa.</p>",
            "no_template",
        ),
        (
            "Giá lúa tăng",
            f"<script src='/cdn-cgi/challenge-platform/x.js'></script>{MENU}<p>Lúa.</p>",
            "no_template",
        ),
    ],
)
def test_walls_are_distinguished_from_new_designs(title: str, body: str, expected: str) -> None:
    assert code(page(title, body)) == expected


def test_wall_instead_of_a_category_page_is_recognised() -> None:
    assert code(page("Just a moment...", "<p>Wait.</p>", LISTING)) == "blocked_page"


@pytest.mark.parametrize(("said", "paywalled"), [(False, 1), ("False", 1), (True, 0), (None, 0)])
def test_paywalled_text_is_marked(said: object, paywalled: int) -> None:
    body = (FOLDER / "bnews" / "article-2026" / "page.html").read_text("utf-8")
    kind = '"@type": "NewsArticle"'
    assert kind in body
    marked = body.replace(kind, f'{kind}, "isAccessibleForFree": {json.dumps(said)}')
    found = extract_article(load_site("bnews"), Page(URL, marked.encode(), "utf-8"))
    assert [problem.code for problem in found.problems].count("paywalled") == paywalled
