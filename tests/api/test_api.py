"""The Python API on the demo's archive: what `newscrawl` hands on, and how it behaves in programs and notebooks."""

from __future__ import annotations

import asyncio
import csv
import json
import pickle
import re
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import newscrawl
from newscrawl.demo.server import DemoServer
from newscrawl.store.filters import Filter
from newscrawl.store.read.links import link_graph
from tests.support import crawling
from tests.support.crawling import printed
from tests.support.web_site import PAYLOADS, poison

KEY = "231726"  # the most linked article of the demo
EDITED = "432014"  # a number in it was corrected


@pytest.fixture(scope="module")
def opened(archive: Path) -> newscrawl.Archive:
    return newscrawl.open(archive)


# What is in an archive


def test_articles_are_those_of_the_export(archive: Path, opened: newscrawl.Archive) -> None:
    lines = [
        json.loads(line)
        for line in printed(archive, "export", "articles", "--format", "jsonl").splitlines()
    ]
    articles = opened.articles()
    assert len(articles) == len(lines)
    assert [jsonable(article, articles.columns) for article in articles] == lines


def jsonable(row: object, columns: tuple[str, ...]) -> dict[str, Any]:
    """A record with values as in JSON lines."""
    values = {name: getattr(row, name) for name in columns}
    for name, value in values.items():
        if isinstance(value, datetime):
            values[name] = value.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif isinstance(value, tuple):
            values[name] = list(value)
    return values


@pytest.mark.parametrize("subject", ["links", "listings", "revisions"])
def test_tables_are_those_of_the_export(
    archive: Path, opened: newscrawl.Archive, subject: str
) -> None:
    rows = list(csv.DictReader(printed(archive, "export", subject).splitlines(keepends=True)))
    table = getattr(opened, subject)()
    assert table.columns == tuple(rows[0])
    values = [jsonable(row, table.columns) for row in table]
    assert [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in values
    ] == rows


def test_filters_are_those_of_the_command_line(opened: newscrawl.Archive) -> None:
    by_text = opened.articles(since="2022-03", until="2022-05", category="Tài chính & Ngân hàng")
    by_date = opened.articles(
        since=date(2022, 3, 1),
        until=datetime(2022, 5, 31, tzinfo=UTC),
        category="tai chinh & ngan hang",
    )
    assert [article.key for article in by_text] == [article.key for article in by_date]
    assert {article.category for article in by_text} == {"Tài chính & Ngân hàng"}
    assert 0 < len(by_text) < len(opened.articles())
    assert len(opened.articles(stubs=True)) > len(opened.articles())


@pytest.mark.parametrize(
    ("only", "message"),
    [
        ({"site": "nosuch"}, "the archive has no site 'nosuch'"),
        ({"category": "nosuch"}, "the archive has no category 'nosuch'"),
        ({"since": "soon"}, "since 'soon'"),
        ({"since": "2024", "until": "2023"}, "until 2023-12-31 is before since 2024-01-01"),
    ],
)
def test_a_bad_filter_is_a_usage_error(
    opened: newscrawl.Archive, only: dict[str, Any], message: str
) -> None:
    with pytest.raises(newscrawl.UsageError, match=message) as raised:
        len(opened.articles(**only))
    assert raised.value.hint


@pytest.mark.parametrize(
    ("call", "message", "hint"),
    [
        ("articles(sit='demo')", "unknown keyword 'sit'", "the filters are: site, category, since"),
        ("articles(min_words='x')", "min_words: expected a whole number, got 'x'", ""),
        ("articles(min_words=-1)", "min_words: expected a whole number, 0 or more, got -1", ""),
        ("articles(revised='no')", "revised: expected True or False, got 'no'", ""),
        (
            "articles(since=20260101)",
            "since: expected a date or a text, got 20260101",
            "datetime.date",
        ),
        ("articles(search='?')", "the query '?' has no letter and no digit", "search for a word"),
        ("articles(search=5)", "search: expected a text, got 5", ""),
        ("search('')", "the query '' has no letter and no digit", "search for a word"),
        ("search(None)", "query: expected a text, got None", ""),
        ("search('gạo', order='foo')", "order: unknown value 'foo'", "write rank, time"),
        ("search('gạo', search='lúa')", "search: this method has a query already", "join both"),
        ("volume('gạo', search='lúa')", "search: this method has a query already", "join both"),
        ("volume()", "expected a query, got none", "archive.volume('gạo')"),
        ("volume(['gạo', ''])", "the query '' has no letter and no digit", ""),
        ("volume(5)", "query: expected a text or a list of texts, got 5", ""),
        ("volume('gạo', by='foo')", "by: unknown value 'foo'", "write hour, day, week"),
        ("changes(kind='x')", "kind: unknown value 'x'", "write headline, summary"),
        ("article('432014').links_out('x')", "kind: unknown value 'x'", "write related"),
        ("article('432014').links_in('x')", "kind: unknown value 'x'", "write related"),
        ("article('432014').diff(new=1)", "revision 1 is the first one", "diff(OLD, NEW)"),
        ("article('432014').diff(new=7)", "has no revision 7", "its revisions: 1, 2"),
        ("article('432014').diff(new='x')", "new: expected a whole number, got 'x'", ""),
        ("article(7.5)", "article: expected a text, or the number of a row, got 7.5", ""),
        ("front(7)", "site: expected a text, got 7", ""),
    ],
)
def test_a_bad_argument_is_a_usage_error(
    opened: newscrawl.Archive, call: str, message: str, hint: str
) -> None:
    with pytest.raises(newscrawl.UsageError) as raised:
        eval(f"opened.{call}", {"opened": opened})  # noqa: S307 - the calls above
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")


def test_texts_no_longer_than_their_minimum_are_refused(opened: newscrawl.Archive) -> None:
    with pytest.raises(newscrawl.UsageError, match="at least 100 and at most 10 words"):
        len(opened.articles(min_words=100, max_words=10))


def test_names_may_have_spaces_around_them(opened: newscrawl.Archive) -> None:
    assert len(opened.articles(site=" demo ")) == len(opened.articles(site="demo"))
    assert len(opened.front(" demo ")) == len(opened.front("demo"))


@pytest.mark.parametrize("number", [2**53, 2**63 - 1, 10**20])
def test_large_numbers_are_beyond_every_table(opened: newscrawl.Archive, number: int) -> None:
    for table in (opened.search("gạo"), opened.articles(), opened.changes()):
        assert list(table[number:]) == []
        assert list(table[5 : number + 5]) == list(table[5:])
        assert list(table[number:][number : number * 2]) == []
        with pytest.raises(IndexError, match="index out of range"):
            table[number]
    assert list(opened.articles(min_words=number)) == []
    assert len(opened.articles(max_words=number)) > 0
    assert len(opened.changes(limit=number)) == len(opened.changes())


def test_tables_say_how_their_search_was_understood(opened: newscrawl.Archive) -> None:
    note = opened.search("titel:gạo").note
    assert (note or "").startswith("unknown field titel:")
    for table in (
        opened.articles(search="titel:gạo"),
        opened.links(search="titel:gạo")[:1],
        opened.volume("titel:gạo"),
    ):
        assert (table.note, table.understood) == (note, '"titel gạo"')
    assert (opened.articles().note, opened.articles().understood) == (None, "")
    both = opened.volume(["gạo -lúa", "titel:gạo"])
    assert both.note == f"'titel:gạo': {note}"
    assert both.understood == 'gạo AND NOT lúa\n"titel gạo"'
    assert [query.note for query in both.queries] == [None, note]


def test_repr_has_the_right_number(opened: newscrawl.Archive) -> None:
    assert repr(opened.changes(limit=1)).startswith("<1 change: [")
    assert repr(opened.search("gạo")[:2]).startswith("<2 hits: [")


def test_an_article_has_every_name_of_the_command_line(opened: newscrawl.Archive) -> None:
    article = opened.article(KEY)
    row = opened.articles().to_pandas(["id"]).id.to_numpy()[article.id - 1]
    assert row == article.id
    for name in (f"demo/{KEY}", f"#{article.id}", article.id, row, article.url):
        assert opened.article(name) == article
    assert article.published_at == datetime(2022, 5, 11, 11, 4, tzinfo=UTC)
    assert article.published_local == "2022-05-11T18:04:00+07:00"


@pytest.mark.parametrize("name", [10**9, -1, "nosuch", "demo/1", "https://paper.example/1", ""])
def test_an_unknown_article_is_a_usage_error(opened: newscrawl.Archive, name: int | str) -> None:
    with pytest.raises(newscrawl.UsageError, match="the archive has no") as raised:
        opened.article(name)
    assert raised.value.hint


def test_links_of_an_article_are_rows_of_links(opened: newscrawl.Archive) -> None:
    article = opened.article(KEY)
    links = list(opened.links())
    assert list(article.links_out()) == [link for link in links if link.source_id == article.id]
    into = [link for link in links if link.target_id == article.id]
    assert sorted(article.links_in(), key=repr) == sorted(into, key=repr)
    related = list(article.links_in("related"))
    assert len(related) == len(article.links_in("related")) == 12
    assert {link.kind for link in related} == {"related"}


def test_diff_is_that_of_the_command_line(archive: Path, opened: newscrawl.Archive) -> None:
    article = opened.article(EDITED)
    shown = json.loads(printed(archive, "diff", EDITED, "--json"))
    diff = article.diff(1, 2)
    assert diff == article.diff()
    assert list(diff.kinds) == shown["kinds"]
    assert diff.notice == shown["notice"]
    assert [(number.old, number.new) for number in diff.numbers] == [("710", "685")]
    pieces = [
        {"change": piece.change, "paragraph": piece.paragraph, "text": piece.text}
        for piece in diff.changes["body"]
    ]
    assert pieces == shown["changes"]["body"]
    assert "[-710-] {+685+}" in str(diff)
    assert "<del>710</del> <ins>685</ins>" in diff._repr_html_()
    with pytest.raises(newscrawl.UsageError, match=f"demo/{EDITED} has no revision 9") as raised:
        article.diff(1, 9)
    assert raised.value.hint == "its revisions: 1, 2"


def test_revisions_and_captures_lead_to_raw_pages(archive: Path, opened: newscrawl.Archive) -> None:
    article = opened.article(EDITED)
    assert [revision.revision for revision in article.revisions] == [1, 2]
    assert [capture.revision for capture in article.captures] == [1, 2]
    asked_twice = opened.article(KEY).captures
    assert [(capture.status, capture.revision) for capture in asked_twice] == [
        (200, 1),
        (304, None),
    ]
    pages = [article.html(1), article.html(2)]
    assert [b"710" in page for page in pages] == [True, False]
    assert article.html() == pages[1]
    assert article.html().decode() == printed(archive, "show", EDITED, "--html")
    with pytest.raises(newscrawl.UsageError, match="has no revision 3"):
        article.html(3)
    stub = next(each for each in opened.articles(stubs=True) if each.state == "stub")
    with pytest.raises(newscrawl.UsageError, match="has no raw page"):
        stub.html()
    with pytest.raises(newscrawl.UsageError, match="was never read"):
        stub.diff()


def test_front_is_that_of_the_command_line(archive: Path, opened: newscrawl.Archive) -> None:
    shown = json.loads(printed(archive, "front", "demo", "--json"))
    slots = [
        (slot["key"], slot["rank"], slot["move"])
        for part in shown["categories"]
        for slot in part["slots"]
    ]
    front = opened.front("demo")
    assert [(slot.key, slot.place, slot.move) for slot in front if slot.move != "left"] == slots
    left = [slot["key"] for part in shown["categories"] for slot in part["left"]]
    assert [slot.key for slot in front if slot.move == "left"] == left
    assert len(opened.front("demo", on=date.fromisoformat(shown["day"]))) == len(front)
    with pytest.raises(
        newscrawl.UsageError, match="no category page of demo was read on 2020-01-01"
    ):
        opened.front("demo", on="2020-01-01")


def test_changes_are_those_of_the_command_line(archive: Path, opened: newscrawl.Archive) -> None:
    shown = json.loads(printed(archive, "diff", "--json"))
    changes = opened.changes()
    assert [(each.key, each.revision, list(each.kinds)) for each in changes] == [
        (each["key"], each["revision"], each["edit"]["kinds"]) for each in shown
    ]
    [corrected] = opened.changes(kind="numbers")
    assert corrected.numbers == ("710 -> 685 tỷ",)
    assert list(opened.changes(limit=2)) == list(changes)[:2]


def test_graph_has_every_link(archive: Path, opened: newscrawl.Archive) -> None:
    graph = opened.graph()
    with opened.reading() as reader:
        rows = link_graph(reader.db, Filter())
        assert graph.number_of_nodes() == len(list(rows.nodes))
    assert graph.number_of_edges() == len(opened.links())
    article = opened.article(KEY)
    assert graph.nodes[article.id]["published_at"] == article.published_at
    sources = {
        source for source, _, kind in graph.in_edges(article.id, keys=True) if kind == "related"
    }
    assert len(sources) == 12


# Lazy sequences


def test_a_table_is_a_sequence(opened: newscrawl.Archive) -> None:
    table = opened.articles()
    rows = list(table)
    assert (table[0], table[-1], table[len(rows) - 1]) == (rows[0], rows[-1], rows[-1])
    assert list(reversed(table)) == rows[::-1]
    assert rows[3] in table
    for index in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError):
            _ = table[index]


@pytest.mark.parametrize(
    "part",
    [slice(None), slice(3), slice(2, 5), slice(80, 200), slice(200, 300), slice(-3, None), slice(None, -80),
     slice(5, 2)],
)  # fmt: skip
def test_slices_are_those_of_a_list(opened: newscrawl.Archive, part: slice) -> None:
    table, rows = opened.articles(), list(opened.articles())
    assert list(table[part]) == rows[part]
    assert len(table[part]) == len(rows[part])
    assert list(table[5:60][part]) == rows[5:60][part]


def test_a_slice_with_a_step_says_what_to_write(opened: newscrawl.Archive) -> None:
    with pytest.raises(ValueError, match=r"use list\(table\)\[::2\]"):
        _ = opened.articles()[::2]


def test_frames_have_the_same_values(opened: newscrawl.Archive) -> None:
    table = opened.articles()
    rows = list(table)
    pandas, polars, arrow = table.to_pandas(), table.to_polars(), table.to_arrow()
    assert (
        tuple(pandas.columns) == tuple(polars.columns) == tuple(arrow.column_names) == table.columns
    )
    for name in ("id", "key", "title", "body", "word_count"):
        expected = [getattr(row, name) for row in rows]
        assert (
            pandas[name].tolist() == polars[name].to_list() == arrow[name].to_pylist() == expected
        )
    tags = [list(row.tags) for row in rows]
    assert pandas.tags.tolist() == polars["tags"].to_list() == arrow["tags"].to_pylist() == tags
    moments = [row.published_at for row in rows]
    assert polars["published_at"].to_list() == arrow["published_at"].to_pylist() == moments
    assert [
        None if each != each else each.to_pydatetime() for each in pandas.published_at
    ] == moments
    assert str(pandas.published_at.dtype) == "datetime64[s, UTC]"
    assert pandas.gone_at.notna().sum() == 1


def test_frames_of_every_table_and_of_none(opened: newscrawl.Archive) -> None:
    tables = [
        opened.links(),
        opened.listings(),
        opened.revisions(),
        opened.front("demo"),
        opened.changes(),
    ]
    tables += [
        opened.article(KEY).captures,
        opened.article(KEY).links_in(),
        opened.articles(until="1999"),
    ]
    for table in tables:
        for frame in (table.to_pandas(), table.to_polars(), table.to_arrow()):
            assert frame.shape == (len(table), len(table.columns))


def test_frames_of_some_columns(opened: newscrawl.Archive) -> None:
    table = opened.articles()[:3]
    assert list(table.to_pandas(["title", "id"]).columns) == ["title", "id"]
    assert opened.revisions().to_polars(["revision", "body_hash"]).width == 2
    assert opened.changes().to_arrow(["kinds"]).column_names == ["kinds"]
    with pytest.raises(newscrawl.UsageError, match="there is no column 'titel'"):
        table.to_pandas(["titel"])


def test_db_is_read_only_and_of_sqlite_utils(opened: newscrawl.Archive) -> None:
    with newscrawl.open(opened.path) as archive:
        assert archive.db["export_articles"].count == len(opened.articles(stubs=True))
        assert next(archive.db.query("SELECT 1 AS one")) == {"one": 1}
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            archive.db.execute("DELETE FROM links")
        connection = archive.db.conn
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


# Where it is used


def test_a_notebook_shows_short_escaped_tables(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "poisoned"
    shutil.copytree(archive, folder)
    ids = poison(folder)
    opened = newscrawl.open(folder)
    article = opened.article(ids[0])
    assert article.title == PAYLOADS[0]
    shown: list[Any] = [
        opened,
        opened.articles(),
        opened.links(),
        article,
        article.revisions,
        opened.changes(),
        article.diff(),
    ]
    for value in shown:
        html = value._repr_html_()
        assert not re.search(r"<(script|img|svg|iframe|a|style|meta|object|input)\b", html), html
    assert "the first 10 of 82 rows" in opened.articles()._repr_html_()
    assert "&lt;script&gt;" in article._repr_html_()
    assert len(opened.articles()._repr_html_()) < 20_000
    assert repr(opened) == f"newscrawl.open({str(folder)!r})"
    assert repr(opened.articles()).startswith("<82 articles: [<Article demo/")


def test_works_while_an_event_loop_runs_and_in_threads(opened: newscrawl.Archive) -> None:
    async def in_a_notebook() -> list[int]:
        here = len(list(opened.articles()))
        page = opened.article(KEY).html()
        extracted = newscrawl.extract(page, url=opened.article(KEY).url)
        assert extracted.title == opened.article(KEY).title
        aside = await asyncio.to_thread(
            lambda: newscrawl.extract(page, url="http://127.0.0.1/a.html")
        )
        assert aside.title == extracted.title
        others = await asyncio.gather(
            *(asyncio.to_thread(lambda: len(list(opened.articles()))) for _ in range(4))
        )
        return [here, *others]

    assert set(asyncio.run(in_a_notebook())) == {82}


def test_rows_may_be_read_by_another_thread_than_began(opened: newscrawl.Archive) -> None:
    rows = iter(opened.articles())
    first = next(rows)
    with ThreadPoolExecutor(1) as threads:
        others = threads.submit(list, rows).result()
        counts = list(threads.map(lambda _: opened.db["articles"].count, range(2)))
    assert [first, *others] == list(opened.articles())
    assert counts == [83, 83]
    opened.close()


def test_an_archive_and_its_articles_can_be_sent_to_other_processes(
    opened: newscrawl.Archive,
) -> None:
    _ = opened.db
    article = pickle.loads(pickle.dumps(opened.article(KEY)))
    assert article == opened.article(KEY)
    assert len(article.links_in("related")) == 12
    opened.close()


def test_reads_while_a_crawl_writes(tmp_path: Path) -> None:
    with DemoServer() as server:
        crawling.crawl(server, tmp_path, "--limit", "5")
        opened = newscrawl.open(tmp_path)
        before = len(opened.articles())
        crawl = threading.Thread(target=crawling.crawl, args=(server, tmp_path))
        crawl.start()
        counts = []
        while crawl.is_alive():
            table = opened.articles()
            counts.append(len(table))
            assert len(list(table)) >= counts[-1]
            crawl.join(0.05)
    assert before == 5
    assert counts == sorted(counts)
    assert len(opened.articles()) > before


def test_reads_a_release(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    printed(
        archive,
        "release",
        str(folder),
        "--title",
        "T",
        "--author",
        "A, B",
        "--license",
        "CC-BY-4.0",
    )
    released = newscrawl.open(folder)
    original = newscrawl.open(archive)
    assert [each.key for each in released.articles()] == [each.key for each in original.articles()]
    assert len(released.links()) == len(original.links())
    with pytest.raises(newscrawl.UsageError, match="is a release, which contains no raw pages"):
        released.article(KEY).html()


@pytest.mark.parametrize("name", ["nosuch", "newscrawl.db"])
def test_no_archive_is_a_usage_error_that_shows_its_hint(tmp_path: Path, name: str) -> None:
    with pytest.raises(newscrawl.UsageError, match="no archive in") as raised:
        newscrawl.open(tmp_path / name)
    assert isinstance(raised.value, newscrawl.NewscrawlError)
    assert raised.value.__notes__ == [f"hint: {raised.value.hint}"]
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_value_is_named(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(archive, folder)
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        db.execute("UPDATE articles SET fetched_at = 'yesterday' WHERE id = 7")
    opened = newscrawl.open(folder)
    for read in (lambda: list(opened.articles()), lambda: opened.article(7)):
        with pytest.raises(newscrawl.ArchiveDamaged, match="articles, row 7, column fetched_at"):
            read()
