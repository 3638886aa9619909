"""The list of changes and the page of two revisions: nothing is lost between pages, and files are complete."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import etree

from newscrawl.core.diffs import Effort, paragraph_changes
from newscrawl.core.edits import KINDS, Edit
from newscrawl.store.read.change_days import change_days
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import (
    AFTER_ALL,
    Edited,
    EditFilter,
    Place,
    count_edited,
    edited,
    edited_part,
)
from newscrawl.store.write.store import Store
from newscrawl.web.formatting import labels
from newscrawl.web.revision_diff import ChangedRows
from tests.support.asked_pages import Pages, asked
from tests.support.many_sites import add_sites
from tests.support.web_site import key_of

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

ATOM = "{http://www.w3.org/2005/Atom}"
# SQLite allows 32,766 values in a statement: three of each site are more.
VERY_MANY = 11_000
SAME_SECOND = 40  # revisions of one article, which were all seen in one second
# 17:00 UTC is midnight in the zone of the demo's site.
LAST_OF_DAY, FIRST_OF_DAY = "2026-10-01T16:59:59Z", "2026-10-01T17:00:00Z"
REVISION = (
    "INSERT INTO revisions (article_id, revision, fetched_at, title, body, body_hash)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)


@pytest.fixture(scope="module")
def busy(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive with an article of many revisions, and one with two on different days."""
    folder = tmp_path_factory.mktemp("busy") / "archive"
    shutil.copytree(archive, folder)
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        once = "SELECT id FROM articles WHERE revision = 1 AND state = 'stored' ORDER BY key"
        first, other = (row[0] for row in db.execute(once).fetchmany(2))
        db.execute("UPDATE articles SET revision = 2 WHERE id IN (?, ?)", (first, other))
        for number in range(2, SAME_SECOND + 2):
            db.execute(REVISION, (first, number, FIRST_OF_DAY, f"Tin {number}", "x", str(number)))
        db.execute(REVISION, (other, 2, LAST_OF_DAY, "Tin khác", "x", "2"))
    return folder


@pytest.fixture(scope="module")
def many(busy: Path) -> str:
    """The page of the article of many revisions."""
    found, _ = key_of(busy, "id IN (SELECT article_id FROM revisions WHERE revision > 3)")
    return f"/article/{found}"


@pytest.fixture(scope="module")
def pages(busy: Path) -> Iterator[Pages]:
    with asked(busy) as pages:
        yield pages


def walk(pages: Pages, **filters: object) -> list[str]:
    """The addresses of all changes, from page to page."""
    address, found = f"/changes?{urlencode(filters)}", list[str]()
    while True:
        page = pages.get(address)
        assert page.status == 200
        found += page.links(".changes h3 a")
        rest = page.links("a[rel=next]")
        if not rest:
            return found
        address = rest[0]


def test_no_change_is_lost_between_two_pages(pages: Pages, busy: Path) -> None:
    with closing(sqlite3.connect(busy / "newscrawl.db")) as db:
        revised = db.execute("SELECT count(*) FROM revisions WHERE revision > 1").fetchone()[0]
        gone = db.execute("SELECT count(*) FROM articles WHERE gone_at IS NOT NULL").fetchone()[0]
    found = walk(pages, limit=7)
    assert len(found) == len(set(found)) == revised + gone == SAME_SECOND + 6
    assert found == walk(pages, limit=500)
    assert (
        f"{revised + gone} changes, newest first" in pages.get("/changes").texts("main > p.meta")[0]
    )


@pytest.mark.parametrize("kind", ["headline", "numbers", "removed"])
def test_files_have_every_change_of_a_kind(pages: Pages, kind: str) -> None:
    listed = pages.get(f"/changes.json?kind={kind}").json
    assert len(listed) == len(walk(pages, kind=kind, limit=3)) > 0
    assert all(kind in change["kinds"] for change in listed)
    rows = list(csv.DictReader(io.StringIO(pages.get(f"/changes.csv?kind={kind}").text)))
    assert [row["key"] for row in rows] == [change["key"] for change in listed]
    assert pages.get(f"/changes.json?kind={kind}&limit=1").json == listed[:1]


def test_every_kind_is_found_by_its_filter(busy: Path) -> None:
    """What SQL excludes before the comparison is never of the kind."""
    with Reader(busy) as reader:
        whole = edited_part(reader.db, EditFilter(), 1000, Effort()).changes
        for kind in KINDS:
            part = edited_part(reader.db, EditFilter(kind=kind), 1000, Effort())
            assert part.changes == tuple(each for each in whole if kind in each.edit.kinds)


def test_a_part_without_time_goes_on_where_it_ended(busy: Path) -> None:
    with Reader(busy) as reader:
        whole = edited_part(reader.db, EditFilter(), 1000, Effort()).changes
        found = list[Edited]()
        place: Place | None = AFTER_ALL
        while place is not None:
            part = edited_part(reader.db, EditFilter(), 1000, Effort(is_over=lambda: True), place)
            assert part.compared <= 1
            found += part.changes
            place = part.next
    assert tuple(found) == whole


def test_changes_are_counted_on_the_days_of_their_site(pages: Pages, busy: Path) -> None:
    with Reader(busy) as reader:
        days = change_days(reader.db, date(2026, 10, 1), date(2026, 10, 2))
        of_site = change_days(reader.db, date(2026, 10, 1), date(2026, 10, 2), "demo")
    assert days == of_site == {"2026-10-01": 1, "2026-10-02": SAME_SECOND}
    titles = pages.get("/changes").texts(".calendar title")
    assert f"2026-10-02: {SAME_SECOND}" in titles
    assert len(walk(pages, since="2026-10-02", until="2026-10-02")) == SAME_SECOND


def test_the_feed_has_the_newest_changes(pages: Pages) -> None:
    feed = etree.fromstring(pages.get("/changes.atom?kind=headline").body)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 30
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 30
    link = entries[0].find(f"{ATOM}link")
    assert link is not None
    assert pages.get(str(link.get("href"))).status == 200
    assert "before: " in (entries[0].findtext(f"{ATOM}summary") or "")


@pytest.mark.parametrize(
    "query", ["limit=0", "since=2026-02-02&until=2026-02-01", "before=x", "kind=x", "limit=-1"]
)
def test_values_without_meaning_are_errors(pages: Pages, query: str) -> None:
    assert pages.get(f"/changes?{query}").status == 400


def test_two_revisions_may_be_named_in_any_order(pages: Pages, many: str) -> None:
    right, reversed_order = (
        pages.get(f"{many}/changes?old=3&new=9"),
        pages.get(f"{many}/changes?old=9&new=3"),
    )
    assert right.texts("h1") == reversed_order.texts("h1") == ["Changes from revision 3 to 9"]
    assert right.texts(".diff del") == reversed_order.texts(".diff del") == ["3"]
    assert right.texts(".diff ins") == reversed_order.texts(".diff ins") == ["9"]
    assert right.links("a[rel=prev]") == ["?old=2&new=3"]
    assert right.links("a[rel=next]") == ["?old=9&new=10"]


def test_only_one_revision_is_said_only_where_it_is_true(
    pages: Pages, busy: Path, many: str
) -> None:
    single, _ = key_of(busy, "revision = 1 AND state = 'stored'")
    assert "There is only this one revision." in pages.get(f"/article/{single}/changes").text
    same = pages.get(f"{many}/changes?old=2&new=2").text
    assert "There is only" not in same
    assert f"compared with itself. Choose another of the {SAME_SECOND + 1} revisions." in same
    assert pages.get(f"{many}/changes?old=2&new=99").status == 404
    assert pages.get(f"{many}/changes?old=0&new=2").status == 400


def test_rows_have_both_texts_and_a_removed_paragraph_has_its_own() -> None:
    rows = paragraph_changes("một hai\n\nbỏ đi\n\nba", "một bốn\n\nba")
    changed = ChangedRows()
    blocks = changed.blocks(rows)
    assert [(block.is_changed, len(block.rows)) for block in blocks] == [(True, 2), (False, 1)]
    first, second = blocks[0].rows
    assert first.old == (("same", "một"), ("gone", "hai"))
    assert first.new == (("same", "một"), ("new", "bốn"))
    assert (second.old, second.new) == ((("gone", "bỏ đi"),), ())
    assert (first.number, second.number, changed.count) == (1, 2, 2)


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        ("Cập nhật: Giá vàng tăng", "update notice"),
        ("Update: more details", "update notice"),
        ("Tòa soạn xin lỗi bạn đọc.", "correction notice"),
        ("An earlier version of this article misspelled a name.", "correction notice"),
        (None, "correction or update notice"),
    ],
)
def test_a_notice_of_news_is_no_correction(notice: str | None, expected: str) -> None:
    found = labels(Edit(("headline", "correction"), notice=notice))
    assert found == [("headline", "headline"), ("correction", expected)]


def test_changes_of_a_site_and_of_days_are_counted(archive: Path) -> None:
    with Reader(archive) as reader:
        for only in (
            EditFilter(site="demo"),
            EditFilter(since="2000-01-01"),
            EditFilter(site="demo", until="2999-01-01", since="2000-01-01"),
            EditFilter(until="2001-01-01"),
        ):
            assert count_edited(reader.db, only) == len(edited(reader.db, only, 1000)), only


def test_changes_are_counted_in_the_zones_of_their_sites(tmp_path: Path) -> None:
    Store(tmp_path).close()
    add_sites(tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db, db:
        for number, site in enumerate(("paper-000", "paper-001"), 1):
            db.execute(
                "INSERT INTO articles (id, site, key, url, state, first_seen_at, last_seen_at,"
                " revision) VALUES (?, ?, '1', '', 'stored', '', '', 2)",
                (number, site),
            )
            db.executemany(
                "INSERT INTO revisions (article_id, revision, fetched_at, title) VALUES (?, ?, ?, ?)",
                [
                    (number, 1, "2026-01-01T00:00:00Z", "Before"),
                    (number, 2, "2026-01-01T20:00:00Z", "After"),  # the second of January in Tokyo
                ],
            )
    with asked(tmp_path) as pages:
        for day in ("2026-01-01", "2026-01-02"):
            page = pages.get(f"/changes?since={day}&until={day}")
            assert page.texts(".meta")[0].startswith("1 change of this filter")
            assert len(page.texts(".changes .card")) == 1


def test_changes_of_very_many_sites_are_listed(tmp_path: Path) -> None:
    Store(tmp_path).close()
    add_sites(tmp_path, VERY_MANY)
    with asked(tmp_path) as pages:
        assert pages.get("/changes").status == 200
        assert pages.get("/changes?since=2026-01-01").status == 200
