"""The query language: what a query finds is what plain Python finds, and how it is understood.

tests/cli/test_query_everywhere.py asks the same queries on the command line and in the browser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import newscrawl
from newscrawl.core.errors import UsageError
from newscrawl.core.query import leaves
from newscrawl.core.query_parser import parse_query
from newscrawl.store.filters import Filter
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import Search
from tests.support.old_schema import old_archive
from tests.support.query_cases import CASES, Sample, fill, samples
from tests.support.torture import FULL


@pytest.fixture(scope="module")
def articles() -> Sequence[Sample]:
    return samples(5_000)


@pytest.fixture(scope="module")
def folder(articles: Sequence[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    fill(folder, articles)
    return folder


@pytest.fixture(scope="module")
def reader(folder: Path) -> Iterator[Reader]:
    with Reader(folder) as reader:
        yield reader


@pytest.fixture(scope="module")
def opened(folder: Path) -> newscrawl.Archive:
    return newscrawl.open(folder)


@pytest.mark.parametrize("typed", CASES)
def test_query_finds_what_plain_python_finds(
    reader: Reader, opened: newscrawl.Archive, articles: Sequence[Sample], typed: str
) -> None:
    expected = {number for number, each in enumerate(articles, 1) if CASES[typed](each)}
    found = Search(reader.db, typed, Filter())
    ids = list(found.ids(None))
    assert set(ids) == expected
    assert len(ids) == len(expected)
    assert found.total(exact=True) == (len(expected), True)
    conditions = Filter(search=typed).conditions(reader.db)
    rows = reader.db.execute(
        f"SELECT a.id FROM articles a WHERE {conditions.sql}", conditions.values
    )
    assert {row[0] for row in rows} == expected
    check_python_api(opened, typed, expected)


def check_python_api(opened: newscrawl.Archive, typed: str, expected: set[int]) -> None:
    results = opened.search(typed)
    assert (len(results), results.total(exact=True)) == (len(expected), (len(expected), True))
    # A hit has a snippet, which takes a look into the text.
    hits = [hit.id for hit in (results if FULL else results[:20])]
    assert set(hits) == expected if FULL else set(hits) <= expected
    assert len(set(hits)) == (len(expected) if FULL else min(20, len(expected)))
    assert ids(opened.articles(search=typed)) == sorted(expected)
    assert ids(results.articles) == sorted(expected)


def ids(table: newscrawl.Table[newscrawl.Article]) -> list[int]:
    """The ids alone, since these articles have no times."""
    return list(table.to_polars(["id"])["id"])


def test_cases_can_tell_right_from_wrong(articles: Sequence[Sample]) -> None:
    some = articles[:500]
    counts = {typed: sum(map(test, some)) for typed, test in CASES.items()}
    few = {typed for typed, count in counts.items() if not 0 < count < len(some)}
    assert len(CASES) - len(few) >= 60, few


def test_author_and_tag_of_a_filter_join_the_query(
    reader: Reader, articles: Sequence[Sample]
) -> None:
    only = Filter(author="minh anh", tag="Đường sắt", site="paper")
    found = set(Search(reader.db, "gạo OR lúa", only).ids(None))
    expected = {
        number
        for number, each in enumerate(articles, 1)
        if CASES["gạo OR lúa"](each)
        and "Minh Anh" in each.authors
        and "đường sắt" in each.tags
        and each.site == "paper"
    }
    assert found == expected
    assert found


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("xuat -khau", "xuat AND NOT khau"),
        ("a OR b c", "a OR (b AND c)"),
        ("(a OR b) c*", "(a OR b) AND c*"),
        ('title:"Lãi suất" tag:x', 'title:"lãi suất" AND tag:x'),
        ("title:(a -b)", "title:a AND NOT title:b"),
        ("a NEAR/5 b NEAR c", "(a NEAR/5 b) AND (b NEAR/10 c)"),
        ("11:34' - 22/11/2022", '"11 34" AND "22 11 2022"'),
        ("title: a", "title:a"),
        ('site:bnews category:"Tài chính"', 'site:bnews AND category:"Tài chính"'),
        ("-(a b)", "NOT (a AND b)"),
        ("", ""),
        ("- & -", ""),
    ],
)
def test_query_is_understood(typed: str, understood: str) -> None:
    query = parse_query(typed)
    assert (query.understood, query.note) == (understood, None)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("a OR", "character 5: a word is missing"),
        ("a AND OR b", "character 7: a word is missing"),
        ("(a", "character 1: unmatched ("),
        ("a) b", "character 2: unmatched )"),
        ('a "b', "character 3: unclosed quotation mark"),
        ("a*b", "character 2: * is only allowed at the end of a word"),
        ("title:", "character 7: a word is missing"),
        ("title:tag:a", "character 7: a field cannot be inside a field"),
        ("(a b) NEAR c", "character 7: NEAR must stand between two words or phrases"),
        ("title:a NEAR b", "character 9: both sides of NEAR must be in the same field"),
        ("(" * 60 + "a" + ")" * 60, "character 51: parentheses are nested too deeply"),
        ("-(a OR " * 11 + "b" + ")" * 11, "character 1: operators are nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_searched_as_words(typed: str, reason: str) -> None:
    query = parse_query(typed)
    assert query.note == f"cannot parse the query at {reason}; searched for the words instead"
    assert all(len(leaf.words) == 1 for leaf in leaves(query.tree))


@given(st.text(alphabet="ađ1 -*:()\"“”ANDORTNE/'.title", max_size=40))
def test_no_text_breaks_the_parser(typed: str) -> None:
    query = parse_query(typed)
    again = parse_query(query.understood)
    assert again.note is None
    assert [leaf.words for leaf in leaves(again.tree)] == [
        leaf.words for leaf in leaves(query.tree)
    ]


@pytest.mark.parametrize(
    "part", ["-(", "-(a OR ", "-(a -(b OR ", "(site:paper OR a (", "(a OR b (", "-(a NEAR b "]
)
def test_no_depth_breaks_the_statement(reader: Reader, part: str) -> None:
    for count in range(1, 50):
        typed = part * count + "a" + ")" * (part.count("(") * count)
        assert Search(reader.db, typed, Filter()).total(exact=False).articles >= 0
        Filter(search=typed).conditions(reader.db)


FIELD = (
    "(searched as a word; the fields are title:, summary:, body:, author:, tag:, category:, site:)"
)
NUMBER = "was searched as words; write a number of words, as in NEAR/5"


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("a or b", "or was searched as a word; the operator is OR"),
        ("a or title:b", "or was searched as a word; the operator is OR"),
        ("a and (b OR c)", "and was searched as a word; the operator is AND"),
        ("(a) and b", "and was searched as a word; the operator is AND"),
        ("not a", "not was searched as a word; the operator is NOT"),
        ("a|b", "| is not an operator; write OR between two spaces"),
        ("a && b", "&& is not an operator; write AND between two spaces"),
        ("autor:minh a", f"unknown field autor: {FIELD}"),
        ("-year:2024", f"unknown field year: {FIELD}"),
        ("titel:(a b)", f"unknown field titel: {FIELD}"),
        ('tựa:"a b"', f"unknown field tựa: {FIELD}"),
        ("titel: a", f"unknown field titel: {FIELD}"),
        ("a NEAR/x b", f"NEAR/x {NUMBER}"),
        ("a near/5 b", f"near/5 {NUMBER}"),
        ("a NEAR/5000 b", "NEAR/5000 was read as NEAR/1000, the largest distance"),
        ("site:paper*", "site: matches whole names only; the * was ignored"),
        ("category:(a* OR b)", "category: matches whole names only; the * was ignored"),
        (
            "a or year:2024",
            f"or was searched as a word; the operator is OR; unknown field year: {FIELD}",
        ),
    ],
)
def test_slips_are_noted(typed: str, note: str) -> None:
    query = parse_query(typed)
    assert query.note == note
    assert parse_query(query.understood).note is None


@pytest.mark.parametrize(
    "typed",
    [
        '"Zalo:abc def"',
        "https://a.example/b 11:34",
        "category:tin:x site:a|b",
        "TP HCM: giá xăng",
        "or",
        "(or) title:or",
        "x AND or AND y",
        '"a or b"',
        "site: paper",
    ],
)
def test_what_is_no_slip_is_not_noted(typed: str) -> None:
    assert parse_query(typed).note is None


def test_unknown_site_or_category_is_an_error(reader: Reader) -> None:
    for typed in ("site:nowhere", "a -category:nothing"):
        with pytest.raises(UsageError):
            Search(reader.db, typed, Filter()).total(exact=True)


@pytest.mark.parametrize("typed", ["duong", "title:gạo", "gạo -lúa", "-gạo", "xua*"])
def test_archive_of_an_older_schema_is_searched(
    tmp_path: Path, articles: Sequence[Sample], typed: str
) -> None:
    some = articles[:200]
    fill(tmp_path / "today", some)
    old = old_archive(tmp_path / "old", tmp_path / "today", migrations=8)
    with Reader(old) as reader:
        found = set(Search(reader.db, typed, Filter()).ids(None))
        assert found == {number for number, each in enumerate(some, 1) if CASES[typed](each)}
        with pytest.raises(UsageError, match="older newscrawl"):
            list(Search(reader.db, "author:minh", Filter()).ids(None))
