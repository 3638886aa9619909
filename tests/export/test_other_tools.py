"""Other people's tools on the database itself: sqlite-utils and Datasette find articles by full text."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from newscrawl.core.folder import DATABASE
from tests.support.archive_builder import build
from tests.support.crawling import query

METADATA = Path(__file__).parents[2] / "data" / "datasette.json"
# Words, and the articles that have them in their title, summary or text.
SEARCHES = [
    ("duong sat", {1, 2, 3}),
    ("đường sắt cao tốc", {1}),
    ("metro", {2}),
    ("nowhere", set()),
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("archive")) / DATABASE


def output(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("words", "ids"), SEARCHES)
def test_sqlite_utils_searches_articles(database: Path, words: str, ids: set[int]) -> None:
    found = json.loads(output("sqlite_utils", "search", str(database), "articles", words))
    assert {row["id"] for row in found} == ids


@pytest.mark.parametrize("table", ["articles", "export_articles"])
@pytest.mark.parametrize(("words", "ids"), SEARCHES)
def test_datasette_searches_articles(database: Path, table: str, words: str, ids: set[int]) -> None:
    address = f"/newscrawl/{table}.json?_shape=array&_search={words.replace(' ', '+')}"
    found = json.loads(output("datasette", str(database), "-m", str(METADATA), "--get", address))
    assert {row["id"] for row in found} == ids


def test_datasette_describes_every_table(database: Path) -> None:
    page = output("datasette", str(database), "-m", str(METADATA), "--get", "/newscrawl/links")
    assert "The crawl that last saw the link." in page
    described = json.loads(METADATA.read_text("utf-8"))["databases"]["newscrawl"]["tables"]
    tables = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
    hidden = ("sqlite_", "_", "articles_fts_")
    names = {name for (name,) in query(database.parent, tables) if not name.startswith(hidden)}
    assert set(described) == names
