"""What the packaged site files make of addresses: which are articles, which are pages of which category."""

from __future__ import annotations

import pytest

from newscrawl.sitefile import CategoryPage, load_site

ARTICLES = [
    ("vnexpress", "https://vnexpress.net/hai-chiec-ghe-5900101.html", "5900101"),
    ("vnexpress", "https://vnexpress.net/tin-tuc/the-gioi/hai-chiec-ghe-3400101.html", "3400101"),
    ("vnexpress", "http://vnexpress.net/gl/xa-hoi/2012/12/hai-chiec-ghe/", "xa-hoi/2012/12/hai-chiec-ghe"),
    ("vnexpress", "http://vnexpress.net/gl/xa-hoi/2012/12/hai-chiec-ghe", "xa-hoi/2012/12/hai-chiec-ghe"),
    ("vnexpress", "https://vnexpress.net/kinh-doanh-p2", None),
    ("vnexpress", "https://vnexpress.net/gl/ban-doc-viet/tam-su/", None),
    ("vietnamnet", "https://vietnamnet.vn/hai-chiec-ghe-2900301.html", "2900301"),
    ("vietnamnet", "https://vietnamnet.vn/hai-chiec-ghe-tag10255416778094936500.html", None),
    ("vietnamnet", "https://vietnamnet.vn/tac-gia/nguoi-viet-000815.html", None),
    ("baodautu", "https://baodautu.vn/hai-chiec-ghe---bai-2-ghe-gay-d590401.html", "590401"),
    ("baodautu", "https://baodautu.vn/kinh-doanh-d3/", None),
    ("nguoiquansat", "https://nguoiquansat.vn/hai-chiec-ghe-390601.html", "390601"),
    ("nguoiquansat", "https://nguoiquansat.vn/hai-chiec-ghe-ptag.html", None),
    ("tinnhanhchungkhoan", "https://www.tinnhanhchungkhoan.vn/hai-chiec-ghe-post490701.html", "490701"),
    ("tinnhanhchungkhoan", "https://www.tinnhanhchungkhoan.vn/post-490701.html", "490701"),
    ("tinnhanhchungkhoan", "https://m.tinnhanhchungkhoan.vn/hai-chiec-ghe-post490701.html", "490701"),
    ("tinnhanhchungkhoan", "https://www.tinnhanhchungkhoan.vn/ghe-go-tag124493.html", None),
    ("vneconomy", "https://vneconomy.vn/hai-chiec-ghe-go.htm", "hai-chiec-ghe-go"),
    ("vneconomy", "https://vneconomy.vn/hai-chiec-ghe-go-1299966.htm", "hai-chiec-ghe-go-1299966"),
    ("vneconomy", "https://vneconomy.vn/doanh-nghiep-niem-yet.htm", None),
    ("vneconomy", "https://vneconomy.vn/tag/hai-chiec-ghe-go", None),
    ("vietstock", "http://vietstock.vn/2026/09/hai-chiec-ghe-830-1590801.htm", "1590801"),
    ("vietstock", "https://vietstock.vn/chu-de/467-7/hai-chiec-ghe.htm", None),
    ("vietstock", "https://vietstock.vn/tac-gia/nguoi-viet-577.htm", None),
]  # fmt: skip

CATEGORIES = [
    ("vnexpress", "https://vnexpress.net/kinh-doanh", CategoryPage("kinh-doanh", "kinh-doanh", 1)),
    (
        "vnexpress", "https://vnexpress.net/kinh-doanh/quoc-te-p3",
        CategoryPage("kinh-doanh/quoc-te", "kinh-doanh/quoc-te", 3),
    ),
    ("vietnamnet", "https://vietnamnet.vn/kinh-doanh", CategoryPage("kinh-doanh", "kinh-doanh", 1)),
    ("vietnamnet", "https://vietnamnet.vn/kinh-doanh-page0", CategoryPage("kinh-doanh", "kinh-doanh", 1)),
    ("vietnamnet", "https://vietnamnet.vn/kinh-doanh-page1", CategoryPage("kinh-doanh", "kinh-doanh", 2)),
    ("baodautu", "https://baodautu.vn/y-te---suc-khoe-d78/", CategoryPage("78", "y-te---suc-khoe", 1)),
    ("baodautu", "http://baodautu.vn/tai-chinh-bao-hiem-d6/p2", CategoryPage("6", "tai-chinh-bao-hiem", 2)),
    (
        "nguoiquansat", "https://nguoiquansat.vn/the-gioi/the-gioi-24h",
        CategoryPage("the-gioi/the-gioi-24h", "the-gioi/the-gioi-24h", 1),
    ),
    ("tinnhanhchungkhoan", "https://www.tinnhanhchungkhoan.vn/quy-hoach/", CategoryPage("quy-hoach", "quy-hoach", 1)),
    ("vneconomy", "https://vneconomy.vn/chung-khoan.htm?trang=2", CategoryPage("chung-khoan", "chung-khoan", 2)),
    (
        "vneconomy", "https://vneconomy.vn/doanh-nghiep-niem-yet.htm",
        CategoryPage("doanh-nghiep-niem-yet", "doanh-nghiep-niem-yet", 1),
    ),
    ("vneconomy", "https://vneconomy.vn/hai-chiec-ghe-go.htm", None),
    ("vietstock", "https://vietstock.vn/chung-khoan/co-phieu.htm", CategoryPage("830", "chung-khoan/co-phieu", 1)),
    ("vietstock", "https://vietstock.vn/2026/09/hai-chiec-ghe-830-1590801.htm", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "url", "key"), ARTICLES)
def test_article_is_known_by_its_address(name: str, url: str, key: str | None) -> None:
    site = load_site(name)
    assert site.article_key(site.canonical_url(url)) == key


@pytest.mark.parametrize(("name", "url", "page"), CATEGORIES)
def test_category_page_is_known_by_its_address(name: str, url: str, page: CategoryPage | None) -> None:
    site = load_site(name)
    assert site.category_of(site.canonical_url(url)) == page


@pytest.mark.parametrize("name", sorted({name for name, _, _ in ARTICLES}))
def test_every_category_starts_at_its_own_first_page(name: str) -> None:
    site = load_site(name)
    for category in site.categories:
        page = site.category_of(category.url)
        assert page is not None
        assert (page.key, page.page) == (category.key, 1)
        assert site.article_key(category.url) is None
