"""A merged archive has everything of both, nothing twice, and does not depend on their order."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.archive.merge import merge
from newscrawl.core.errors import UsageError
from newscrawl.core.records import Failure, Task
from newscrawl.demo.server import DemoServer
from newscrawl.store.admin import merge as merge_module
from newscrawl.store.admin.merge import FILLED_BY_TRIGGERS, LEFT_EMPTY, UNITED, unite
from newscrawl.store.write.store import Store
from tests.support import forked
from tests.support.crawling import crawl, newscrawl, query
from tests.support.normalised import differences, normalised
from tests.support.store_cases import SITE, article, at, capture, links, listing, url

DOWN = Failure(code="http_503", message="the server answered 503", retry=True)


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The first edition of a newspaper in one archive, the second with some new articles in another."""
    folder = tmp_path_factory.mktemp("editions")
    with DemoServer() as server:
        crawl(server, folder / "a")
        server.publish_edition_two()
        crawl(server, folder / "b", "--category", "33")
    return folder / "a", folder / "b"


def contents(folder: Path) -> dict[str, bytes]:
    """The database and the raw pages, byte for byte."""
    return {
        path.name: path.read_bytes()
        for path in [folder / "newscrawl.db", *(folder / "warc").iterdir()]
    }


def copy_of(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def rows(folder: Path, table: str) -> list[tuple[object, ...]]:
    return sorted(query(folder, f"SELECT * FROM {table}"), key=repr)


def test_every_table_has_a_rule(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        found = {
            row[0]
            for row in store.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    assert {
        name for name in found if not name.startswith(("_", "sqlite_", "articles_fts"))
    } == UNITED | LEFT_EMPTY | FILLED_BY_TRIGGERS


def test_sorted_rows_may_be_larger_than_memory(editions: tuple[Path, Path], tmp_path: Path) -> None:
    """A writer keeps temporary tables in memory, and those of a merge are as long as both archives."""
    kept: set[int] = set()
    with Store(tmp_path) as store:
        sources = [folder / "newscrawl.db" for folder in editions]
        unite(
            store,
            sources,
            {},
            lambda: kept.update(store.db.execute("PRAGMA temp_store").fetchone()),
        )
    assert kept == {1}, "1 is FILE"


def test_pair_of_near_copies_is_found_without_a_look_at_all_articles(
    editions: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    plans: list[str] = []
    unite_duplicates = merge_module._unite_duplicates

    def watched(db: sqlite3.Connection) -> None:
        db.set_trace_callback(statements.append)
        unite_duplicates(db)
        db.set_trace_callback(None)
        for statement in statements:
            if "FROM (SELECT" in statement:
                plans.extend(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}"))

    monkeypatch.setattr(merge_module, "_unite_duplicates", watched)
    with Store(tmp_path) as store:
        unite(store, [folder / "newscrawl.db" for folder in editions], {}, lambda: None)
    searches = [plan for plan in plans if plan.startswith("SEARCH i ")]
    assert searches
    assert [plan for plan in searches if plan.endswith("(src=?)")] == []


def test_archive_merged_with_its_copy_is_the_same(
    editions: tuple[Path, Path], tmp_path: Path
) -> None:
    for each in editions:
        target = tmp_path / each.name
        merge((each, copy_of(each, tmp_path / f"copy of {each.name}")), target)
        assert differences(each, target) == []
        for table in sorted(UNITED):
            assert query(each, f"SELECT count(*) FROM {table}") == query(
                target, f"SELECT count(*) FROM {table}"
            ), table
        warc = [path.name for path in (each / "warc").iterdir()]
        assert sorted(path.name for path in (target / "warc").iterdir()) == sorted(warc)


def test_two_editions_are_merged_in_either_order(
    editions: tuple[Path, Path], tmp_path: Path
) -> None:
    a, b = editions
    before = [contents(each) for each in editions]
    done = newscrawl(
        "merge", str(a), str(b), "-o", str(tmp_path / "ab"), "--json", archive=tmp_path / "none"
    )
    assert done.returncode == 0, done.stderr
    merge((b, a), tmp_path / "ba")
    assert [contents(each) for each in editions] == before
    for table in sorted(UNITED):
        assert rows(tmp_path / "ab", table) == rows(tmp_path / "ba", table), table
    keys = "SELECT site, key FROM articles ORDER BY 1, 2"
    assert query(tmp_path / "ab", keys) == sorted(set(query(a, keys)) | set(query(b, keys)))
    assert json.loads(done.stdout)["in_both"] == len(set(query(a, keys)) & set(query(b, keys)))
    assert newscrawl("verify", archive=tmp_path / "ab").returncode == 0
    changed = query(tmp_path / "ab", "SELECT max(revision) FROM articles")[0][0]
    assert changed == 2
    count = newscrawl("search", "duong sat", "--json", archive=tmp_path / "ab")
    assert json.loads(count.stdout)
    export = newscrawl("export", "links", "--format", "csv", archive=tmp_path / "ab")
    assert export.returncode == 0, export.stderr


@pytest.mark.parametrize("moment", ["before_commit:1", "after_commit:1", "mid_merge:1"])
def test_killed_merge_leaves_no_archive_and_doctor_reports_its_remains(
    editions: tuple[Path, Path], tmp_path: Path, moment: str
) -> None:
    a, b = editions
    before = [contents(each) for each in editions]
    target = tmp_path / "both"
    killed = forked.run(
        "tests.support.crashing", "--archive", str(a), "merge", str(a), str(b), "-o", str(target),
        env={"NEWSCRAWL_TEST_KILL": moment},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not target.exists()
    assert [contents(each) for each in editions] == before
    (left,) = tmp_path.iterdir()
    assert str(left) in newscrawl("doctor", archive=tmp_path / "both").stdout
    again = newscrawl("merge", str(a), str(b), "-o", str(target), archive=a)
    assert again.returncode == 0, again.stderr
    assert again.stderr.splitlines() == [
        f"warning: an earlier run was killed and left {left}; you can delete it"
    ]
    merge((a, b), tmp_path / "at once")
    assert differences(target, tmp_path / "at once") == []


def paper(folder: Path) -> Store:
    store = Store(folder)
    store.categories.put_site(SITE)
    return store


def read(store: Store, key: int, hours: float, crawl_id: int, **fields: Any) -> None:
    page = article(key, **fields)
    store.articles.save(
        page, capture(page.url, hours), crawl_id, asked_url=page.url, extractor="test"
    )


def merged(tmp_path: Path) -> Path:
    merge((tmp_path / "a", tmp_path / "b"), tmp_path / "c")
    return tmp_path / "c"


def test_revisions_are_in_the_order_of_fetching_without_duplicates(tmp_path: Path) -> None:
    for name, seen in (
        ("a", {0: "One.", 2: "Two.", 9: "Three."}),
        ("b", {1: "One.", 3: "Two.", 4: "Zwei."}),
    ):
        with paper(tmp_path / name) as store:
            crawl_id = store.crawls.begin("paper", {}, version="test", now=at())
            for hours, body in seen.items():
                read(store, 10, hours, crawl_id, body=body)
    found = query(
        merged(tmp_path),
        "SELECT revision, substr(fetched_at, 12, 2), body FROM revisions ORDER BY 1",
    )
    assert found == [(1, "06", "One."), (2, "08", "Two."), (3, "10", "Zwei."), (4, "15", "Three.")]
    assert query(tmp_path / "c", "SELECT a.revision, b.body FROM articles a JOIN bodies b") == [
        (4, "Three.")
    ]


def test_restored_text_is_a_revision_of_the_time_it_was_seen_again(tmp_path: Path) -> None:
    with paper(tmp_path / "a") as store:
        crawl_id = store.crawls.begin("paper", {}, version="test", now=at())
        read(store, 10, 0, crawl_id, body="One.")
        read(store, 10, 8, crawl_id, body="One.")
    with paper(tmp_path / "b") as store:
        read(store, 10, 4, store.crawls.begin("paper", {}, version="test", now=at(4)), body="Two.")
    found = query(
        merged(tmp_path), "SELECT body, substr(fetched_at, 12, 2) FROM revisions ORDER BY revision"
    )
    assert found == [("One.", "06"), ("Two.", "10"), ("One.", "14")]
    assert newscrawl("verify", archive=tmp_path / "c").returncode == 0


def test_later_visit_empties_no_field_and_replaces_a_stub(tmp_path: Path) -> None:
    with paper(tmp_path / "a") as store:
        read(
            store,
            10,
            0,
            store.crawls.begin("paper", {}, version="test", now=at()),
            summary="Kept",
            tags=("x",),
            image_url="https://i/1",
        )
    with paper(tmp_path / "b") as store:
        crawl_id = store.crawls.begin("paper", {}, version="test", now=at(5))
        read(store, 10, 5, crawl_id, summary=None, body="Later.", links=links("related", 11))
        read(store, 12, 6, crawl_id, links=links("related", 10))
    with paper(tmp_path / "a") as store:
        read(store, 11, 7, 1, title="Read")
    c = merged(tmp_path)
    found = query(
        c, "SELECT key, state, title, summary, tags, image_url FROM articles ORDER BY key"
    )
    assert found[0] == ("10", "stored", "Title 10", "Kept", '["x"]', "https://i/1")
    assert found[1][:3] == ("11", "stored", "Read")
    assert query(c, "SELECT count(*) FROM links") == [(2,)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("done", "pending", "done"),
        ("pending", "pending", "pending"),
        ("pending", None, "pending"),
        ("done", "done", "done"),
    ],
)
def test_pending_page_stays_pending_unless_the_other_archive_has_it(
    tmp_path: Path, one: str, other: str | None, expected: str
) -> None:
    for name, state in (("a", one), ("b", other)):
        with paper(tmp_path / name) as store:
            crawl_id = store.crawls.begin("paper", {}, version="test", now=at())
            if state is not None:
                store.frontier.request("paper", url(10), "article")
            if state == "done":
                read(store, 10, 0, crawl_id)
            elif state == "pending":
                store.pages.save_failure(
                    DOWN, Task(site="paper", url=url(10), kind="article"), crawl_id, now=at(1)
                )
    assert query(merged(tmp_path), "SELECT state FROM frontier WHERE kind = 'article'") == [
        (expected,)
    ]


def test_article_of_both_archives_is_requested_under_the_address_that_answered_last(
    tmp_path: Path,
) -> None:
    for name, slug, hours in (("a", "tin", 0), ("b", "moved", 5)):
        address = url(10, slug)
        with paper(tmp_path / name) as store:
            crawl_id = store.crawls.begin("paper", {}, version="test", now=at(hours))
            store.frontier.request("paper", address, "article")
            page = article(10, url=address)
            fetched = capture(address, hours)
            store.articles.save(page, fetched, crawl_id, asked_url=address, extractor="test")
    found = query(
        merged(tmp_path), "SELECT url, state, not_before IS NULL FROM frontier ORDER BY 2"
    )
    assert found == [(url(10, "moved"), "done", 0), (url(10), "spare", 1)]


def test_different_files_with_one_name_are_both_kept_with_pointers(
    editions: tuple[Path, Path], tmp_path: Path
) -> None:
    a, b = editions
    names = []
    for number, each in enumerate((a, b)):
        copy_of(each, tmp_path / str(number))
        [path] = list((tmp_path / str(number) / "warc").iterdir())
        path.rename(path.with_name("same.warc.gz"))
        db = sqlite3.connect(tmp_path / str(number) / "newscrawl.db")
        with db:
            db.execute("UPDATE captures SET warc_file = 'same.warc.gz' WHERE warc_file IS NOT NULL")
        db.close()
        names.append(path)
    merge((tmp_path / "0", tmp_path / "1"), tmp_path / "c")
    assert len(list((tmp_path / "c" / "warc").iterdir())) == 2
    assert newscrawl("verify", archive=tmp_path / "c").returncode == 0


def test_merge_overwrites_nothing_and_a_failure_leaves_nothing(
    editions: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    with pytest.raises(UsageError, match="not an empty folder"):
        merge(editions, tmp_path / "full")
    with pytest.raises(UsageError, match="no archive in"):
        merge((editions[0], tmp_path / "nothing"), tmp_path / "c")

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        merge(editions, tmp_path / "c", stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # In b, one edition came in the second in which a has another one.
        ([(0, 3), (1, 1)], [(1, 2)]),
        ([(2, 1), (2, 2)], [(1, 1), (2, 3), (1, 2)]),
        # In b, the page that a had already was read again in that second.
        ([(0, 1), (0, 2), (1, 2)], [(1, 2), (1, 1)]),
        # Both orders of the same editions in one second, and the same edition a second time.
        ([(0, 1), (0, 2)], [(0, 2), (0, 1)]),
        ([(1, 3)], [(0, 3)]),
    ],
)
def test_editions_of_one_second_have_an_order_that_another_merge_keeps(
    tmp_path: Path, one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    for name, editions in (("a", one), ("b", other)):
        met(tmp_path / name, [(10, hour, edition) for hour, edition in editions])
    merge((tmp_path / "a", tmp_path / "b"), tmp_path / "ab")
    merge((tmp_path / "b", tmp_path / "a"), tmp_path / "ba")
    assert differences(tmp_path / "ab", tmp_path / "ba") == []
    for name in ("a", "b"):
        merge((tmp_path / "ab", tmp_path / name), tmp_path / f"ab{name}")
        assert differences(tmp_path / "ab", tmp_path / f"ab{name}") == []
    newest = (
        "SELECT a.body_hash = r.body_hash FROM articles a JOIN revisions r"
        " ON r.article_id = a.id AND r.revision = a.revision"
    )
    assert query(tmp_path / "ab", newest) == [(1,)]


# What two machines may have seen of a small newspaper: an article that was read (number, hour,
# edition), or a list (hour).
READINGS = st.lists(
    st.one_of(
        st.tuples(st.integers(10, 14), st.integers(0, 6), st.integers(1, 3)),
        st.tuples(st.just(0), st.integers(0, 6), st.integers(1, 3)),
    ),
    max_size=8,
)


def met(folder: Path, readings: list[tuple[int, int, int]]) -> None:
    with paper(folder) as store:
        crawl_id = store.crawls.begin("paper", {}, version="test", now=at())
        for key, hours, edition in sorted(readings, key=lambda reading: reading[1]):
            if key == 0:
                [page] = store.frontier.start_categories("paper", {"1"}, crawl_id)
                address = SITE.categories[0].url
                assert address is not None
                task = Task(
                    site="paper",
                    url=address,
                    kind="listing",
                    category_id=page,
                    page=1,
                    chain=crawl_id,
                )
                shown = listing(range(10, 12 + edition), more=False)
                store.listings.save(shown, capture(address, hours, "listing"), task, crawl_id)
            else:
                read(
                    store,
                    key,
                    hours,
                    crawl_id,
                    body=f"Edition {edition}.",
                    links=links("related", key + 1, key + edition),
                )


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(one=READINGS, other=READINGS)
def test_any_two_archives_give_the_same_result_in_both_orders(
    tmp_path_factory: pytest.TempPathFactory,
    one: list[tuple[int, int, int]],
    other: list[tuple[int, int, int]],
) -> None:
    folder = tmp_path_factory.mktemp("any")
    met(folder / "a", one)
    met(folder / "b", other)
    merge((folder / "a", folder / "b"), folder / "ab")
    merge((folder / "b", folder / "a"), folder / "ba")
    assert normalised(folder / "ab") == normalised(folder / "ba")
    merge((folder / "a", copy_of(folder / "a", folder / "copy")), folder / "aa")
    assert differences(folder / "a", folder / "aa") == []
    merge((folder / "ab", folder / "a"), folder / "aba")
    assert differences(folder / "ab", folder / "aba") == []
