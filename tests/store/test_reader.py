"""Reading an archive: articles by every name, links near and far, and problems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.cli.app import App
from newscrawl.cli.lookup import find_article
from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.folder import DATABASE
from newscrawl.store.read.links import edges
from newscrawl.store.read.lookup import by_key
from newscrawl.store.read.overview import ProblemFilter, problem_groups, problem_rows, site_statuses
from newscrawl.store.read.reader import Reader
from newscrawl.store.write.store import Store
from tests.support.archive_builder import ESCAPE, build
from tests.support.store_cases import article, capture, stamp, url

PAPER = """
name = "paper"
title = "A Paper"
domain = "paper.example"
origin = "https://paper.example"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
article_url = '/(?P<slug>[^/]+)/(?P<id>\\d+)\\.html$'
category_start = "/{key}"

[[category]]
key = "1"

[[template]]
name = "2026"
marker = "h1"
[template.fields]
title = "h1"
body = "div"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("archive"))
    (folder / "sites").mkdir()
    (folder / "sites" / "paper.toml").write_text(PAPER, "utf-8")
    return folder


@pytest.fixture
def reader(folder: Path) -> Iterator[Reader]:
    with Reader(folder) as reader:
        yield reader


def find(folder: Path, reader: Reader, name: str) -> str:
    known = find_article(App(folder), reader, name)
    return f"{known.site}/{known.key}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2", "paper/2"),
        (" 2 ", "paper/2"),
        ("paper/1", "paper/1"),
        ("other/1", "other/1"),
        ("#1", "paper/1"),
        (url(2), "paper/2"),
        (url(1, "duong-cu"), "paper/1"),  # an alias
        (url(1, "never-seen"), "paper/1"),  # the words in an address do not matter
        ("https://paper.example/x/3.html?utm_source=a#top", "paper/3"),
        ("paper.example/x/3.html", "paper/3"),
        ("http://paper.example/x/3.html", "paper/3"),
        ("https://other.example/a/1", "other/1"),  # no site file knows it
        (url(7), "paper/7"),  # a stub that was never queued
    ],
)
def test_article_is_found_by_each_of_its_names(
    folder: Path, reader: Reader, name: str, expected: str
) -> None:
    assert find(folder, reader, name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "", "99", "#0", "#99", "#-1", "#x", "#" + "9" * 30, "#²", "paper/99", "nowhere/1", "https://paper.example/x/99.html",
        "https://elsewhere.example/x/1.html", "http://[", "ftp://paper.example/x/1.html", "http://127.0.0.1:9/x/1.html",
        "\x00", "a\udc80b", "'; DROP TABLE articles", "x" * 100_000, "://", "http://",
    ],
)  # fmt: skip
def test_unknown_article_is_a_usage_error_with_a_hint(
    folder: Path, reader: Reader, name: str
) -> None:
    with pytest.raises(UsageError) as caught:
        find(folder, reader, name)
    assert "search" in (caught.value.hint or "")
    assert len(caught.value.message) < 400


def test_shared_id_names_both_sites(folder: Path, reader: Reader) -> None:
    with pytest.raises(UsageError, match="1 is an article of other and paper") as caught:
        find(folder, reader, "1")
    assert caught.value.hint == "say which one: other/1"


def test_wrong_slug_on_a_mirror_is_found_only_there(tmp_path: Path) -> None:
    with Store(build(tmp_path)) as store:
        page = article(50, url="http://127.0.0.1:8900/a/50.html")
        store.articles.save(page, capture(page.url), 1, asked_url=page.url, extractor="test")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "paper.toml").write_text(PAPER, "utf-8")
    with Reader(tmp_path) as reader:
        assert find(tmp_path, reader, "http://127.0.0.1:8900/other-words/50.html") == "paper/50"
        with pytest.raises(UsageError):
            find(tmp_path, reader, "http://127.0.0.1:8900/other-words/1.html")


def test_reading_makes_no_archive(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Reader(tmp_path / "nowhere")
    assert "nowhere crawl SITE" in (caught.value.hint or "")
    assert list(tmp_path.iterdir()) == []


def test_article_has_everything_that_is_known(reader: Reader) -> None:
    found = reader.article(1)
    assert (found["site"], found["key"], found["category"], found["category_key"]) == (
        "paper",
        "1",
        "Kinh tế",
        "1",
    )
    assert (found["authors"], found["tags"]) == (["Văn A", "Thị B"], ["đường sắt", "hạ tầng"])
    assert found["provenance"]["published"] == "json-ld:datePublished"
    assert found["links"] == {"out": {"related": 2, "same_category": 1}, "in": {"related": 1}}
    assert found["aliases"] == [{"url": url(1, "duong-cu"), "reason": "slug"}]
    assert [row["revision"] for row in found["revisions"]] == [1]
    assert found["capture"]["warc_file"] == "a.warc.gz"
    assert found["timezone"] == "Asia/Ho_Chi_Minh"


def test_stub_has_the_fields_of_its_teaser(reader: Reader) -> None:
    known = by_key(reader.db, "paper", "7")
    assert known is not None
    found = reader.article(known.id)
    assert (found["state"], found["title"], found["body"]) == ("stub", "Chỉ là một lời dẫn", None)
    assert (found["published_local"], found["published_source"]) == (
        "2026-08-30T08:00:00+07:00",
        "teaser",
    )
    assert (found["revisions"], found["capture"]) == ([], None)


def test_links_out_and_in_with_both_ends(reader: Reader) -> None:
    out = edges(reader.db, 1, "out", limit=10)
    assert [(edge.depth, edge.kind, edge.position, edge.target.key) for edge in out] == [
        (1, "related", 1, "2"),
        (1, "related", 2, "7"),
        (1, "same_category", 1, "4"),
    ]
    assert {edge.source.title for edge in out} == {"Đường sắt cao tốc khởi công"}
    assert (out[1].target.state, out[1].target.published_at) == ("stub", "2026-08-30T01:00:00Z")
    into = edges(reader.db, 1, "in", limit=10)
    assert [(edge.source.key, edge.target.key) for edge in into] == [("2", "1")]


def test_links_of_one_kind_are_walked(reader: Reader) -> None:
    assert [
        edge.target.key
        for edge in edges(reader.db, 1, "out", kind="same_category", depth=5, limit=10)
    ] == ["4"]


@pytest.mark.parametrize("depth", [2, 10])
def test_circle_of_links_is_walked_once(reader: Reader, depth: int) -> None:
    found = edges(reader.db, 1, "out", depth=depth, limit=100)
    assert [(edge.depth, edge.source.key, edge.target.key) for edge in found] == [
        (1, "1", "2"),
        (1, "1", "7"),
        (1, "1", "4"),
        (2, "2", "1"),
    ]


def test_near_links_come_first_up_to_the_limit(reader: Reader) -> None:
    assert [edge.depth for edge in edges(reader.db, 1, "out", depth=3, limit=3)] == [1, 1, 1]


def test_dense_graph_stays_bounded(tmp_path: Path) -> None:
    with Store(build(tmp_path)) as store, store.transaction():
        db = store.db
        rows = [("paper", f"n{n}", f"https://n/{n}", "stub", "2026", "2026") for n in range(60)]
        insert = "INSERT INTO articles (site, key, url, state, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?)"
        db.executemany(insert, rows)
        ids = [row[0] for row in db.execute("SELECT id FROM articles WHERE key LIKE 'n%'")]
        pairs = [
            (a, b, "inline", 1, None, "2026", "2026", 1, 1) for a in ids for b in ids if a != b
        ]
        db.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", pairs)
    with Reader(tmp_path) as reader:
        found = edges(reader.db, ids[0], "out", depth=10, limit=100_000)
    assert len(found) == 60 * 59
    assert max(edge.depth for edge in found) == 2


def test_status_counts_each_site(reader: Reader) -> None:
    other, paper = site_statuses(reader.db)
    assert (paper.site, paper.states, paper.pending) == ("paper", {"stored": 5, "stub": 3}, 1)
    assert paper.newest == "2026-09-03T23:30:00+07:00"
    assert paper.last is not None
    assert (
        paper.last.reason,
        paper.last.exit_code,
        paper.last.stats["new"],
        paper.last.problems,
    ) == (
        "finished",
        0,
        5,
        2,
    )
    assert other.last is not None
    assert (other.states, other.last.finished_at, other.last.problems) == ({"stored": 1}, None, 0)


def test_status_of_a_site_never_crawled(tmp_path: Path) -> None:
    with Store(tmp_path) as store, store.transaction():
        store.db.execute(
            "INSERT INTO sites (site, name, domain) VALUES ('new', 'New', 'new.example')"
        )
    with Reader(tmp_path) as reader:
        (status,) = site_statuses(reader.db)
    assert (status.states, status.pending, status.newest, status.last) == ({}, 0, None, None)


def test_problems_are_grouped_and_listed(reader: Reader) -> None:
    everything = ProblemFilter()
    assert [
        (group.site, group.stage, group.code, group.count)
        for group in problem_groups(reader.db, everything)
    ] == [
        ("paper", "fetch", "http_404", 1),
        ("paper", "times", "impossible", 1),
    ]
    rows = problem_rows(reader.db, everything, 10)
    assert {(row.code, row.url) for row in rows} == {("http_404", url(8)), ("impossible", url(5))}
    assert [row.raw for row in rows if row.raw] == [f"31/02/2026 {ESCAPE}"]
    assert problem_rows(reader.db, ProblemFilter(code="http_404"), 10)[0].url == url(8)
    assert problem_groups(reader.db, ProblemFilter(site="other")) == []
    with pytest.raises(UsageError):
        problem_groups(reader.db, ProblemFilter(site="nowhere"))


def test_problem_is_over_once_the_page_is_read(tmp_path: Path) -> None:
    with Store(build(tmp_path)) as store:
        store.articles.save(article(8), capture(url(8), 5), 1, asked_url=url(8), extractor="test")
    with Reader(tmp_path) as reader:
        assert [group.code for group in problem_groups(reader.db, ProblemFilter())] == [
            "impossible"
        ]
        assert len(problem_groups(reader.db, ProblemFilter(everything=True))) == 2


def test_reader_sees_one_snapshot(tmp_path: Path) -> None:
    with Reader(build(tmp_path)) as reader:
        before = reader.article(1)["title"]
        with Store(tmp_path) as store:
            found = {"title": "h1", "published": "time"}
            page = article(
                1,
                "Khác hẳn.",
                title="Tên mới",
                published=stamp("2026-09-01T10:00:00+07:00"),
                provenance=found,
            )
            store.articles.save(page, capture(page.url, 9), 1, asked_url=page.url, extractor="test")
        assert reader.article(1)["title"] == before
    with Reader(tmp_path) as reader:
        assert reader.article(1)["title"] == "Tên mới"


def test_reading_leaves_the_database_alone(folder: Path) -> None:
    before = (folder / DATABASE).stat().st_mtime_ns
    with Reader(folder) as reader:
        reader.article(1)
        assert reader.crawled_sites() == ["other", "paper"]
        with pytest.raises(StorageError, match="readonly"):
            reader.db.execute("DELETE FROM articles")
    assert (folder / DATABASE).stat().st_mtime_ns == before
