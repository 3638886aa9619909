"""The link graph, what is counted for tables, and how many of them are made at once."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from newscrawl.store.read.limits import COUNT, estimate_rows
from newscrawl.store.write.store import Store
from newscrawl.web.turns import AT_ONCE, Turns
from tests.support.asked_pages import Pages, asked
from tests.support.crawling import query
from tests.support.old_schema import old_archive
from tests.support.web_site import HUB, key_of, make_odd

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

GEXF = "{http://gexf.net/1.3}"


@pytest.fixture(scope="module")
def hub(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive, in which article 1 has HUB more links to it."""
    folder = tmp_path_factory.mktemp("hub") / "archive"
    shutil.copytree(archive, folder)
    make_odd(folder)
    return folder


@pytest.fixture(scope="module")
def pages(hub: Path) -> Iterator[Pages]:
    with asked(hub) as pages:
        yield pages


def test_the_file_has_what_is_drawn(pages: Pages, hub: Path) -> None:
    article, _ = key_of(hub, "id > 4 AND id IN (SELECT source_id FROM links)")
    page = pages.get(f"/article/{article}/links")
    graph = etree.fromstring(pages.get(f"/article/{article}/links.gexf").body)
    drawn = page.tree.cssselect("svg.wide rect.box")
    nodes = [each.get("id") for each in graph.iter(f"{GEXF}node")]
    assert len(nodes) == len(drawn) > 2
    ends = {(each.get("source"), each.get("target")) for each in graph.iter(f"{GEXF}edge")}
    assert len(ends) == len(page.tree.cssselect("svg.wide path.link"))
    assert all(source in nodes and target in nodes for source, target in ends)


def test_a_hub_says_how_many_have_no_room(pages: Pages, hub: Path) -> None:
    page = pages.get("/article/1/links")
    boxes = len(page.tree.cssselect("svg.wide rect.box"))
    note = page.texts(".note.wide")[0]
    assert note.startswith(f"{boxes} articles are drawn; ")
    hidden = int(note.split("; ")[1].split()[0].replace(",", ""))
    assert hidden > 900
    assert "1,000 or more links to and" in page.text
    rows = list(csv.DictReader(io.StringIO(pages.get("/article/1/links.csv").text)))
    into = query(hub, "SELECT count(*) FROM links WHERE target_id = 1")[0][0]
    assert sum(row["way"] == "in" for row in rows) == into >= HUB
    radius = max(int(each.get("r")) for each in page.tree.cssselect("svg.wide circle"))
    centre = page.tree.cssselect("svg.wide a:has(rect.centre) circle")[0]
    assert int(centre.get("r")) == radius


def test_links_are_filtered_by_the_day_on_which_they_were_seen(pages: Pages, hub: Path) -> None:
    article, _ = key_of(hub, "id > 4 AND id IN (SELECT source_id FROM links)")
    day = query(hub, "SELECT max(date(last_seen_at, '+7 hours')) FROM links")[0][0]
    path = f"/article/{article}/links"
    assert pages.get(f"{path}?since={day}").tree.cssselect("svg.graph")
    none = pages.get(f"{path}?until=2020-01-01")
    assert not none.tree.cssselect("svg.graph")
    assert none.texts(".empty") == ["No such links are known."]
    assert pages.get(f"{path}.json?until=2020-01-01").json["out"] == []
    assert pages.get(f"{path}?since=2026-02-02&until=2026-02-01").status == 400


COUNTED = (
    "SELECT target_id, count(DISTINCT source_id), sum(kind = 'related'), sum(kind = 'same_category'),"
    " sum(kind = 'inline') FROM links GROUP BY 1 ORDER BY 1"
)
MOST_LINKED = (
    "SELECT t.id, count(DISTINCT l.source_id) FROM links l JOIN articles t ON t.id = l.target_id"
    " WHERE :kind IN ('', l.kind) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 200"
)
CHANGES = (
    "DELETE FROM links WHERE rowid % 3 = 0",
    "INSERT OR IGNORE INTO links SELECT source_id, target_id, 'inline', 1, NULL, '', '', 1, 1 FROM links"
    " WHERE kind = 'related' LIMIT 20",
    "INSERT INTO links SELECT id, 2, 'inline', 1, NULL, '', '', 1, 1 FROM articles WHERE id > 60"
    " ON CONFLICT DO UPDATE SET position = 9",
    "UPDATE OR IGNORE links SET target_id = 3 WHERE target_id = 5",
    "DELETE FROM links WHERE kind = 'inline'",
    "UPDATE OR IGNORE links SET kind = 'inline' WHERE rowid % 2 = 0",
)


def test_the_most_linked_articles_are_counted_as_sql_does(archive: Path, tmp_path: Path) -> None:
    old_archive(tmp_path, archive, migrations=15)
    question_equals_sql(tmp_path)
    with Store(tmp_path) as store:
        for change in ("SELECT 1", *CHANGES):
            store.db.execute(change)
            assert query(tmp_path, "SELECT * FROM link_counts") == query(tmp_path, COUNTED), change
    question_equals_sql(tmp_path)


def question_equals_sql(folder: Path) -> None:
    with asked(folder) as pages:
        for kind in ("", "related", "inline", "unknown"):
            reply = pages.get(f"/newscrawl/most-linked.json?kind={kind}&_shape=arrays").json
            shown = [(row[0], row[-1]) for row in reply["rows"]]
            assert shown == query(folder, MOST_LINKED.replace(":kind", f"'{kind}'")), kind


def test_a_table_that_is_long_to_count_says_about_how_many_rows_it_has(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newscrawl.store.read.limits.MOST_COUNTED_ALONE", 10_000)
    shutil.copytree(archive, tmp_path / "large")
    with Store(tmp_path / "large") as store:
        store.db.execute("DELETE FROM problems")
        store.db.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers"
            " LIMIT 12000) INSERT INTO problems (id, stage, code, message, seen_at)"
            " SELECT n, 'fetch', 'code', '', '' FROM numbers"
        )
    with asked(tmp_path / "large") as pages:
        assert pages.get("/newscrawl/problems").texts(".note")[0].startswith("About 12,000 rows")
        filtered = pages.get("/newscrawl/problems?id__gt=3")
        assert filtered.texts("h2")[0].startswith("11,997 rows where id > 3")
        assert not filtered.texts(".note")
        assert not pages.get("/newscrawl/article_links").texts(".note")
    with closing(sqlite3.connect(tmp_path / "large" / "newscrawl.db")) as db:
        counted = f"{COUNT}[problems] where id > :p0 "
        assert estimate_rows(db, counted, {"p0": 6000}) == 6000
        assert estimate_rows(db, counted, {"p0": 11_900}) is None
        assert estimate_rows(db, f"{COUNT}[article_links] ", {}) is None


async def most_at_once(path: str) -> int:
    """How many of five requests the application is answering at the same time."""
    running = most = 0

    async def application(scope: Any, receive: Any, send: Any) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(3):
            await asyncio.sleep(0)
        running -= 1
        await send({"type": "http.response.start"})
        await asyncio.sleep(0)

    async def receive() -> dict[str, Any]:
        return {}

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    turns = Turns(application)
    scope = {"type": "http", "path": path}
    await asyncio.gather(*(turns(scope, receive, send) for _ in range(5)))
    return most


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/newscrawl/articles", AT_ONCE), ("/newscrawl", AT_ONCE), ("/search", 5)],
)
def test_tables_take_turns(path: str, expected: int) -> None:
    # Not in this thread: where a browser runs, it has a running event loop.
    with ThreadPoolExecutor(max_workers=1) as other:
        assert other.submit(lambda: asyncio.run(most_at_once(path))).result() == expected
