"""The names in printed bylines of every form, without labels, photographers and sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.core.records import Page
from newscrawl.extract import extract_article
from newscrawl.sites.loading import available_sites, load_site, load_site_file

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
[template.fields]
title = "h1"
body = ".text"
[template.fields.authors]
select = [".by", "json-ld:author"]
split = '\\s*[;,]\\s*|\\s+[-–]\\s+'
"""
BYLINES = [
    ("Nguyễn An", ["Nguyễn An"]),
    ("Nguyễn An - Trần Bình", ["Nguyễn An", "Trần Bình"]),
    ("Nguyễn An – Trần Bình", ["Nguyễn An", "Trần Bình"]),
    ("Nguyễn An, Trần Bình", ["Nguyễn An", "Trần Bình"]),
    ("Nguyễn An và Trần Bình", ["Nguyễn An", "Trần Bình"]),
    ("Nguyễn An & Trần Bình", ["Nguyễn An", "Trần Bình"]),
    ("Ann Lee, Bo Lind and Cy Moe", ["Ann Lee", "Bo Lind", "Cy Moe"]),
    ("Bài, ảnh: Nguyễn An", ["Nguyễn An"]),
    ("Bài và ảnh: Nguyễn An - Trần Bình", ["Nguyễn An", "Trần Bình"]),
    ("Thực hiện: Nguyễn An", ["Nguyễn An"]),
    ("Nguyễn An - Ảnh: Trần Bình", ["Nguyễn An"]),
    ("Bài: Nguyễn An; Ảnh: Trần Bình, Lê Cúc", ["Nguyễn An"]),
    ("Phóng viên Nguyễn An", ["Nguyễn An"]),
    ("PV TTXVN", ["PV TTXVN"]),
    ("Nhóm PV", ["Nhóm PV"]),
    ("Nguyễn An (từ Paris)", ["Nguyễn An"]),
    ("Nguyễn An (Tổng hợp)", ["Nguyễn An"]),
    ("Nguyễn An an@paper.example", ["Nguyễn An"]),
    ("Ảnh: Nguyễn An", []),
    ("Ảnh: Nguyễn An, Trần Bình", []),
    ("Theo Một Tờ Khác", []),
    ("Nguồn: Một hãng tin", []),
    ("Tổng hợp", []),
    ("Theodore Văn Minh", ["Theodore Văn Minh"]),
    ("Tin Tức", ["Tin Tức"]),
]


@pytest.mark.parametrize(("printed", "names"), BYLINES, ids=[row[0] for row in BYLINES])
def test_byline(tmp_path: Path, printed: str, names: list[str]) -> None:
    (tmp_path / "paper.toml").write_text(SITE, "utf-8")
    source = f"<h1>Tiêu đề</h1><p class='by'>{printed}</p><div class='text'><p>Một đoạn.</p></div>"
    site = load_site_file(tmp_path / "paper.toml")
    assert (
        list(extract_article(site, Page(site.origin + "/1.html", source.encode(), "utf-8")).authors)
        == names
    )


def test_names_in_two_elements_are_both_found(tmp_path: Path) -> None:
    (tmp_path / "paper.toml").write_text(SITE, "utf-8")
    site = load_site_file(tmp_path / "paper.toml")
    source = "<h1>Tiêu đề</h1><i class='by'>Nguyễn An</i><i class='by'>Trần Bình</i><div class='text'><p>Một đoạn.</p></div>"
    assert extract_article(
        site, Page(site.origin + "/1.html", source.encode(), "utf-8")
    ).authors == (
        "Nguyễn An",
        "Trần Bình",
    )


def test_one_byline_has_other_names_by_the_rule_of_another_site(tmp_path: Path) -> None:
    source = b"<h1>T</h1><p class='by'>An / Binh</p><div class='text'><p>Text.</p></div>"
    names: list[tuple[str, ...]] = []
    for rule in (SITE, SITE + "reject = ['^An']", SITE.replace("[;,]", "/")):
        (tmp_path / "paper.toml").write_text(rule, "utf-8")
        site = load_site_file(tmp_path / "paper.toml")
        names.append(extract_article(site, Page(site.origin + "/1.html", source)).authors)
    assert names == [("An / Binh",), (), ("An", "Binh")]


@pytest.mark.parametrize("name", sorted(available_sites()))
def test_every_site_divides_bylines(name: str) -> None:
    rules = [
        one.fields["authors"] for one in load_site(name).model.template if "authors" in one.fields
    ]
    assert all(rule.split for rule in rules)
