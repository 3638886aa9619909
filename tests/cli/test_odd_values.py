"""No value in the database makes a command fail without naming it, or write outside the archive.

`make test` takes one value of each kind, `make torture` (NEWSCRAWL_KILLS=full) all of them.
"""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from itertools import cycle, product
from pathlib import Path

import pytest

from newscrawl.core.folder import DATABASE
from tests.support.odd_values import (
    ODD_VALUES,
    columns,
    commands,
    run,
    run_all,
    small_archive,
    spoil,
)
from tests.support.torture import FULL, some
from tests.support.web_site import served

OUTSIDE = Path("/newscrawl-outside")
NAMES = some(
    ODD_VALUES,
    (
        "null", "blob", "no_utf8", "words", "huge", "json_cut", "json_list", "year_9999_local", "february_30",
        "path_out", "address_broken", "nul",
    ),
)  # fmt: skip
# Each in all columns at once.
EVERYWHERE = some(
    ("null", "blob", "no_utf8", "json_list", "year_9999", "path_out"), ("no_utf8", "path_out")
)
MERGED = ("blob", "no_utf8", "words")
PARTS = 4  # of the tables
MERGES = list(product(MERGED, range(PARTS)) if FULL else zip(cycle(MERGED), range(PARTS)))
# A column that pages show, and a value in it. The first three are a text, JSON and a time.
SHOWN = {
    "articles.title": "no_utf8",
    "crawls.stats": "json_list",
    "listings.seen_at": "year_9999",
    "articles.authors": "json_cut",
    "articles.published_local": "blob",
    "sites.timezone": "zone",
}
PAGES = (
    "/", "/search?q=the", "/search", "/search.jsonl?texts=1", "/search.atom", "/site/demo", "/links",
    "/front", "/front/demo", "/front/demo.json", "/charts", "/changes",
    "/charts/volume.csv", "/charts/outcomes.json", "/health", "/completeness",
    "/completeness/demo", "/duplicates", "/questions", "/article/1", "/article/1.json",
    "/article/1/changes", "/article/1/links", "/newscrawl/articles", "/newscrawl/crawls",
)  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_archive(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def folder(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to spoil, deep enough for `../..`; the current folder is an empty one."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Path(shutil.copytree(archive, tmp_path / "a" / "b" / "archive"))


def outside(tmp_path: Path) -> set[Path]:
    """Files in the test's folder that are neither in the archive nor in the named output."""
    inside = (tmp_path / "a" / "b" / "archive", tmp_path / "out")
    files = {path for path in tmp_path.rglob("*") if not path.is_dir() or path.is_symlink()}
    return {path for path in files if not any(path.is_relative_to(top) for top in inside)}


def test_every_command_runs_on_the_sound_archive(folder: Path, tmp_path: Path) -> None:
    assert [ended for ended in run_all(folder, tmp_path / "out") if ended.code != 0] == []


@pytest.mark.parametrize("name", NAMES)
def test_odd_value_ends_every_command_with_0_or_names_the_damage(
    folder: Path, tmp_path: Path, name: str
) -> None:
    """Every value in some columns; together the values reach every column of every table."""
    number = NAMES.index(name)
    places = columns(folder)[number :: len(NAMES)]
    assert spoil(folder, places, ODD_VALUES[name])
    wrong = [ended for ended in run_all(folder, tmp_path / "out") if not ended.is_right]
    assert wrong == []
    assert outside(tmp_path) == set()
    assert not OUTSIDE.exists()


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_whole_archive_of_one_odd_value_is_read_to_its_end(
    folder: Path, tmp_path: Path, name: str
) -> None:
    spoilt = spoil(folder, columns(folder), ODD_VALUES[name])
    assert len(spoilt) > 50
    wrong = [ended for ended in run_all(folder, tmp_path / "out") if not ended.is_right]
    assert wrong == []
    assert outside(tmp_path) == set()


@pytest.mark.parametrize(("name", "part"), MERGES)
def test_merge_of_odd_values_ends_with_0_or_names_the_damage(
    archive: Path, folder: Path, tmp_path: Path, name: str, part: int
) -> None:
    """In every fourth table: of all tables at once, only the first would be met."""
    tables = list(dict.fromkeys(place.table for place in columns(archive)))[part::PARTS]
    spoil(folder, [p for p in columns(folder) if p.table in tables], ODD_VALUES[name])
    done = run(tmp_path, ("merge", str(folder), str(archive), "-o", str(tmp_path / "out")))
    assert done.is_right, done
    assert done.code == 0 or f"{folder / DATABASE} is damaged" in done.message, done
    assert outside(tmp_path) == set()


def test_damage_is_named_by_table_row_and_column(folder: Path, tmp_path: Path) -> None:
    (place,) = [place for place in columns(folder) if str(place) == "crawls.stats"]
    spoil(folder, [place], ODD_VALUES["json_cut"])
    done = run(folder, ("status",))
    assert done.code == 5
    assert "crawls, row 1, column stats: expected a JSON object, found" in done.message


@pytest.mark.parametrize("column", SHOWN if FULL else list(SHOWN)[:3])
def test_web_page_names_the_damage_and_never_shows_a_traceback(folder: Path, column: str) -> None:
    name = SHOWN[column]
    places = [place for place in columns(folder) if str(place) == column]
    assert spoil(folder, places, ODD_VALUES[name]) == places
    table, column_name = column.split(".")
    with served(folder) as address:
        answers = [_get(f"{address}{path}") for path in PAGES]
    named = [text for status, text in answers if status == 500]
    assert all(f"{table}, row " in text and column_name in text for text in named), named
    assert {status for status, _ in answers} <= {200, 404, 500}
    assert named or name == "blob"
    assert not any("Traceback" in text for _, text in answers)


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_every_command_that_reads_an_archive_is_among_those_tried(tmp_path: Path) -> None:
    """The others fetch, serve, wait for a queue or an assistant, make an archive, or read none."""
    from newscrawl.cli.main import LOCATIONS

    others = {"backfill", "collect", "demo", "serve", "merge", "rebuild", "rehydrate"}
    others |= {"sites", "extract", "parse-time", "mcp"}
    tried = {arguments[0] for arguments in commands(tmp_path)}
    assert tried == set(LOCATIONS) - others
