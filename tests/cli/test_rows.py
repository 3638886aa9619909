"""--jsonl, --csv, --tsv and --columns of the commands that print rows."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_builder import build, newscrawl

# Every form of every command that prints rows, with the words that select it.
COMMANDS = ("links", "links paper/1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("archive"))


def printed(folder: Path, *arguments: str) -> str:
    result = newscrawl(folder, *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def rows_of(folder: Path, command: str, *more: str) -> list[dict[str, Any]]:
    text = printed(folder, *command.split(), "--jsonl", *more)
    return [json.loads(line) for line in text.splitlines()]


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return json.dumps(value) if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("command", COMMANDS)
def test_all_forms_have_the_same_rows(folder: Path, command: str) -> None:
    rows = rows_of(folder, command)
    assert rows
    texts = [[as_text(value) for value in row.values()] for row in rows]
    table = printed(folder, *command.split(), "--csv")
    assert list(csv.reader(io.StringIO(table, newline=""))) == [list(rows[0]), *texts]
    assert "\r" not in table
    tabs = printed(folder, *command.split(), "--tsv").split("\n")
    assert [line.split("\t") for line in tabs] == [list(rows[0]), *texts, [""]]


@pytest.mark.parametrize("command", COMMANDS)
def test_columns_are_chosen_in_the_order_given(folder: Path, command: str) -> None:
    rows = rows_of(folder, command)
    first, *_, last = rows[0]
    chosen = rows_of(folder, command, "--columns", f"{last},{first}")
    assert [list(row.items()) for row in chosen] == [
        [(last, row[last]), (first, row[first])] for row in rows
    ]
    table = printed(folder, *command.split(), "--columns", last).splitlines()
    assert (table[0], len(table)) == (last, len(rows) + 1)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_column_is_one_error_that_lists_all(folder: Path, command: str) -> None:
    names = ",".join(rows_of(folder, command)[0])
    result = newscrawl(folder, *command.split(), "--csv", "--columns", "site,colour")
    unknown = "site" if "site" not in names.split(",") else "colour"
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        result.stderr == f"error: --columns: unknown column {unknown!r}\nhint: columns: {names}\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--json --csv", "--json and --csv exclude each other"),
        ("--tsv --jsonl --csv", "--jsonl and --csv and --tsv exclude each other"),
        ("--json --columns id", "--columns does not apply to --json"),
        ("--csv --columns id,key,id", "--columns: 'id' is named twice"),
        ("--csv --columns=", "--columns: unknown column ''"),
    ],
)
def test_options_that_exclude_each_other_are_an_error(
    folder: Path, options: str, message: str
) -> None:
    result = newscrawl(folder, "links", *options.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == f"error: {message}"
    assert result.stderr.count("\n") == 2


@pytest.mark.parametrize("form", ["--jsonl", "--csv", "--tsv"])
def test_rows_are_utf8_whatever_the_locale(folder: Path, form: str) -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "newscrawl", "--archive", str(folder), "links", form]
    result = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
    assert "Chỉ là một lời dẫn" in result.stdout.decode("utf-8")
    assert b"\r" not in result.stdout


def test_limit_all_prints_everything(folder: Path) -> None:
    assert len(rows_of(folder, "links", "--limit", "all")) == len(rows_of(folder, "links"))
    assert newscrawl(folder, "links", "--limit", "every").exit_code == 2
    assert newscrawl(folder, "links", "--limit", "0").exit_code == 2
