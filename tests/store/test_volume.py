"""The hours of publication, by which `volume` counts, follow the articles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from newscrawl.store.filters import Filter
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.volume import By, Count, volume
from newscrawl.store.write.store import Store
from tests.support.crawling import query
from tests.support.kept_counts import follows_articles
from tests.support.old_schema import old_archive
from tests.support.query_cases import fill, samples

HOURS = "SELECT * FROM publication_hours ORDER BY article_id"
SHOWN = (
    "SELECT id, substr(published_local, 1, 13) FROM articles"
    " WHERE revision > 0 AND state NOT IN ('blocked', 'degraded') ORDER BY id"
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    fill(folder, samples(60))
    with Store(folder) as store:
        store.db.execute(
            "UPDATE articles SET"
            " published_local = '2026-03-0' || (id % 9 + 1) || 'T1' || (id % 10) || ':30:00+07:00'"
        )
        store.db.execute("UPDATE articles SET state = 'degraded' WHERE id % 11 = 0")
        store.db.execute("UPDATE articles SET published_local = '2026' WHERE id % 13 = 0")
    return folder


def test_hours_follow_every_change_of_an_article(archive: Path, tmp_path: Path) -> None:
    old_archive(tmp_path, archive, migrations=10)
    follows_articles(tmp_path, HOURS, SHOWN)


@pytest.mark.parametrize("by", ["month", "hour"])
@pytest.mark.parametrize(
    "only",
    [Filter(), Filter(since="2026-03-02", until="2026-03-05"), Filter(site="paper")],
)
def test_archive_without_hours_gives_the_same_counts(
    archive: Path, tmp_path: Path, by: By, only: Filter
) -> None:
    old = old_archive(tmp_path, archive, migrations=10)
    assert counts(old, by, only) == counts(archive, by, only)


def counts(folder: Path, by: By, only: Filter) -> tuple[Sequence[Count], Sequence[int]]:
    with Reader(folder) as reader:
        found = volume(reader.db, ["gạo", "lúa OR tag:x", "-gạo"], only, by=by, share=True)
    assert sum(count.articles[0] for count in found.counts) > 0
    return found.counts, found.without


def test_archive_of_an_earlier_schema_gets_the_hours(archive: Path, tmp_path: Path) -> None:
    old_archive(tmp_path, archive, migrations=10)
    Store(tmp_path).close()
    assert query(tmp_path, HOURS) == query(archive, SHOWN) != []


@pytest.mark.parametrize("by", ["hour", "week", "month"])
def test_last_period_of_all_is_counted(archive: Path, tmp_path: Path, by: By) -> None:
    old_archive(tmp_path, archive, migrations=10)
    with Store(tmp_path) as store:
        store.db.execute("UPDATE articles SET published_local = '9999-12-31T23:59:59+07:00'")
    with Reader(tmp_path) as reader:
        found = volume(reader.db, ["gạo"], Filter(), by=by)
    assert [count.name[:4] for count in found.counts] == ["9999"]


def test_every_second_article_stands_for_two(archive: Path) -> None:
    with Reader(archive) as reader:
        estimated = volume(reader.db, ["gạo"], Filter(), by="month", step=2)
        expected = query(
            archive,
            "SELECT substr(published_local, 1, 7), 2 * count(*) FROM articles a"
            " JOIN articles_fts f ON f.rowid = a.id WHERE articles_fts MATCH 'gạo' AND a.id % 2 = 0"
            " AND state <> 'degraded' AND length(published_local) > 7 GROUP BY 1",
        )
    assert [(count.name, count.articles[0]) for count in estimated.counts] == expected
