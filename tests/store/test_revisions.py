"""The list of changes in the demo newspaper's second edition, which has one of each kind."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from newscrawl.demo.paper import Paper
from newscrawl.demo.stories import BUMPED, CORRECTED, REMOVED, RESIGNED, RETITLED, words
from tests.support.crawling import newscrawl

KINDS = {
    RETITLED: ["headline", "correction"],
    CORRECTED: ["numbers", "added", "correction"],
    RESIGNED: ["byline"],
    BUMPED: ["date_bump"],
    REMOVED: ["removed"],
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = newscrawl("demo", archive=folder)
    assert "4 changed, 1 failed" in done.stdout, done.stderr
    return folder


def listed(archive: Path, *options: str) -> list[dict[str, Any]]:
    done = newscrawl("diff", *options, "--json", archive=archive)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_every_edit_is_listed_with_its_kinds(archive: Path) -> None:
    found = {one["key"]: one["edit"]["kinds"] for one in listed(archive)}
    assert found == {Paper().at(place).key: kinds for place, kinds in KINDS.items()}


def test_changed_numbers_and_notices_are_printed(archive: Path) -> None:
    (one,) = listed(archive, "--kind", "numbers")
    assert one["edit"]["numbers"] == [{"field": "body", "old": "710", "new": "685", "after": "tỷ"}]
    assert one["edit"]["notice"] == words()["correction"]
    text = newscrawl("diff", "--kind", "numbers", archive=archive)
    assert "\tnumbers, added, correction\t710 -> 685 tỷ\t" in text.stdout
    assert text.stderr == "1 change\n"


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--kind", "removed"], 1),
        (["--site", "demo"], 5),
        (["--since", "2000-01-01", "--until", "2000-12-31"], 0),
        (["--since", "2000-01"], 5),
        (["--limit", "2"], 2),
    ],
)
def test_list_is_filtered(archive: Path, options: list[str], count: int) -> None:
    assert len(listed(archive, *options)) == count


def test_diff_of_one_article_shows_its_kinds(archive: Path) -> None:
    key = Paper().at(RESIGNED).key
    done = newscrawl("diff", key, archive=archive)
    assert done.stdout.splitlines()[1:3] == [
        "kinds: byline",
        f"authors: Tường Lam -> {words()['resigned']}",
    ]
    found = json.loads(newscrawl("diff", key, "--json", archive=archive).stdout)
    assert (found["kinds"], found["old"]["authors"], found["new"]["authors"]) == (
        ["byline"],
        ["Tường Lam"],
        [words()["resigned"]],
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--all"], "--between and --all need an article"),
        (["432226", "--kind", "numbers"], "apply only to the list of changes"),
        (["--site", "nosuch"], "the archive has no site 'nosuch'"),
        (["--since", "soon"], "expected a day, a month or a year"),
    ],
)
def test_incompatible_options_are_an_error(archive: Path, arguments: list[str], said: str) -> None:
    done = newscrawl("diff", *arguments, archive=archive)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_older_archive_is_a_usage_error(archive: Path, tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "newscrawl.db")
    source = sqlite3.connect(archive / "newscrawl.db")
    source.backup(db)
    db.executescript("DROP INDEX revisions_changed; ALTER TABLE revisions DROP COLUMN authors")
    db.execute("DELETE FROM _sqlite_migrations WHERE id = (SELECT max(id) FROM _sqlite_migrations)")
    db.commit()
    db.close()
    source.close()
    done = newscrawl("diff", archive=tmp_path)
    assert (done.returncode, "made by an older newscrawl" in done.stderr) == (2, True), done.stderr
