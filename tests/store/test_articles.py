"""Article pages in the store: identity, revisions, stubs, links, and values that never get worse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.errors import NewscrawlError, PageRejected
from newscrawl.core.records import Article, Crumb, Problem, Timestamp
from newscrawl.store.rows import Saved
from newscrawl.store.write.store import Store
from tests.support.store_cases import SITE, article, at, capture, links, stamp, teaser, url


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        opened.categories.put_site(SITE)
        opened.crawls.begin("paper", {}, version="test", now=at())
        yield opened


def save(store: Store, page: Article, hours: float = 0, asked_url: str | None = None) -> Saved:
    asked = asked_url or page.url
    store.frontier.request("paper", asked, "article")
    return store.articles.save(page, capture(asked, hours), 1, asked_url=asked, extractor="test")


def row(store: Store, key: int = 10) -> dict[str, Any]:
    return dict(store.db.execute("SELECT * FROM articles WHERE key = ?", (str(key),)).fetchone())


def count(store: Store, table: str) -> int:
    return int(store.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_first_fetch_stores_everything_with_revision_one(store: Store) -> None:
    saved = save(store, article(links=links("related", 11, 12)))
    assert saved == Saved("new", row(store)["id"], 2)
    stored = row(store)
    assert (stored["state"], stored["revision"], stored["published_at"]) == (
        "stored",
        1,
        "2026-09-01T03:00:00Z",
    )
    assert stored["published_local"] == "2026-09-01T10:00:00+07:00"
    assert store.db.execute("SELECT body FROM bodies").fetchall()[0]["body"] == "First.\n\nSecond."
    revision = dict(store.db.execute("SELECT * FROM revisions").fetchone())
    assert (revision["revision"], revision["capture_id"], revision["extractor"]) == (1, 1, "test")
    assert [
        tuple(link)
        for link in store.db.execute("SELECT kind, position FROM links ORDER BY position")
    ] == [
        ("related", 1),
        ("related", 2),
    ]


def test_same_page_again_is_unchanged(store: Store) -> None:
    save(store, article(links=links("related", 11)))
    before = row(store)
    assert save(store, article(links=links("related", 11)), 1).outcome == "unchanged"
    after = row(store)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"fetched_at", "last_seen_at"}
    assert count(store, "revisions") == 1


@pytest.mark.parametrize(
    "fields", [{"title": "Another"}, {"summary": "Another"}, {"body": "Another."}]
)
def test_changed_text_adds_a_revision(store: Store, fields: dict[str, str]) -> None:
    save(store, article())
    assert save(store, article(**fields), 1).outcome == "changed"
    assert row(store)["revision"] == 2
    newest = store.db.execute("SELECT * FROM revisions ORDER BY revision DESC").fetchone()
    name, value = next(iter(fields.items()))
    assert (newest[name], newest["capture_id"]) == (value, 2)


def test_changed_byline_adds_a_revision_and_a_first_one_does_not(store: Store) -> None:
    save(store, article())
    assert save(store, article(authors=("An",)), 1).outcome == "unchanged"
    assert save(store, article(authors=("Bình",)), 2).outcome == "changed"
    rows = store.db.execute(
        "SELECT authors, published_local, published_source FROM revisions ORDER BY revision"
    )
    time = "2026-09-01T10:00:00+07:00"
    assert [tuple(row) for row in rows] == [
        ("[]", time, "page"),
        (json.dumps(["Bình"], ensure_ascii=False), time, "page"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ({"modified_at": at(-9)}, {"modified_at": at(0.5)}, "changed"),
        (
            {"modified_at": at(-9)},
            {"modified_at": at(1)},
            "unchanged",
        ),  # the moment of the second fetch
        ({"modified_at": at(-9)}, {"modified_at": at(-10)}, "unchanged"),
        ({}, {"modified_at": at(0.5)}, "unchanged"),
        ({}, {"published": stamp("2026-09-02T10:00:00+07:00")}, "changed"),
        ({}, {"published": stamp("2026-09-01T10:00:25+07:00", "second")}, "unchanged"),
        (
            {},
            {"published": stamp("2026-09-02T10:00:00+07:00"), "published_source": "json-ld"},
            "unchanged",
        ),
        (
            {"published_source": "teaser"},
            {"published": stamp("2026-09-02T10:00:00+07:00")},
            "unchanged",
        ),
    ],
)
def test_changed_date_of_the_same_text_adds_a_revision(
    store: Store, first: dict[str, Any], second: dict[str, Any], outcome: str
) -> None:
    save(store, article(**first))
    assert save(store, article(**second), 1).outcome == outcome


def test_revision_has_no_time_from_a_teaser(store: Store) -> None:
    save(store, article(published_source="teaser"))
    row = store.db.execute("SELECT published_local, published_source FROM revisions").fetchone()
    assert tuple(row) == (None, None)


def test_white_space_alone_adds_no_revision(store: Store) -> None:
    save(store, article())
    assert (
        save(store, article(title=" Title  10", body="First. \n\n Second."), 1).outcome
        == "unchanged"
    )
    assert count(store, "revisions") == 1


def test_poorer_page_makes_no_value_null(store: Store) -> None:
    rich = article(
        authors=("An",), tags=("thép",), image_url="https://paper.example/a.jpg", language="vi"
    )
    save(store, rich)
    before = row(store)
    poor = Article(
        site="paper",
        key="10",
        url=url(10),
        template="2026",
        problems=(Problem("extract", "no_title", "no title"),),
    )
    with pytest.raises(PageRejected, match="no body where an earlier page had it"):
        save(store, poor, 1)
    assert row(store) == before
    assert store.db.execute("SELECT body FROM bodies").fetchone()["body"] == "First.\n\nSecond."


def test_link_target_becomes_a_stub_with_the_fields_of_its_teaser(store: Store) -> None:
    told = teaser(
        11,
        "Told",
        summary="In short",
        published_raw="09:00 | 01/09/2026",
        published=stamp("2026-09-01T09:00:00+07:00"),
        category=Crumb("Kinh tế", None, "1"),
    )
    save(store, article(links=(replace(links("related", 11)[0], teaser=told),)))
    stub = row(store, 11)
    assert (stub["state"], stub["title"], stub["summary"], stub["revision"]) == (
        "stub",
        "Told",
        "In short",
        0,
    )
    assert (stub["published_at"], stub["published_source"]) == ("2026-09-01T02:00:00Z", "teaser")
    assert stub["category_id"] == 1


def test_stored_article_never_becomes_a_stub_again(store: Store) -> None:
    save(store, article(links=links("related", 11)))
    stub_id = row(store, 11)["id"]
    assert save(store, article(11)).outcome == "new"
    save(store, article(links=links("related", 11)), 1)
    assert (row(store, 11)["id"], row(store, 11)["state"], row(store, 11)["revision"]) == (
        stub_id,
        "stored",
        1,
    )


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        # (source, precision, time of day) of the two fetches, and which of them is kept
        (("teaser", "minute", "10:00:00"), ("page", "minute", "11:00:00"), "new"),
        (("page", "minute", "10:00:00"), ("teaser", "minute", "11:00:00"), "old"),
        (("json-ld", "second", "10:00:31"), ("page", "minute", "10:00:00"), "old"),
        (("page", "minute", "10:00:00"), ("json-ld", "second", "10:00:31"), "new"),
        (("json-ld", "second", "10:00:31"), ("page", "minute", "10:05:00"), "new"),
        (("feed", "second", "10:00:31"), ("teaser", "minute", "10:05:00"), "old"),
    ],
)
def test_better_time_wins(
    store: Store, old: tuple[str, str, str], new: tuple[str, str, str], kept: str
) -> None:
    pages = [
        article(published=stamp(f"2026-09-01T{time}+07:00", precision), published_source=source)
        for source, precision, time in (old, new)
    ]
    save(store, pages[0])
    save(store, pages[1], 1)
    expected = old if kept == "old" else new
    stored = row(store)
    assert (
        stored["published_source"],
        stored["published_precision"],
        stored["published_local"][11:19],
    ) == expected


def test_unreadable_time_is_null_with_its_raw_text(store: Store) -> None:
    save(store, article(published=Timestamp("25:61' - 31/02/2022", problem="impossible")))
    stored = row(store)
    assert (stored["published_at"], stored["published_local"]) == (None, None)
    assert stored["published_raw"] == "25:61' - 31/02/2022"


def test_teaser_gives_the_time_that_a_page_lacks(store: Store) -> None:
    save(store, article(published=None, published_source=None))
    told = teaser(10, published=stamp("2026-09-01T09:00:00+07:00"))
    save(store, article(12, links=(replace(links("related", 10)[0], teaser=told),)))
    assert (row(store)["published_at"], row(store)["published_source"]) == (
        "2026-09-01T02:00:00Z",
        "teaser",
    )


def test_wrong_slug_makes_an_alias_and_no_second_row(store: Store) -> None:
    save(store, article())
    other = url(10, "sai")
    assert save(store, article(aliases=((other, "slug"),)), 1, asked_url=other).outcome == "alias"
    assert count(store, "articles") == 1
    assert [tuple(alias) for alias in store.db.execute("SELECT * FROM aliases")] == [
        (other, row(store)["id"], "slug")
    ]
    assert (
        save(store, article(aliases=((other, "slug"),)), 2, asked_url=other).outcome == "unchanged"
    )


def test_same_body_under_another_key_makes_a_pair(store: Store) -> None:
    first = save(store, article(10, body="The same words. " * 20)).article_id
    second = save(store, article(11, body="The same words. " * 20)).article_id
    save(store, article(12, body="Quite other words. " * 20))
    pairs = [tuple(pair) for pair in store.db.execute("SELECT * FROM duplicates")]
    assert pairs == [(first, second, "exact", 1.0)]


def test_link_to_itself_and_second_place_of_a_target_are_left_out(store: Store) -> None:
    save(store, article(links=links("related", 10, 11, 11, 12)))
    found = store.db.execute(
        "SELECT a.key, l.position FROM links l JOIN articles a ON a.id = l.target_id ORDER BY 2"
    )
    assert [tuple(link) for link in found] == [("11", 2), ("12", 4)]


def test_link_keeps_first_seen_and_updates_last_seen(store: Store) -> None:
    save(store, article(links=links("related", 11, 12)))
    save(store, article(links=links("related", 12)), 1)
    found = store.db.execute(
        "SELECT a.key, l.position, l.first_seen_at, l.last_seen_at FROM links l JOIN articles a ON a.id = l.target_id"
        " ORDER BY a.key"
    )
    assert [tuple(link) for link in found] == [
        ("11", 1, "2026-09-01T06:00:00Z", "2026-09-01T06:00:00Z"),
        ("12", 1, "2026-09-01T06:00:00Z", "2026-09-01T07:00:00Z"),
    ]


def test_category_has_the_name_that_the_page_prints(store: Store) -> None:
    crumbs = (Crumb("Kinh tế", None, "1"), Crumb("Thị trường", None, "2"))
    save(store, article(breadcrumb=crumbs, category=crumbs[1]))
    found = store.db.execute("SELECT key, name, parent_id FROM categories ORDER BY key")
    assert [tuple(category) for category in found] == [
        ("1", "Kinh tế", None),
        ("2", "Thị trường", 1),
    ]


def test_same_problem_of_a_page_is_stored_once(store: Store) -> None:
    page = article(
        problems=(Problem("times", "impossible", "no such day", "published", "31/02/2022"),)
    )
    save(store, page)
    save(store, page, 1)
    assert [tuple(problem) for problem in store.db.execute("SELECT code, raw FROM problems")] == [
        ("impossible", "31/02/2022")
    ]


def test_full_text_follows_every_write(store: Store) -> None:
    save(store, article(title="Đường sắt", body="Tàu chạy."))
    save(store, article(title="Đường sắt", body="Máy bay."), 1)

    def found(word: str) -> int:
        query = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?"
        return int(store.db.execute(query, (f'"{word}"',)).fetchone()[0])

    assert [found(word) for word in ("duong sat", "tau", "máy bay")] == [1, 0, 1]
    store.db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")


def test_failed_write_leaves_nothing_of_the_page(store: Store) -> None:
    save(store, article())
    before = {
        table: count(store, table)
        for table in ("articles", "captures", "links", "revisions", "aliases")
    }
    broken = article(11, links=(replace(links("related", 12)[0], kind="wrong"),))  # type: ignore[arg-type]
    with pytest.raises(Exception, match="CHECK constraint"):
        save(store, broken)
    assert {table: count(store, table) for table in before} == before


def test_sql_in_texts_is_stored_literally(store: Store) -> None:
    evil = "'; DROP TABLE articles; --"
    save(store, article(title=evil, tags=(evil,)))
    assert (row(store)["title"], json.loads(row(store)["tags"])) == (evil, [evil])


def test_foreign_keys_hold(store: Store) -> None:
    save(store, article(links=links("same_category", 11, 12)))
    assert store.db.execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(NewscrawlError, match="FOREIGN KEY"):
        store.db.execute("DELETE FROM articles WHERE key = '10'")
