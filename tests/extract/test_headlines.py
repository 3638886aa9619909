"""Headlines from data and metadata have no name of the newspaper at their end."""

from __future__ import annotations

import pytest

from newscrawl.core.records import Page
from newscrawl.extract import extract_article
from newscrawl.extract.headlines import bare_headline
from newscrawl.sites.loading import load_site

TITLES = [
    ("dantri", "Cầu mới thông xe | Báo Dân trí", "Cầu mới thông xe"),
    ("dantri", "Cầu mới thông xe - Dân trí", "Cầu mới thông xe"),
    ("vnexpress", "Cầu mới thông xe - VnExpress", "Cầu mới thông xe"),
    ("vnexpress", "Cầu mới thông xe - Báo VnExpress", "Cầu mới thông xe"),
    ("tuoitre", "Cầu mới thông xe - Tuổi Trẻ Online", "Cầu mới thông xe"),
    ("nld", "Cầu mới thông xe - Báo Người lao động", "Cầu mới thông xe"),
    ("vov", "Cầu mới thông xe | Báo điện tử Tiếng nói | VOV.VN", "Cầu mới thông xe"),
    ("vtv", "Cầu mới thông xe | Báo điện tử của một đài", "Cầu mới thông xe"),
    ("nhandan", "Cầu mới thông xe | Báo Nhân Dân điện tử", "Cầu mới thông xe"),
    ("vietstock", "Cầu mới thông xe | Vietstock", "Cầu mới thông xe"),
    ("vneconomy", "Cầu mới thông xe - Nhịp sống kinh tế | VnEconomy",
     "Cầu mới thông xe - Nhịp sống kinh tế"),
    ("znews", "Cầu mới thông xe | Thế giới | Znews.vn", "Cầu mới thông xe"),
    ("vtv", "Cầu mới - VTV có mặt từ sớm", "Cầu mới - VTV có mặt từ sớm"),
    ("nhandan", "Vì nhân dân phục vụ", "Vì nhân dân phục vụ"),
    ("vietnamnet", "Giá vàng hôm nay - Tăng mạnh", "Giá vàng hôm nay - Tăng mạnh"),
    ("vnexpress", "| VnExpress", "| VnExpress"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "title", "bare"), TITLES)
def test_name_of_the_newspaper_is_removed_from_the_headline(
    name: str, title: str, bare: str
) -> None:
    assert bare_headline(load_site(name), title) == bare


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:title" content="Cầu mới - VnExpress">',
        "<title>Cầu mới - VnExpress</title>",
    ],
    ids=["meta", "window"],
)
def test_headline_of_metadata_loses_the_name_of_the_newspaper(head: str) -> None:
    source = f"<head>{head}</head><article class='fck_detail'><p>Một đoạn.</p></article>"
    page = Page("https://vnexpress.net/cau-moi-5012345.html", source.encode(), "utf-8")
    assert extract_article(load_site("vnexpress"), page).title == "Cầu mới"


def test_visible_headline_is_not_changed() -> None:
    source = "<h1 class='title-detail'>Cầu mới - VnExpress</h1><article class='fck_detail'><p>Một đoạn.</p></article>"
    page = Page("https://vnexpress.net/cau-moi-5012345.html", source.encode(), "utf-8")
    assert extract_article(load_site("vnexpress"), page).title == "Cầu mới - VnExpress"
