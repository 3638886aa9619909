"""Near copies: which are found, whatever the order and division of the work."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from newscrawl.archive import near_duplicates as neardupes
from newscrawl.archive.near_duplicates import bands_of, runs, similarity, update
from newscrawl.core.errors import UsageError
from newscrawl.store.filters import Filter
from newscrawl.store.read.duplicates import connected, dupe_groups, elsewhere, uncompared
from newscrawl.store.read.reader import Reader
from newscrawl.store.write import duplicates
from newscrawl.store.write.duplicates import MOST_COPIES, SHORTEST_TEXT, Text
from newscrawl.store.write.store import Store
from tests.support.crawling import newscrawl
from tests.support.store_cases import SITE, article, at, capture, stamp
from tests.support.wire_copies import copy_of, report

pytest.importorskip("rensa")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "a") as store:
        yield store


def open_store(folder: Path) -> Store:
    store = Store(folder)
    for site in ("paper", "gazette"):
        store.categories.put_site(
            replace(SITE, site=site, name=site, domain=f"{site}.example", categories=())
        )
        store.crawls.begin(site, {}, version="test", now=at())
    return store


CLOCK = count()
ANY = Filter()


def put(
    store: Store,
    key: int,
    body: str,
    site: str = "paper",
    published: str | None = "2026-09-01T10:00",
) -> int:
    """The row id of a new article with this text."""
    page = article(
        key, body, site=site, category=None, url=f"https://{site}.example/tin/{key}.html",
        published=stamp(f"{published}:00+07:00") if published else None,
    )  # fmt: skip
    fetched = capture(page.url, next(CLOCK) / 60)
    return store.articles.save(page, fetched, 1, asked_url=page.url, extractor="test").article_id


def near(store: Store) -> set[tuple[int, int]]:
    rows = store.db.execute("SELECT article_id, other_id FROM duplicates WHERE method = 'minhash'")
    return {(row[0], row[1]) for row in rows}


def all_pairs(folder: Path) -> list[tuple[object, ...]]:
    """Every pair by the articles' keys."""
    db = sqlite3.connect(folder / "newscrawl.db")
    rows = db.execute(
        "SELECT min(a.key, b.key), max(a.key, b.key), d.method, d.similarity FROM duplicates d"
        " JOIN articles a ON a.id = d.article_id JOIN articles b ON b.id = d.other_id"
    ).fetchall()
    db.close()
    return sorted(rows)


def test_only_copies_with_up_to_a_fifth_of_their_words_changed_are_found(
    store: Store,
) -> None:
    planted = set()
    for n in range(100):
        original = put(store, n, report(n))
        planted.add(
            (original, put(store, 1000 + n, copy_of(report(n), n, 0.05 + 0.15 * n / 99), "gazette"))
        )
        put(store, 2000 + n, report(2000 + n))
    done = update(store)
    found = near(store)
    assert (done.texts, done.pairs) == (300, len(found))
    assert len(found & planted) / len(planted) >= 0.98
    assert len(found & planted) / len(found) >= 0.98


@pytest.mark.parametrize(
    ("copy", "least"),
    [
        (report(1).rpartition("\n\n")[0].rpartition("\n\n")[0], 1.0),  # shortened
        (report(1) + "\n\n" + report(2)[:300], 0.99),  # a paragraph added
        (report(1).upper(), 1.0),
    ],
)
def test_shortened_or_extended_copy_is_a_copy(store: Store, copy: str, least: float) -> None:
    one, other = put(store, 1, report(1)), put(store, 2, copy)
    update(store)
    rows = store.db.execute(
        "SELECT article_id, other_id, method, similarity >= ? FROM duplicates", (least,)
    )
    assert [tuple(row) for row in rows] == [(one, other, "minhash", 1)]


def test_equal_texts_are_exact_pairs_with_the_smaller_id_first(store: Store) -> None:
    ids = [put(store, key, report(1)) for key in (30, 10, 20)]
    update(store)
    pairs = [tuple(row) for row in store.db.execute("SELECT * FROM duplicates")]
    assert pairs == [(ids[a], ids[b], "exact", 1.0) for a, b in ((0, 1), (0, 2), (1, 2))]


def test_captions_are_in_no_pair(store: Store) -> None:
    for key in range(20):
        put(store, key, "Ảnh minh họa: một góc chợ quê trong mùa nước nổi, do phóng viên ghi lại.")
    assert update(store).texts == 20
    assert list(store.db.execute("SELECT * FROM duplicates")) == []
    assert list(store.db.execute("SELECT * FROM text_bands")) == []
    assert update(store).texts == 0


def test_pairs_of_a_text_on_very_many_pages_are_limited(store: Store) -> None:
    for key in range(MOST_COPIES * 3):
        put(store, key, report(1))
    assert (
        store.db.execute("SELECT count(*) FROM duplicates").fetchone()[0]
        <= MOST_COPIES * MOST_COPIES * 3
    )
    newest = store.db.execute("SELECT max(id) FROM articles").fetchone()[0]
    assert len(elsewhere(store.db, newest)) == MOST_COPIES


def test_form_letter_makes_one_group_with_few_pairs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "MOST_IN_BAND", 5)
    for key in range(40):
        put(store, key, f"{report(1)} Số {key}.")
    update(store)
    assert 39 <= len(near(store)) <= 40 * 10
    assert len(set(connected(near(store)).values())) == 1


def test_update_compares_new_texts_with_all_texts(store: Store) -> None:
    one = put(store, 1, report(1))
    assert update(store).texts == 1
    two = put(store, 2, copy_of(report(1), 1, 0.1))
    assert uncompared(store.db) == 1
    assert update(store).texts == 1
    assert near(store) == {(one, two)}
    assert update(store) == neardupes.Updated(0, 0, 0)


def test_changed_text_loses_its_pairs_and_is_compared_again(store: Store) -> None:
    one, two, three = (
        put(store, 1, report(1)),
        put(store, 2, copy_of(report(1), 1, 0.1)),
        put(store, 3, report(3)),
    )
    update(store)
    assert near(store) == {(one, two)}
    put(store, 2, copy_of(report(3), 1, 0.1))
    assert near(store) == set()
    done = update(store)
    assert (done.texts, done.changed, done.pairs) == (1, 1, 1)
    assert near(store) == {(two, three)}


def test_changed_text_loses_its_exact_pair(store: Store) -> None:
    one, two = put(store, 1, report(1)), put(store, 2, report(1))
    assert [row["id"] for row in elsewhere(store.db, one)] == [two]
    put(store, 1, report(2))
    assert elsewhere(store.db, two) == []


def test_pairs_do_not_depend_on_batches_processes_or_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {
        n: report(n % 20) if n < 20 else copy_of(report(n % 20), n, 0.15) for n in range(60)
    } | {60: report(3)}
    shuffled = Random(1).sample(sorted(texts), len(texts))
    monkeypatch.setattr(neardupes, "WORTH_WORKERS", 1)
    monkeypatch.setattr(neardupes, "BATCH", 7)
    for name, keys, jobs, step in (
        ("one", sorted(texts), 1, 100),
        ("two", sorted(texts), 2, 100),
        ("bits", shuffled, 1, 9),
    ):
        with open_store(tmp_path / name) as store:
            for number, key in enumerate(keys):
                put(store, key, texts[key])
                if number % step == step - 1:
                    update(store)
            update(store, jobs=jobs)
    assert len(all_pairs(tmp_path / "one")) >= 60
    assert (
        all_pairs(tmp_path / "one") == all_pairs(tmp_path / "two") == all_pairs(tmp_path / "bits")
    )


def test_similarity_is_the_share_of_the_shorter_text() -> None:
    assert similarity(runs("a b c d"), runs("x A b c Đ")) == 1.0
    assert similarity(runs("a b c d"), runs("a b c x y")) == 0.5
    assert similarity(runs("a b"), runs("a b")) == 0.0
    assert bands_of([Text(1, "", "a b c " * 10), Text(2, "", "-" * SHORTEST_TEXT)]) == [[], []]


def test_union_find_gives_the_smallest_of_each_group() -> None:
    assert connected([(5, 6), (1, 2), (2, 9), (6, 7), (9, 3)]) == {
        1: 1,
        2: 1,
        3: 1,
        9: 1,
        5: 5,
        6: 5,
        7: 5,
    }


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    """Two groups: three papers' copies of one report, and one paper's own pair."""
    folder = tmp_path / "groups"
    with open_store(folder) as store:
        put(store, 1, copy_of(report(1), 1, 0.1), published="2026-09-02T09:00")
        put(store, 2, report(1), "gazette", published="2026-09-01T09:00")
        put(store, 3, copy_of(report(1), 2, 0.1), published=None)
        put(store, 4, report(2), published="2026-08-01T09:00")
        put(store, 5, report(2), published="2026-08-01T09:00")
        update(store)
    return folder


def keys(
    folder: Path, only: Filter = ANY, *, article_id: int | None = None, **more: Any
) -> list[list[str]]:
    with Reader(folder) as reader:
        found = list(dupe_groups(reader.db, only, article_id=article_id, **more))
    return [
        [member.key + ("!" if member.first else "") for member in group.members] for group in found
    ]


def test_groups_name_the_first_article_and_put_unknown_times_last(groups: Path) -> None:
    assert keys(groups) == [["2!", "1", "3"], ["4", "5"]]


@pytest.mark.parametrize(
    ("only", "more", "expected"),
    [
        (Filter(site="gazette"), {}, [["2!", "1", "3"]]),
        (Filter(since="2026-09-02"), {}, [["2!", "1", "3"]]),
        (Filter(until="2026-08-31"), {}, [["4", "5"]]),
        (Filter(since="2027-01-01"), {}, []),
        (Filter(), {"across_sites": True}, [["2!", "1", "3"]]),
        (Filter(), {"min_similarity": 0.95}, [["4", "5"]]),
        (Filter(), {"article_id": 5}, [["4", "5"]]),
    ],
)
def test_groups_are_filtered(
    groups: Path, only: Filter, more: Mapping[str, Any], expected: list[list[str]]
) -> None:
    assert keys(groups, only, **more) == expected


def test_command_updates_and_prints_groups(groups: Path) -> None:
    db = sqlite3.connect(groups / "newscrawl.db")
    with db:
        db.execute("DELETE FROM compared_texts")
        db.execute("INSERT INTO uncompared_texts SELECT id FROM articles")
    db.close()
    before = newscrawl("dupes", archive=groups)
    assert "5 texts not compared yet" in before.stderr
    done = newscrawl("dupes", "--update", "--json", archive=groups)
    assert json.loads(done.stdout)["texts"] == 5, done.stderr
    table = newscrawl("dupes", "--across-sites", archive=groups)
    lines = [line.split("\t") for line in table.stdout.splitlines()]
    assert [(line[0], line[2], line[3]) for line in lines[1:]] == [
        ("1", "2026-09-01 09:00 first", "gazette/2"), ("1", "2026-09-02 09:00", "paper/1"), ("1", "", "paper/3"),
    ]  # fmt: skip
    assert table.stderr == "1 group, 3 articles\n"
    [group] = json.loads(newscrawl("dupes", "5", "--json", archive=groups).stdout)
    assert (group["similarity"], group["sites"], len(group["pairs"])) == (1.0, ["paper"], 1)
    shown = newscrawl("show", "5", archive=groups).stdout
    assert "The same text elsewhere: paper/4 (100%)" in shown
    wrong = newscrawl("dupes", "5", "--update", archive=groups)
    assert (wrong.returncode, wrong.stderr.splitlines()[0]) == (
        2,
        "error: --update compares all texts and takes no filters",
    )
    wrong = newscrawl("dupes", "--jobs", "2", archive=groups)
    assert (wrong.returncode, wrong.stderr.splitlines()[0]) == (
        2,
        "error: --jobs applies only with --update",
    )


def test_update_without_rensa_says_what_to_do(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rensa", None)
    with pytest.raises(UsageError, match="finding near-duplicates needs rensa") as caught:
        update(store)
    assert caught.value.hint == "reinstall newscrawl"  # rensa is installed, but does not import


def crawl_of_nothing(archive: Path) -> subprocess.CompletedProcess[str]:
    """A crawl that reaches no server, in an archive that updates near copies after crawls."""
    archive.joinpath("newscrawl.toml").write_text("dupes_after_crawl = true\n")
    closed = "http://127.0.0.1:9"
    return newscrawl(
        "crawl", "demo", "--base-url", closed, "--set", "RETRY_ENABLED=False", archive=archive
    )


def test_crawl_updates_near_copies_if_the_archive_is_configured_so(groups: Path) -> None:
    with open_store(groups) as store:
        put(store, 6, copy_of(report(2), 1, 0.1))
    done = crawl_of_nothing(groups)
    assert "1 texts compared, 2 near pairs found" in done.stderr
    assert done.returncode == 3


def test_failed_comparison_does_not_change_the_crawls_exit_code(groups: Path) -> None:
    db = sqlite3.connect(groups / "newscrawl.db")
    db.execute("DROP TABLE text_bands")
    db.close()
    with open_store(groups) as store:
        put(store, 6, report(6))
    done = crawl_of_nothing(groups)
    assert "warning: the texts were not compared: " in done.stderr
    assert done.returncode == 3


def test_text_that_has_changed_is_no_copy_by_its_old_bands(store: Store) -> None:
    put(store, 1, report(1))
    update(store)
    put(store, 1, report(2))
    assert update(store).changed == 1
    copy = put(store, 3, copy_of(report(1), 1, 0.05))
    assert update(store).pairs == 0
    assert near(store) == set()
    other = put(store, 4, copy_of(report(2), 1, 0.05))
    update(store)
    assert near(store) == {(1, other)}
    assert copy not in {article_id for pair in near(store) for article_id in pair}


def test_withdrawn_text_is_no_copy_and_not_compared_again(store: Store) -> None:
    put(store, 1, report(1))
    update(store)
    put(store, 2, report(2))
    store.db.execute("DELETE FROM bodies WHERE article_id = 1")
    store.db.execute("UPDATE articles SET body_hash = NULL WHERE id = 1")
    put(store, 3, copy_of(report(1), 1, 0.05))
    done = update(store)
    assert (done.texts, done.pairs) == (2, 0)
    assert uncompared(store.db) == 0


def test_update_without_new_texts_reads_no_article(store: Store) -> None:
    for key in range(5):
        put(store, key, report(key))
    update(store)
    statements: list[str] = []
    store.db.set_trace_callback(statements.append)
    assert update(store).texts == 0
    store.db.set_trace_callback(None)
    plans = [
        row["detail"]
        for statement in statements
        if "articles" in statement
        for row in store.db.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    assert plans
    assert [plan for plan in plans if "LIST SUBQUERY" in plan] == []  # of all texts, in memory
    waiting = {"SCAN u", "SCAN uncompared_texts"}
    assert [plan for plan in plans if plan.startswith("SCAN") and plan not in waiting] == []
