"""Site files that extend another: how they are merged, and which mistakes are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.core.errors import SiteFileError
from newscrawl.sites.loading import available_sites, load_site, load_site_file
from newscrawl.sites.site import Site

PLATFORM = """
name = "_press"
title = "A platform"
domain = "press.example"
origin = "https://press.example"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
article_url = '^/a-(?P<id>[0-9]+)$'
category_start = "/{slug}"
formats = ["%d/%m/%Y %H:%M"]
category = [{ key = "a", slug = "a" }, { key = "b", slug = "b" }]

[[template]]
name = "new"
marker = "h1.new"
[template.fields]
title = "h1.new"
body = { select = "div.text", drop = ".box" }
authors = { select = "p.by", split = ',' }

[[template]]
name = "old"
marker = "h1.old"
[template.fields]
title = "h1.old"
body = "div.text"
"""
IDENTITY = 'extends = "_press"\nname = "paper"\ntitle = "Paper"\ndomain = "paper.example"\n'


def read(tmp_path: Path, text: str) -> Site:
    folder = tmp_path / "sites"
    folder.mkdir(exist_ok=True)
    (folder / "_press.toml").write_text(PLATFORM, "utf-8")
    (folder / "paper.toml").write_text(text, "utf-8")
    return load_site_file(folder / "paper.toml", tmp_path)


def test_a_design_of_the_same_name_is_changed_key_by_key(tmp_path: Path) -> None:
    site = read(
        tmp_path,
        IDENTITY
        + '[[template]]\nname = "new"\n[template.fields]\nauthors = { select = "b.name" }\n',
    )
    new = site.model.template[0]
    assert [one.name for one in site.model.template] == ["new", "old"]
    assert new.fields["authors"].select == ("b.name",)
    assert new.fields["authors"].split == ","
    assert new.fields["body"].drop == (".box",)


def test_a_design_of_the_site_itself_is_tried_first(tmp_path: Path) -> None:
    own = '[[template]]\nname = "photo"\nmarker = "h1.photo"\nfields = { title = "h1", body = "div.photo" }\n'
    assert [one.name for one in read(tmp_path, IDENTITY + own).model.template] == [
        "photo",
        "new",
        "old",
    ]


def test_other_lists_replace_the_platforms_as_a_whole(tmp_path: Path) -> None:
    site = read(tmp_path, IDENTITY + 'category = [{ key = "c", slug = "c" }]\nformats = ["%Y"]\n')
    assert [category.key for category in site.categories] == ["c"]
    assert site.model.formats == ("%Y",)


def test_a_platform_is_not_a_site() -> None:
    assert not [name for name in available_sites() if name.startswith("_")]


def test_every_site_file_of_the_package_is_valid() -> None:
    for name in available_sites():
        assert load_site(name).name == name


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ('timezone = "Asia"', "timezone", "expected a zone such as Asia/Ho_Chi_Minh"),
        ('domain = "https://paper.example/"', "domain", "match pattern"),
        ("article_url = '^/(?P<id>(?:a|aa)+)-x$'", "article_url", "takes too long"),
        ("article_url = '^/[0-9]+$'", "article_url", "a group named id"),
        ("category_url = '^/[a-z]+$'", "category_url", "a group named id or slug"),
        ('category_start = "/{zone}"', "category_start", "unknown name {zone}"),
        ('category_start = "/{slug}}"', "category_start", "an extra brace"),
        (
            'category = [{ key = "c", slug = "c" }, { key = "c", slug = "d" }]',
            "",
            "'c' occurs twice",
        ),
        ('category = [{ key = "c" }]', "", "expected `slug`"),
        (
            '[[template]]\nname = "new"\n[template.fields]\ntitle = { select = "h1", zone = "UTC" }',
            "template.0",
            "`zone`",
        ),
    ],
)
def test_a_problem_is_reported_with_its_key(
    tmp_path: Path, line: str, place: str, words: str
) -> None:
    with pytest.raises(SiteFileError) as caught:
        read(tmp_path, IDENTITY.replace('domain = "paper.example"\n', "") + line + "\n")
    assert any(where.startswith(place) and words in why for where, why in caught.value.problems)


@pytest.mark.parametrize("text", ["33", "chung-khoan", "Chứng khoán", "chung khoan", "CHỨNG KHOÁN"])
def test_a_category_is_named_by_key_slug_or_printed_name(text: str) -> None:
    assert load_site("bnews").category_keys((text,)) == frozenset({"33"})
