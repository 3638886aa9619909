"""Which URLs the packaged site files recognise as articles and as category pages."""

from __future__ import annotations

import pytest

from newscrawl.sites.loading import load_site
from newscrawl.sites.site import CategoryPage

ARTICLES = [
    ("vnexpress", "https://vnexpress.net/hai-chiec-ghe-5900101.html", "5900101"),
    ("vnexpress", "https://vnexpress.net/tin-tuc/the-gioi/hai-chiec-ghe-3400101.html", "3400101"),
    ("vnexpress", "http://vnexpress.net/gl/xa-hoi/2012/12/hai-chiec-ghe/", "xa-hoi/2012/12/hai-chiec-ghe"),
    ("vnexpress", "http://vnexpress.net/gl/xa-hoi/2012/12/hai-chiec-ghe", "xa-hoi/2012/12/hai-chiec-ghe"),
    ("vnexpress", "https://vnexpress.net/kinh-doanh-p2", None),
    ("vnexpress", "https://vnexpress.net/gl/ban-doc-viet/tam-su/", None),
    ("vnexpress", "http://thethao.vnexpress.net/tin-tuc/tennis/hai-chiec-ghe-2400101.html", "2400101"),
    ("e.vnexpress", "https://e.vnexpress.net/news/news/traffic/two-chairs-4900101.html", "4900101"),
    ("e.vnexpress", "https://e.vnexpress.net/two-chairs/topic-28312.html", None),
    ("e.vnexpress", "https://e.vnexpress.net/news/business/data-speaks", None),
    ("ione", "http://ione.vnexpress.net/tin-tuc/sao/hai-chiec-ghe-3400101.html", "3400101"),
    ("ione", "http://ione.vnexpress.net/tin-tuc/vui-la/anh/2012/12/41584-hai-chiec-ghe.html", "41584"),
    ("tuoitre", "http://tuoitre.vn/tin/phap-luat/20150510/hai-chiec-ghe/745056.html", "745056"),
    ("tuoitre", "http://tuoitre.vn/tin/goc-anh", None),
    ("thanhnien", "https://thanhnien.vn/thoi-su/hai-chiec-ghe-1264179.html", "1264179"),
    ("thanhnien", "https://thanhnien.vn/hai-chiec-ghe-post1405312.html", "1405312"),
    ("thanhnien", "https://thanhnien.vn/thoi-su/phap-luat/", None),
    ("cafef", "http://cafef.vn/hai-chiec-ghe-20180716084600123.chn", "20180716084600123"),
    ("ngoisao", "http://ngoisao.net/tin-tuc/phong-cach/hai-chiec-ghe-3400101.html", "3400101"),
    ("kenh14", "https://kenh14.vn/hai-chiec-ghe-20220823101348843.chn", "20220823101348843"),
    ("kenh14", "https://kenh14.vn/star.chn", None),
    ("genk", "http://genk.vn/internet/hai-chiec-ghe-2012122104231130.chn", "2012122104231130"),
    ("cafebiz", "https://cafebiz.vn/hai-chiec-ghe-20220120123728536.chn", "20220120123728536"),
    ("soha", "https://soha.vn/hai-chiec-ghe-20190716084600123.htm", "20190716084600123"),
    ("soha", "https://soha.vn/hai-chiec-ghe-t42.htm", None),
    ("24h", "https://www.24h.com.vn/kinh-doanh/hai-chiec-ghe-c161a1690792.html", "1690792"),
    ("24h", "https://www.24h.com.vn/kinh-doanh-c161.html", None),
    ("eva", "https://eva.vn/di-dau-xem-gi/hai-chiec-ghe-c40a644605.html", "644605"),
    ("eva", "https://eva.vn/di-dau-xem-gi-c40.html?page=2", None),
    ("dantri", "https://duhoc.dantri.com.vn/du-hoc/hai-chiec-ghe-20190413072835758.htm", "20190413072835758"),
    ("thanhnien", "http://thethao.thanhnien.com.vn/pages/20121227/hai-chiec-ghe.aspx", "pages/20121227/hai-chiec-ghe.aspx"),
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
    ("cafef", "https://cafef.vn/hai-chiec-ghe-18826030622484142.chn", "18826030622484142"),
    ("cafef", "https://cafef.vn/du-lieu/GHE-2970021/hai-chiec-ghe.chn?utm_source=du-lieu", "2970021"),
    ("cafef", "https://cafef.vn/du-lieu/tin-doanh-nghiep.chn", None),
    ("cafef", "https://cafef.vn/timelinelist/18831/2.chn", None),
    ("tuoitre", "https://tuoitre.vn/hai-chiec-ghe-20260307075519174.htm", "20260307075519174"),
    ("tuoitre", "https://tuoitre.vn/hai-chiec-ghe-2026030707011493.htm", "2026030707011493"),
    ("tuoitre", "https://tuoitre.vn/tac-gia/nguoi-viet-20148.htm", None),
    ("tuoitre", "https://tuoitre.vn/print/hai-chiec-ghe-20260307075519174.htm", None),
    ("nld", "https://nld.com.vn/hai-chiec-ghe-196260307071308923.htm", "196260307071308923"),
    ("nld", "http://nld.com.vn/20121226051446379p0c1019/hai-chiec-ghe.htm", "20121226051446379"),
    ("nld", "http://nld.com.vn/p0c1019/phap-luat.htm", None),
    ("vtv", "https://vtv.vn/hai-chiec-ghe-100260717183037249.htm", "100260717183037249"),
    ("thanhnien", "https://thanhnien.vn/hai-chiec-ghe-185260701162022832.htm", "185260701162022832"),
    (
        "thanhnien", "http://www.thanhnien.com.vn/pages/20121219/hai-chiec-ghe.aspx",
        "pages/20121219/hai-chiec-ghe.aspx",
    ),
    ("baochinhphu", "https://baochinhphu.vn/hai-chiec-ghe-102260905122709839.htm", "102260905122709839"),
    ("baochinhphu", "https://baochinhphu.vn/hai-chiec-ghe-102209212.htm", "102209212"),
    ("vietnambiz", "https://vietnambiz.vn/hai-chiec-ghe-202694173243150.htm", "202694173243150"),
    ("vietnamplus", "https://www.vietnamplus.vn/hai-chiec-ghe-post1125344.vnp", "1125344"),
    ("vietnamplus", "https://www.vietnamplus.vn/print-1125344.html", None),
    ("nhandan", "https://nhandan.vn/hai-chiec-ghe-post976641.html", "976641"),
    ("nhandan", "https://nhandan.vn/tu-khoa/ghe-tag17202.html", None),
    ("tienphong", "https://tienphong.vn/hai-chiec-ghe-post1874068.tpo", "1874068"),
    ("baotintuc", "https://baotintuc.vn/the-gioi/hai-chiec-ghe-20260716171712046.htm", "20260716171712046"),
    ("baotintuc", "https://baotintuc.vn/hai-chiec-ghe-n20260716171712046.htm", "20260716171712046"),
    ("baotintuc", "https://baotintuc.vn/the-gioi-130ct0.htm", None),
    ("dantri", "https://dantri.com.vn/kinh-doanh/hai-chiec-ghe-20260307080054340.htm", "20260307080054340"),
    ("dantri", "http://dantri.com.vn/su-kien/hai-chiec-ghe-677792.htm", "677792"),
    ("dantri", "https://dantri.com.vn/tac-gia/nguoi-viet-3617.htm", None),
    ("dantri", "https://dantri.com.vn/chu-de/hai-chiec-ghe-427600.htm", None),
    ("vov", "https://vov.vn/the-thao/hai-chiec-ghe-post1315698.vov", "1315698"),
    ("znews", "https://znews.vn/hai-chiec-ghe-post1669867.html", "1669867"),
    ("znews", "https://znews.vn/znews-post1669867.html", "1669867"),
    ("znews", "http://news.zing.vn/xa-hoi/hai-chiec-ghe/a293004.html", "a293004"),
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
    ("cafef", "https://cafef.vn/bat-dong-san.chn", CategoryPage("bat-dong-san", "bat-dong-san", 1)),
    ("tuoitre", "https://tuoitre.vn/kinh-doanh.htm", CategoryPage("kinh-doanh", "kinh-doanh", 1)),
    ("dantri", "https://dantri.com.vn/kinh-doanh/trang-3.htm", CategoryPage("kinh-doanh", "kinh-doanh", 3)),
    (
        "dantri", "https://dantri.com.vn/kinh-doanh/tai-chinh/trang-2.htm",
        CategoryPage("kinh-doanh/tai-chinh", "kinh-doanh/tai-chinh", 2),
    ),
    ("baotintuc", "https://baotintuc.vn/chuyen-la-the-gioi-162ct130.htm", CategoryPage("162", "chuyen-la-the-gioi", 1)),
    ("vietnamplus", "https://www.vietnamplus.vn/kinhte/", CategoryPage("kinhte", "kinhte", 1)),
    ("znews", "https://znews.vn/the-thao.html", CategoryPage("the-thao", "the-thao", 1)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "url", "key"), ARTICLES)
def test_article_is_identified_by_its_url(name: str, url: str, key: str | None) -> None:
    site = load_site(name)
    assert site.article_key(site.canonical_url(url)) == key


@pytest.mark.parametrize(("name", "url", "page"), CATEGORIES)
def test_category_page_is_identified_by_its_url(
    name: str, url: str, page: CategoryPage | None
) -> None:
    site = load_site(name)
    assert site.category_of(site.canonical_url(url)) == page


@pytest.mark.parametrize("name", sorted({name for name, _, _ in ARTICLES}))
def test_the_url_of_every_category_is_its_first_page(name: str) -> None:
    site = load_site(name)
    for category in site.categories:
        page = site.category_of(category.url)
        assert page is not None
        assert (page.key, page.page) == (category.key, 1)
        assert site.article_key(category.url) is None
