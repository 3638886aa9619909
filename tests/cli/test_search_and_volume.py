"""`search` and `volume`: every match can be had, in each form, and what is cut is said."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from newscrawl.store.write.store import Store
from tests.support.archive_builder import build, newscrawl
from tests.support.query_cases import Sample, fill, samples

FACTS = "id,site,key,url,state,title,category,published_at,published_local"


@pytest.fixture(scope="module")
def articles() -> Sequence[Sample]:
    return samples(200)


@pytest.fixture(scope="module")
def archive(articles: Sequence[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles 1 to 200: two a day from 2025-12-01 on, the last ten without a time."""
    folder = tmp_path_factory.mktemp("archive")
    fill(folder, articles)
    with Store(folder) as store:
        store.db.execute(
            "UPDATE articles SET published_local ="
            " strftime('%Y-%m-%dT%H:00:00+07:00', '2025-12-01', (id / 2) || ' days', id || ' hours')"
            " WHERE id <= 190"
        )
    return folder


def test_pages_of_a_search_are_all_of_it(archive: Path) -> None:
    whole = newscrawl(archive, "search", "gạo", "--limit", "all", "--columns", "id", "--csv")
    ids = whole.stdout.split()[1:]
    parts: list[str] = []
    for offset in range(0, len(ids) + 20, 20):
        part = newscrawl(
            archive, "search", "gạo", "--offset", str(offset), "--columns", "id", "--tsv"
        )
        parts += part.stdout.split()[1:]
    assert parts == ids
    assert len(ids) > 40
    assert whole.stderr == f"{len(ids)} articles found\n"


def test_cut_search_says_so(archive: Path) -> None:
    found = newscrawl(archive, "search", "gạo", "--limit", "3")
    assert "articles found, 3 shown (--limit N or all, --offset)" in found.stderr
    assert len(found.stdout.splitlines()) == 9


@pytest.mark.parametrize("limit", ["2", "all"])
def test_json_has_the_query_and_the_counts(archive: Path, limit: str) -> None:
    found = newscrawl(archive, "search", "gạo -lúa", "--limit", limit, "--json")
    document = json.loads(found.stdout)
    head = ["query", "understood", "note", "order", "total", "exact", "shown"]
    assert list(document) == [*head, "articles"]
    assert (document["query"], document["understood"]) == ("gạo -lúa", "gạo AND NOT lúa")
    assert document["note"] is None
    assert document["exact"] is True
    assert document["shown"] == len(document["articles"])
    assert document["shown"] == (2 if limit == "2" else document["total"])


def test_json_without_matches_is_whole(archive: Path) -> None:
    assert json.loads(newscrawl(archive, "search", "zzz", "--json").stdout)["articles"] == []


def test_rows_have_the_facts_and_on_request_the_snippet(archive: Path) -> None:
    table = newscrawl(archive, "search", "gạo", "--csv").stdout
    assert table.splitlines()[0] == FACTS
    lines = newscrawl(archive, "search", "gạo", "--jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [
        int(row["id"]) for row in csv.DictReader(io.StringIO(table))
    ]
    snippet = newscrawl(
        archive, "search", "gạo", "--jsonl", "--columns", "id,snippet", "--limit", "1"
    )
    assert "[" in json.loads(snippet.stdout)["snippet"]
    refused = newscrawl(archive, "search", "gạo", "--csv", "--columns", "id,nothing")
    assert refused.exit_code == 2
    assert f"columns: {FACTS},snippet,rank" in refused.stderr


def test_words_that_begin_with_a_dash_need_no_quotes(archive: Path) -> None:
    loose = newscrawl(archive, "search", "gạo", "-lúa", "OR", "-giá", "--explain")
    assert loose.stdout == "(gạo AND NOT lúa) OR NOT giá\n"
    assert newscrawl(archive, "search", "gạo", "--nothing").exit_code == 2
    assert newscrawl(archive, "search", "gạo", "--limit", "-5").exit_code == 2


def test_note_says_where_reading_stopped(archive: Path) -> None:
    found = newscrawl(archive, "search", "gạo OR", "--explain")
    assert found.stdout == "gạo AND or\n"
    assert found.stderr == (
        "cannot parse the query at character 7: a word is missing; searched for the words instead\n"
    )


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (["--author", "minh anh"], lambda each: "Minh Anh" in each.authors),
        (["--tag", "tai chinh"], lambda each: "tài chính" in each.tags),
        (["--site", "other"], lambda each: each.site == "other"),
        (["--gone"], lambda each: False),
        (["--not-gone", "--not-revised"], lambda each: True),
        (["--revised"], lambda each: False),
        (["--min-words", "1"], lambda each: False),
    ],
)
def test_filters_narrow_searches_and_exports(
    archive: Path, articles: Sequence[Sample], options: list[str], chosen: object
) -> None:
    assert callable(chosen)
    expected = {
        str(number)
        for number, each in enumerate(articles, 1)
        if "gạo" in f"{each.title} {each.summary} {each.body}" and chosen(each)
    }
    found = newscrawl(
        archive, "search", "gạo", *options, "--limit", "all", "--columns", "id", "--csv"
    )
    assert set(found.stdout.split()[1:]) == expected
    exported = newscrawl(archive, "export", "articles", "--search", "gạo", *options)
    assert {row["id"] for row in csv.DictReader(io.StringIO(exported.stdout))} == expected


LARGE = "99999999999999999999"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", ""], "the query '' has no letter and no digit"),
        (["search", "--", "?!"], "the query '?!' has no letter and no digit"),
        (["volume", ""], "the query '' has no letter and no digit"),
        (["export", "articles", "--search", ""], "the query '' has no letter and no digit"),
        (["search", "gạo", "--count", "--csv"], "--count and --csv cannot be combined"),
        (["search", "gạo", "--explain", "--columns", "id"], "--explain and --columns cannot"),
        (["search", "gạo", "--explain", "--count"], "--count and --explain cannot be combined"),
        (
            ["search", "gạo", "--min-words", "100", "--max-words", "10"],
            "no text has at least 100 and at most 10 words",
        ),
        (
            ["export", "articles", "-o", "x.xlsx"],
            "use --excel and .csv, which spreadsheets open; the extensions of articles are .csv, .tsv",
        ),
        (["export", "graph", "-o", "x.doc"], "use .gexf, .graphml (with"),
        (
            ["export", "articles", "--format", "jsonl", "-o", "foo.csv"],
            "-o foo.csv: the extension .csv does not fit --format jsonl",
        ),
        (
            ["search", "gạo", "--since", "2026-02", "--until", "2026-01"],
            "hint: swap them",
        ),
    ],
)
def test_requests_without_an_answer_are_refused(
    archive: Path, arguments: list[str], message: str
) -> None:
    refused = newscrawl(archive, *arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert message in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "stderr"),
    [
        (["--offset", LARGE], "articles found, none after the first 9,007,199,254,740,992"),
        (["--offset", "150", "--json"], "articles found, none after the first 150 (--offset)"),
        (["--limit", "9223372036854775807", "--offset", "150"], "none after the first 150"),
        (["--limit", LARGE], "articles found\n"),
        (["--min-words", LARGE], "0 articles found\n"),
        (["--max-words", LARGE, "--count"], ""),
    ],
)
def test_large_numbers_are_beyond_every_archive(
    archive: Path, options: list[str], stderr: str
) -> None:
    found = newscrawl(archive, "search", "gạo", *options)
    assert found.exit_code == 0
    assert stderr in found.stderr


def test_count_and_explanation_may_be_json(archive: Path) -> None:
    count = json.loads(newscrawl(archive, "search", "gạo", "--count", "--json").stdout)
    assert count == {
        "query": "gạo",
        "understood": "gạo",
        "note": None,
        "order": None,
        "total": int(newscrawl(archive, "search", "gạo", "--count").stdout),
        "exact": True,
        "shown": 0,
    }
    explained = newscrawl(archive, "search", "a or b", "--explain", "--json")
    assert explained.stderr == ""
    assert json.loads(explained.stdout) == {
        "query": "a or b",
        "understood": "a AND or AND b",
        "note": "or was searched as a word; the operator is OR",
    }


def test_names_of_columns_may_follow_spaces(archive: Path) -> None:
    rows = newscrawl(archive, "search", "gạo", "--columns", "key, title", "--csv").stdout
    assert rows.splitlines()[0] == "key,title"
    head = newscrawl(archive, "search", "gạo", "--json", "--limit", "1").stdout
    assert list(json.loads(head)["articles"][0]) == [*FACTS.split(","), "snippet", "rank"]


def test_export_refuses_a_search_without_words(archive: Path) -> None:
    assert newscrawl(archive, "export", "articles", "--search", "--").exit_code == 2
    both = newscrawl(archive, "export", "articles", "--search", "gạo", "--stubs")
    assert both.exit_code == 2


def counts(archive: Path, *arguments: str) -> dict[str, int]:
    rows = newscrawl(archive, "volume", *arguments, "--csv").stdout
    return {row["name"]: int(row["articles"]) for row in csv.DictReader(io.StringIO(rows))}


SQL = (
    "SELECT {name}, count(*) FROM articles a JOIN bodies b ON b.article_id = a.id"
    " WHERE (title || ' ' || summary || ' ' || body) LIKE '%gạo%' AND {name} IS NOT NULL GROUP BY 1"
)


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ("hour", "substr(published_local, 1, 13)"),
        ("day", "substr(published_local, 1, 10)"),
        ("week", "strftime('%Y-%m-%d', substr(published_local, 1, 10), 'weekday 0', '-6 days')"),
        ("month", "substr(published_local, 1, 7)"),
        ("year", "substr(published_local, 1, 4)"),
        ("site", "site"),
    ],
)
def test_volumes_equal_those_of_sql(archive: Path, by: str, name: str) -> None:
    found = counts(archive, "gạo", "--by", by)
    with Store(archive) as store:
        rows = store.db.execute(SQL.format(name=name)).fetchall()
    expected = {row[0]: row[1] for row in rows}
    assert sorted(count for count in found.values() if count) == sorted(expected.values())
    if by != "week":
        assert {each: count for each, count in found.items() if count} == expected


ENDS = [
    ("hour", "2025-12-01T01", "2026-03-13T22", 2470),
    ("day", "2025-12-01", "2026-03-13", 103),
    ("month", "2025-12", "2026-03", 4),
]


def test_periods_without_articles_are_printed(archive: Path) -> None:
    days = counts(archive, "gạo", "--by", "day", "--since", "2025-11-28", "--until", "2025-12-03")
    assert list(days) == [
        *("2025-11-28", "2025-11-29", "2025-11-30", "2025-12-01", "2025-12-02", "2025-12-03")
    ]
    assert days["2025-11-29"] == 0
    weeks = counts(archive, "gạo", "--by", "week", "--since", "2025-12-22", "--until", "2026-01-11")
    assert list(weeks) == ["2025-W52", "2026-W01", "2026-W02"]
    hours = counts(archive, "gạo", "--by", "hour", "--since", "2026-01-01", "--until", "2026-01-01")
    assert len(hours) == 24


@pytest.mark.parametrize("query", ["zzz", "gạo title:đỗ"])
@pytest.mark.parametrize(("by", "first", "last", "number"), ENDS)
def test_periods_run_from_the_first_to_the_last_publication(
    archive: Path, query: str, by: str, first: str, last: str, number: int
) -> None:
    found = counts(archive, query, "--by", by)
    assert (min(found), max(found), len(found)) == (first, last, number)
    site = counts(archive, query, "--by", by, "--site", "other", "--since", "2026-02")
    assert (min(site)[:7], max(site)) == ("2026-02", last)


def test_query_that_finds_nothing_prints_empty_periods(archive: Path) -> None:
    found = newscrawl(archive, "volume", "zzz", "--by", "month")
    months = ["2025-12  0", "2026-01  0", "2026-02  0", "2026-03  0"]
    assert (found.stdout.splitlines(), found.stderr) == (months, "no article found\n")


def test_share_is_of_all_articles_of_the_period(archive: Path, articles: Sequence[Sample]) -> None:
    found = newscrawl(archive, "volume", "gạo", "lúa", "--by", "tag", "--share", "--json")
    document = json.loads(found.stdout)
    for row in document["rows"]:
        tagged = [each for each in articles if row["name"] in each.tags]
        words = [f"{each.title} {each.summary} {each.body}" for each in tagged]
        assert row["all"] == len(tagged)
        assert row["articles"] == [sum(word in text for text in words) for word in ("gạo", "lúa")]
        assert row["shares"][0] == round(row["articles"][0] / len(tagged), 6)
    assert document["queries"][0]["without"] > 0


def test_undated_articles_are_named(archive: Path) -> None:
    found = newscrawl(archive, "volume", "gạo")
    assert "not counted: no publication month known" in found.stderr
    assert "2025-12  " in found.stdout
    assert "█" in found.stdout


def test_endless_periods_are_refused(tmp_path: Path) -> None:
    build(tmp_path)
    refused = newscrawl(tmp_path, "volume", "duong", "--by", "hour", "--since", "1900")
    assert refused.exit_code == 2
    assert "count by longer periods" in refused.stderr
