"""extract and parse-time: one object for every page and every text, whatever comes."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.cli.app import App
from newscrawl.cli.commands.extract import MAX_LINE, PageReader, lines_of
from newscrawl.core.records import Page
from tests.support.archive_builder import newscrawl

SITE = """
name = "paper"
title = "A Paper"
domain = "paper.example"
origin = "https://paper.example"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
article_url = '/(?P<slug>[^/]+)/(?P<id>\\d+)\\.html$'
category_url = '^/(?P<slug>[^/]+)$'
category_start = "/{slug}"
formats = ["ngày %d tháng %m năm %Y lúc %H:%M"]

[[category]]
key = "kinh-te"
slug = "kinh-te"

[[template]]
name = "plain"
marker = "article"
[template.fields]
title = ["h1", "meta:og:title"]
body = "article .text"
published = "time"

[[listing]]
name = "plain"
[[listing.block]]
card = "li"
link = "a"
title = "a"
"""
PAGE = """<html><head><meta charset="utf-8"><meta property="og:title" content="Another title"></head><body><article>
<h1>Một tiêu đề</h1><time>ngày 3 tháng 9 năm 2026 lúc 08:15</time>
<div class="text"><p>Đoạn một.</p><p>Đoạn hai.</p></div></article></body></html>""".encode()
URL = "https://paper.example/tin/12.html"

# The object of every page, in this order.
FIELDS = (
    "url", "site", "key", "template", "title", "summary", "body", "text", "published_at", "published_local",
    "published_raw", "published_precision", "published_source", "modified_at", "authors", "category", "breadcrumb",
    "tags", "image_url", "language", "links", "problems",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    (folder / "sites").mkdir()
    (folder / "sites" / "paper.toml").write_text(SITE, "utf-8")
    (folder / "page.html").write_bytes(PAGE)
    return folder


def extract(folder: Path, *arguments: str) -> dict[str, Any]:
    result = newscrawl(folder, "extract", str(folder / "page.html"), *arguments)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def line(**values: object) -> str:
    return json.dumps(values) + "\n"


def jsonl(folder: Path, text: str | bytes) -> list[dict[str, Any]]:
    result = newscrawl(folder, "extract", "--jsonl", stdin=text)
    assert result.exit_code == 0, result.stderr
    return [json.loads(each) for each in result.stdout.split("\n")[:-1]]


def codes(found: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in found["problems"]]


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "arguments",
    [("--url", URL), ("--url", URL, "--site", "paper"), ("--url", URL + "?utm_source=x")],
)
def test_page_is_one_object(folder: Path, arguments: tuple[str, ...]) -> None:
    found = extract(folder, *arguments)
    assert list(found) == list(FIELDS)
    assert (found["site"], found["key"], found["title"], found["url"]) == (
        "paper",
        "12",
        "Một tiêu đề",
        URL,
    )
    assert found["body"] == "Đoạn một.\n\nĐoạn hai."
    assert (found["published_at"], found["published_local"]) == (
        "2026-09-03T01:15:00Z",
        "2026-09-03T08:15:00+07:00",
    )


def test_page_of_no_known_site_is_read_without_a_template(folder: Path) -> None:
    found = extract(folder, "--url", "https://nowhere.example/1")
    assert (found["site"], found["key"], found["template"]) == ("nowhere.example", "1", "generic")
    assert (found["title"], found["published_local"], found["published_at"]) == (
        "Another title",
        "2026-09-03T08:15:00",
        None,
    )


@pytest.mark.parametrize(
    "arguments", [(), ("--url", "http://["), ("--url", "\x00"), ("--url", "not an address")]
)
def test_page_of_no_known_place_gives_an_object_too(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    found = extract(folder, *arguments)
    assert list(found) == list(FIELDS)
    assert (found["title"], found["links"]) == (None, [])
    assert len(codes(found)) == 1


def test_page_says_itself_where_it_was(folder: Path) -> None:
    (folder / "own.html").write_bytes(
        PAGE.replace(b"<head>", f'<head><link rel="canonical" href="{URL}">'.encode())
    )
    for options in ([], ["--site", "paper"]):
        found = json.loads(newscrawl(folder, "extract", str(folder / "own.html"), *options).stdout)
        assert (found["key"], found["title"]) == ("12", "Một tiêu đề")
    assert codes(extract(folder, "--site", "paper")) == codes(extract(folder)) == ["not_article"]


def test_page_from_stdin(folder: Path) -> None:
    result = newscrawl(folder, "extract", "-", "--url", URL, stdin=PAGE)
    assert json.loads(result.stdout)["key"] == "12"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--site", "nosuch", "page.html"], "nosuch"),
        ([], "expected a FILE"),
        (["nowhere.html"], "nowhere.html"),
        (["--jsonl", "--url", URL], "--jsonl reads standard input"),
    ],
)
def test_wrong_use_is_code_2(
    folder: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    result = newscrawl(folder, "extract", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_every_line_gets_its_object_in_order(folder: Path) -> None:
    text = "".join(
        [
            line(id="a", url=URL, charset="utf-8", html_b64=encoded(PAGE)),
            line(id=2, url=URL, charset=None, html_b64=encoded(b"")),
            "no json\n",
            "\n",
            "[1]\n",
            "null\n",
            line(id="b", url=URL, html_b64="%%%"),
            line(id="c", url=5, html_b64=encoded(PAGE)),
            line(id="d", url=URL, charset=["x"], html_b64=encoded(PAGE)),
            line(id="e", url=None, html_b64=None),
            line(url=URL, html_b64=encoded(PAGE)),
            line(id={"x": [1]}, url=URL, charset="no-such-charset", html_b64=encoded(PAGE)),
            '{"id": NaN}\n',
            '{"id": 1e999, "url": "' + "é" * 10 + '"}\n',
            "[" * 100_000 + "\n",
            '{"id": ' + "9" * 5000 + "}\n",
            '{"id": "last"}',  # without a line end
        ]
    )
    found = jsonl(folder, text)
    assert [each["id"] for each in found] == [
        "a", 2, None, None, None, None, "b", "c", "d", "e", None, {"x": [1]}, None, None, None, None, "last",
    ]  # fmt: skip
    assert all(list(each) == ["id", *FIELDS] for each in found)
    assert [each["title"] is not None for each in found] == [
        n in (0, 10, 11) for n in range(len(found))
    ]
    for number, code in {
        2: "bad_json",
        6: "bad_base64",
        7: "bad_url",
        8: "bad_charset",
        9: "bad_base64",
    }.items():
        assert codes(found[number]) == [code]


@pytest.mark.parametrize("size", [MAX_LINE - 1, MAX_LINE, 100_000_000])
def test_a_line_of_any_length_has_its_answer(size: int) -> None:
    lines = list(lines_of(io.BytesIO(b"x" * size + b"\n" + b"{}\n")))
    assert [line and line[:2] for line in lines] == [b"xx" if size < MAX_LINE else None, b"{}"]


def test_a_line_that_is_too_long_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newscrawl.cli.commands.extract.MAX_LINE", 1000)
    long = line(id="long", url=URL, html_b64=encoded(PAGE * 5))
    found = jsonl(folder, long + line(id="next", url=URL, html_b64=encoded(PAGE)) + long.strip())
    assert [(each["id"], codes(each)) for each in found] == [
        (None, ["too_big"]),
        ("next", []),
        (None, ["too_big"]),
    ]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"id": 1},
        {"url": URL},
        {"html_b64": encoded(PAGE)[:-3]},
        {"url": URL, "html_b64": "é"},
        {"url": URL, "html_b64": {"a": 1}},
        {"url": ["a"], "html_b64": encoded(PAGE)},
        {"url": URL, "charset": 7, "html_b64": encoded(PAGE)},
        {"url": URL, "html_b64": encoded(bytes(range(256)) * 50)},
        {"url": URL, "html_b64": encoded(b"\x00" * 5000)},
        {"url": URL, "html_b64": encoded(b"<p>" * 5000)},
        {"url": "https://elsewhere.example/x", "html_b64": encoded(b"<div>" * 100_000)},
        {"url": "x" * 100_000, "html_b64": encoded(PAGE)},
    ],
    ids=lambda values: str(values)[:40],
)
def test_a_line_of_any_values_has_its_answer(folder: Path, values: dict[str, object]) -> None:
    (found,) = jsonl(folder, line(**values))
    assert list(found) == ["id", *FIELDS]
    assert codes(found)
    assert "unreadable" not in codes(found)


@pytest.mark.parametrize(("levels", "said"), [(50, []), (400, ["bad_id"]), (100_000, ["bad_json"])])
def test_nested_ids_come_back_or_the_line_is_told(
    folder: Path, levels: int, said: list[str]
) -> None:
    nested = "[" * levels + "]" * levels
    lines = f'{{"id": {nested}, "url": {json.dumps(URL)}, "html_b64": "{encoded(PAGE)}"}}\n' + line(
        id=2
    )
    first, second = jsonl(folder, lines)
    assert (codes(first), second["id"]) == (said, 2)
    assert json.dumps(first["id"]) == ("null" if said else nested)


def test_lines_that_are_no_utf8(folder: Path) -> None:
    assert [codes(each) for each in jsonl(folder, b"\xff\xfe\n\x00\n")] == [
        ["bad_json"],
        ["bad_json"],
    ]


PIECES = [
    b"<article>", b"<h1>", b"</h1>", b"<time>", b"<p>", b"</p>", b"<div class=text>", b"\x00", b"&#55296;", b"<!--",
    b"-->", b"<script type='application/ld+json'>", b"{", b"</script>", b"]]>", b"<svg>", b"<template>", b"<a href='http://['>",
    b"<link rel=canonical href='http://['>", b"\xc4\x91",
]  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    page=st.one_of(
        st.binary(max_size=300), st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join)
    ),
    url=st.one_of(st.just(URL), st.text(max_size=30)),
    charset=st.one_of(
        st.none(),
        st.sampled_from(["utf-8", "utf-16", "base64", "idna", "hex"]),
        st.text(max_size=8),
    ),
)
def test_no_page_fails(folder: Path, page: bytes, url: str, charset: str | None) -> None:
    for site in (None, "paper"):
        found = PageReader(App(folder), site).read(Page(url, page, charset))
        assert list(found) == list(FIELDS)


def test_times_of_arguments_and_of_lines_are_the_same(folder: Path) -> None:
    texts = [
        "11:34' - 22/11/2022",
        "",
        "7/8/2026 ",
        "31/02/2022 10:00",
        "2 giờ trước",
        "x" * 50_000,
        "\x1b[2J",
        "a\rb\u2028c",
    ]
    by_arguments = newscrawl(folder, "parse-time", "--", *texts)
    by_lines = newscrawl(
        folder, "parse-time", stdin="".join(text + "\n" for text in texts).encode()
    )
    assert by_arguments.stdout == by_lines.stdout
    found = [json.loads(each) for each in by_lines.stdout.split("\n")[:-1]]
    assert [each["raw"] for each in found] == texts
    assert found[0] == {
        "raw": "11:34' - 22/11/2022",
        "utc": "2022-11-22T04:34:00Z",
        "local": "2022-11-22T11:34:00+07:00",
        "precision": "minute",
        "problem": None,
    }
    assert [each["problem"] for each in found[1:5]] == ["empty", None, "impossible", "relative"]
    assert (found[2]["utc"], found[2]["local"], found[2]["precision"]) == (
        None,
        "2026-08-07",
        "day",
    )


def test_no_line_is_lost_at_the_end_and_line_ends_are_no_text(folder: Path) -> None:
    found = newscrawl(folder, "parse-time", stdin=b"2026-09-01\r\n\n2026-09-02").stdout.splitlines()
    assert [json.loads(each)["raw"] for each in found] == ["2026-09-01", "", "2026-09-02"]
    assert newscrawl(folder, "parse-time", stdin=b"").stdout == ""


def test_site_gives_formats_and_zone(folder: Path) -> None:
    text = "ngày 3 tháng 9 năm 2026 lúc 08:15"
    assert (
        json.loads(newscrawl(folder, "parse-time", "--site", "paper", text).stdout)["utc"]
        == "2026-09-03T01:15:00Z"
    )
    zoned = newscrawl(folder, "parse-time", "--site", "paper", "--zone", "Europe/Berlin", text)
    assert json.loads(zoned.stdout)["local"] == "2026-09-03T08:15:00+02:00"


@pytest.mark.parametrize(
    "options",
    [["--zone", "Nowhere/City"], ["--zone", "../etc"], ["--zone", ""], ["--site", "nosuch"]],
)
def test_unknown_zone_or_site_is_code_2(folder: Path, options: list[str]) -> None:
    result = newscrawl(folder, "parse-time", *options, "x")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 2)


LIST = """<html><body><ul><li><a href="/tin/12.html">Một tiêu đề</a></li>
<li><a href="/tin/13.html">Một tiêu đề khác</a></li></ul></body></html>""".encode()
LIST_FIELDS = ["url", "site", "template", "items", "next_url", "problems"]
CATEGORY = "https://paper.example/kinh-te"


def test_list_is_one_object_with_its_items(folder: Path) -> None:
    text = line(id=1, url=CATEGORY, html_b64=encoded(LIST)) + line(id=2, url=URL) + "{}\n"
    result = newscrawl(folder, "extract", "--as", "listing", "--jsonl", stdin=text)
    found = [json.loads(each) for each in result.stdout.splitlines()]
    assert [list(each) for each in found] == [["id", *LIST_FIELDS]] * 3
    assert (found[0]["template"], [item["key"] for item in found[0]["items"]]) == (
        "plain",
        ["12", "13"],
    )
    assert [codes(each) for each in found] == [[], ["bad_base64"], ["bad_base64"]]


def test_list_or_article_is_detected(folder: Path) -> None:
    text = line(id=1, url=CATEGORY, html_b64=encoded(LIST))
    text += line(id=2, url=URL, html_b64=encoded(PAGE)) + line(id=3, url=CATEGORY, html_b64="")
    result = newscrawl(folder, "extract", "--as", "auto", "--jsonl", stdin=text)
    found = [json.loads(each) for each in result.stdout.splitlines()]
    assert ["items" in each for each in found] == [True, False, False]
    assert found[1]["title"] == "Một tiêu đề"
