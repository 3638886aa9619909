"""Other people's tools on the database itself: sqlite-utils and Datasette find articles by full text."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from sqlite_utils.cli import cli as sqlite_utils

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


def page(database: Path, address: str) -> str:
    """What Datasette answers with our descriptions of the tables."""
    datasette = Datasette([str(database)], metadata=json.loads(METADATA.read_text("utf-8")))
    answer = asyncio.run(datasette.client.get(address))
    assert answer.status_code == 200, answer.text
    text: str = answer.text
    return text


@pytest.mark.parametrize(("words", "ids"), SEARCHES)
def test_sqlite_utils_searches_articles(database: Path, words: str, ids: set[int]) -> None:
    found = CliRunner().invoke(sqlite_utils, ["search", str(database), "articles", words])
    assert found.exit_code == 0, found.output
    assert {row["id"] for row in json.loads(found.output)} == ids


@pytest.mark.parametrize("table", ["articles", "export_articles"])
@pytest.mark.parametrize(("words", "ids"), SEARCHES)
def test_datasette_searches_articles(database: Path, table: str, words: str, ids: set[int]) -> None:
    address = f"/newscrawl/{table}.json?_shape=array&_search={words.replace(' ', '+')}"
    assert {row["id"] for row in json.loads(page(database, address))} == ids


def test_datasette_describes_every_table(database: Path) -> None:
    assert "The crawl that last saw the link." in page(database, "/newscrawl/links")
    described = json.loads(METADATA.read_text("utf-8"))["databases"]["newscrawl"]["tables"]
    tables = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
    hidden = ("sqlite_", "_", "articles_fts_")
    names = {name for (name,) in query(database.parent, tables) if not name.startswith(hidden)}
    assert set(described) == names
