"""Search: matches, their order, and that no input can break it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.core.errors import UsageError
from newscrawl.core.query_parser import parse_query
from newscrawl.core.text import fold
from newscrawl.store.filters import Filter
from newscrawl.store.read import ranking
from newscrawl.store.read import search as search_module
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import Order, search
from newscrawl.store.read.search_terms import Term, fold_in_place, terms_of
from newscrawl.store.read.snippets import WIDTH, snippet
from newscrawl.store.write.store import Store
from tests.support.archive_builder import build
from tests.support.store_cases import article, capture


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with Reader(build(tmp_path_factory.mktemp("archive"))) as reader:
        yield reader


def terms(typed: str) -> tuple[Term, ...]:
    return terms_of(parse_query(typed).tree)


def keys(reader: Reader, typed: str, only: Filter | None = None, **options: object) -> list[str]:
    found = search(reader.db, typed, only or Filter(), limit=20, **options)  # type: ignore[arg-type]
    return [f"{hit.site}/{hit.key}" for hit in found.hits]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("duong sat", {"paper/1", "paper/2", "paper/3"}),
        ("DUONG SAT", {"paper/1", "paper/2", "paper/3"}),
        ("đường sắt", {"paper/1", "paper/2", "paper/3"}),
        ("đuong sat", {"paper/1", "paper/2", "paper/3"}),
        ("duong sat metro", {"paper/2"}),
        ("khoi cong", {"paper/1"}),
        ('"sat cao toc"', {"paper/1"}),
        ('"cao sat toc"', set()),
        ("“đường sắt cao tốc”", {"paper/1"}),
        ("chung ket", {"other/1"}),
        ("1.541", {"paper/1"}),
        ("541 1", {"paper/1"}),
        ("2026", set()),
        ("lời dẫn", set()),  # a stub has no text
    ],
)
def test_finds_with_and_without_marks(reader: Reader, typed: str, expected: set[str]) -> None:
    assert set(keys(reader, typed)) == expected


def test_decomposed_input_finds_the_same(reader: Reader) -> None:
    assert set(keys(reader, "đu\u031bo\u031b\u0300ng sa\u0306\u0301t")) == {
        "paper/1",
        "paper/2",
        "paper/3",
    }


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("đường sắt", "paper/1"),
        ("đường sạt", "paper/3"),
        ("ĐƯỜNG SẮT", "paper/1"),
        ("sạt", "paper/3"),
    ],
)
def test_texts_spelled_as_typed_come_first(reader: Reader, typed: str, first: str) -> None:
    assert keys(reader, typed)[0] == first


def test_order_by_time_puts_the_newest_first(reader: Reader) -> None:
    assert keys(reader, "duong sat", order="time") == ["paper/2", "paper/3", "paper/1"]


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (Filter(site="other"), ["other/1"]),
        (Filter(category="1"), ["paper/1", "paper/2", "paper/3", "paper/6"]),
        (Filter(category="kinh-te"), ["paper/1", "paper/2", "paper/3", "paper/6"]),
        (Filter(category="kinh te"), ["paper/1", "paper/2", "paper/3", "paper/6"]),
        (Filter(category="Thị trường"), ["paper/5"]),
        (Filter(since="2026-09-02"), ["other/1", "paper/2", "paper/3"]),
        (Filter(until="2026-09-01"), ["paper/1", "paper/6"]),
        (Filter(since="2026-09-03", until="2026-09-03"), ["paper/2"]),
        (Filter(since="2026-09-02", until="2026-09-02", site="paper"), ["paper/3"]),
    ],
)
@pytest.mark.parametrize("few", [search_module.SHORT_LIST, 0])
def test_filters_by_day_of_the_site(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, only: Filter, expected: list[str], few: int
) -> None:
    monkeypatch.setattr(search_module, "SHORT_LIST", few)
    found = [
        key
        for word in ("title", "duong", "mot", "chung", "said")
        for key in keys(reader, word, only)
    ]
    assert sorted(set(found)) == expected


@pytest.mark.parametrize(
    "only",
    [Filter(site="nowhere"), Filter(category="nothing"), Filter(site="other", category="kinh-te")],
)
def test_unknown_site_or_category_is_a_usage_error(reader: Reader, only: Filter) -> None:
    with pytest.raises(UsageError) as caught:
        keys(reader, "x", only)
    assert caught.value.hint


NASTY = [
    "", " ", '"', "''", '""', '" "', 'a" OR (', "(", ")", "NEAR(a b)", "title:a", "a*", "-a", "a AND", "OR", "NOT",
    "^a", "+", "a\x00b", "\x00", "\ud800", "a\udc80", "🎉", "🎉 sat", "{a b}", "a:b:c", "\\", "%_", "--", "/*",
    "';DROP TABLE articles;--", "\u0300", "ﬁ", "İ", "\n\t\r", "x" * 20_000, "a* " * 1_000, '"' * 9_999, "đ" * 1000,
    " ".join(map(str, range(1_000))), "(" * 9_999, "-(" * 40 + "a" + ")" * 40, "NOT " * 4_000 + "a",
]  # fmt: skip


@pytest.mark.parametrize("typed", NASTY, ids=range(len(NASTY)))
def test_no_input_fails(reader: Reader, typed: str) -> None:
    assert len(search(reader.db, typed, Filter(), limit=5).hits) <= 5


@pytest.mark.parametrize("typed", ["x" * 100_000, " ".join(map(str, range(2_000)))])
def test_endless_query_is_refused(reader: Reader, typed: str) -> None:
    with pytest.raises(UsageError, match="may have"):
        search(reader.db, typed, Filter(), limit=5)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    typed=st.text(alphabet=st.characters(), max_size=60), order=st.sampled_from(["rank", "time"])
)
def test_no_text_fails(reader: Reader, typed: str, order: str) -> None:
    assert isinstance(keys(reader, typed, order=order), list)


def test_terms_are_words_and_phrases_each_once() -> None:
    found = terms('Đường "cao tốc" đường 5G, cao-tốc a_b -x tag:y')
    assert [term.words for term in found] == [("đường",), ("cao", "tốc"), ("5g",), ("a", "b")]


@given(st.text(max_size=200))
def test_folding_in_place_keeps_every_position(text: str) -> None:
    assert len(fold_in_place(text)) == len(text)


def test_folding_in_place_is_folding_for_vietnamese() -> None:
    text = "Đường sắt ẦẨẪẬ ƠỚỜ ỹ"
    assert fold_in_place(text) == fold(text)


def test_snippet_has_the_original_spelling_and_the_most_words() -> None:
    text = "Sắt vụn. " + "x " * 200 + "Tuyến đường sắt mới. " + "y " * 200
    found = snippet([None, text, "duong sat"], terms("duong sat"))
    assert found.marked().count("[") == 2
    assert "[đường] [sắt] mới" in found.marked()
    assert found.text.startswith("…")
    assert found.text.endswith("…")
    assert len(found.text) <= WIDTH + 2


def test_snippet_of_a_phrase_marks_all_of_it() -> None:
    assert snippet(["Một đường sắt."], terms('"duong sat"')).marked() == "Một [đường sắt]."


def test_snippet_without_a_match_is_the_beginning() -> None:
    assert snippet(["abc def"], terms("zzz")).marked() == "abc def"
    assert snippet([None, ""], terms("zzz")).text == ""


def test_snippet_of_one_endless_word_is_cut() -> None:
    assert len(snippet(["a" * 5000], terms("b")).text) <= WIDTH + 2


@given(st.text(alphabet="aăđ b\n.", max_size=600), st.text(alphabet="ađb ", min_size=1, max_size=8))
def test_marks_are_ascending_and_within_the_text(text: str, typed: str) -> None:
    found = snippet([text], terms(typed))
    places = [place for mark in found.marks for place in mark]
    assert places == sorted(places)
    assert all(0 <= place <= len(found.text) for place in places)


@pytest.mark.parametrize("order", ["rank", "time"])
def test_latest_matches_of_a_common_word_come_first_then_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Order
) -> None:
    monkeypatch.setattr(search_module, "MOST_RANKED", 5)
    build(tmp_path)
    with Store(tmp_path) as store:
        for key in range(100, 110):
            page = article(key, "chung một từ")
            store.articles.save(page, capture(page.url), 1, asked_url=page.url, extractor="test")
    with Reader(tmp_path) as reader:
        found = search(reader.db, "tu", Filter(), limit=20, order=order)
        counted = search(reader.db, "tu", Filter(), limit=4, offset=4, order=order, exact=True)
    assert (found.total, found.exact) == (5, False)
    assert sorted(hit.key for hit in found.hits[:5]) == ["105", "106", "107", "108", "109"]
    assert [hit.key for hit in found.hits[5:10]] == ["104", "103", "102", "101", "100"]
    assert (counted.total, counted.exact) == (len(found.hits), True)
    assert [hit.id for hit in counted.hits] == [hit.id for hit in found.hits[4:8]]
    first = "the best" if order == "rank" else "the newest"
    assert found.order == f"of the 5 stored last, {first} come first, then all older ones"


@pytest.mark.parametrize("order", ["rank", "time"])
def test_phrase_of_any_length_is_ranked_by_its_words(tmp_path: Path, order: Order) -> None:
    build(tmp_path)
    phrase = " ".join(f"từ{number}" for number in range(300))
    with Store(tmp_path) as store:
        for key, body in (
            (100, f"Mở đầu. {phrase}."),
            (101, f"{phrase}. {phrase}."),
            (102, f"{phrase[:-6]}. {phrase[9:]}"),
        ):
            page = article(key, body)
            store.articles.save(page, capture(page.url), 1, asked_url=page.url, extractor="test")
    with Reader(tmp_path) as reader:
        found = search(reader.db, f'"{phrase}"', Filter(), limit=20, order=order)
    assert sorted(hit.key for hit in found.hits) == ["100", "101"]
    assert found.hits[0].key == "101"


def test_very_common_words_are_ranked_by_headlines_without_counting_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path)
    titles = ("Giá gạo", "Lúa gạo", "Giá lúa", "Xăng", "Lúa hay giá gạo")
    with Store(tmp_path) as store:
        for key, title in enumerate(titles, start=100):
            page = replace(article(key, "Giá gạo và giá lúa, lúa, lúa, lúa."), title=title)
            store.articles.save(page, capture(page.url), 1, asked_url=page.url, extractor="test")
    statements: list[str] = []
    with Reader(tmp_path) as reader:
        usual = search(reader.db, "giá lúa", Filter(), limit=9)
        monkeypatch.setattr(ranking, "MOST_COUNTED", 9)
        reader.db.set_trace_callback(statements.append)
        words = search(reader.db, "giá lúa", Filter(), limit=9)
        phrase = search(reader.db, '"giá lúa"', Filter(), limit=9)
    assert usual.order is None
    assert [hit.key for hit in words.hits] == ["104", "102", "101", "100", "103"]
    assert [hit.rank for hit in words.hits] == [-2, -2, -1, -1, 0]
    assert words.order == "those with most of the words in their headlines come first"
    assert phrase.hits[0].key == "102"
    assert not [statement for statement in statements if "bm25" in statement]


@pytest.mark.parametrize(
    "only", [Filter(site="paper"), Filter(site="paper", category="1"), Filter(category="1")]
)
def test_list_of_a_site_or_category_is_read_from_an_index_alone(
    reader: Reader, only: Filter
) -> None:
    statements: list[str] = []
    reader.db.set_trace_callback(statements.append)
    found = search(reader.db, "duong sat", only, limit=9)
    reader.db.set_trace_callback(None)
    (matches,) = [text for text in statements if "+f.rowid IN (SELECT a.id" in text]
    plan = [row["detail"] for row in reader.db.execute(f"EXPLAIN QUERY PLAN {matches}")]
    lists = [step for step in plan if step.startswith("SEARCH a ")]
    assert found.hits
    assert lists
    assert [step for step in lists if "COVERING INDEX" not in step] == []


@pytest.mark.parametrize("since", [None, "2020"])
def test_hidden_article_of_a_site_is_not_found(tmp_path: Path, since: str | None) -> None:
    build(tmp_path)
    only = Filter(site="paper", since=since)
    with Store(tmp_path) as store:
        before = len(search(store.db, "duong sat", only, limit=9).hits)
        store.db.execute(
            "UPDATE articles SET state = 'degraded' WHERE site = 'paper' AND key = '1'"
        )
        found = search(store.db, "duong sat", only, limit=9)
    assert [hit.key for hit in found.hits if hit.key == "1"] == []
    assert len(found.hits) == before - 1


@pytest.mark.parametrize(("sampled", "is_quick"), [(2, False), (100, True)])
def test_frequency_of_words_is_estimated_from_the_latest_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sampled: int, *, is_quick: bool
) -> None:
    build(tmp_path)
    with Store(tmp_path) as store:
        for key in range(100, 120):
            page = article(key, "chung một từ" if key >= 118 else "khác")
            store.articles.save(page, capture(page.url), 1, asked_url=page.url, extractor="test")
    monkeypatch.setattr(ranking, "MOST_COUNTED", 10)
    monkeypatch.setattr(ranking, "SAMPLED", sampled)
    with Reader(tmp_path) as reader:
        assert ranking.is_quickly_counted(reader.db, parse_query("chung").tree) == is_quick


def test_hit_has_the_fields_that_lists_show(reader: Reader) -> None:
    hit = search(reader.db, "khởi công", Filter(), limit=1).hits[0]
    assert (hit.site, hit.key, hit.title, hit.category) == (
        "paper",
        "1",
        "Đường sắt cao tốc khởi công",
        "Kinh tế",
    )
    assert (hit.published_at, hit.published_local) == (
        "2026-09-01T03:00:00Z",
        "2026-09-01T10:00:00+07:00",
    )
    assert hit.rank is not None
    assert hit.rank < 0
