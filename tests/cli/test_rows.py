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

from newscrawl.store.write.store import Store
from tests.support.archive_builder import build, newscrawl
from tests.support.foreign_archives import Stored, write
from tests.support.store_cases import article, capture, links

# Every command that prints rows, and each other kind of rows that it has.
COMMANDS = (
    "search QUERY",
    "volume QUERY",
    "links",
    "links ID-OR-URL",
    "diff",
    "diff ID-OR-URL",
    "front SITE",
    "problems",
    "dupes",
    "completeness",
    "completeness --gaps",
    "status",
    "health",
    "doctor",
    "sites list",
    "sites show NAME",
    "sites unread NAME",
)
SAME_EVERY_TIME = [command for command in COMMANDS if command != "doctor"]  # which prints the time
# What the words in capitals stand for.
NAMES = {"QUERY": "duong", "ID-OR-URL": "paper/1", "SITE": "paper", "NAME": "bnews"}
NOT_READY = 4  # `doctor` on a machine that lacks something
COPIED = "Giá thép xây dựng trong nước tăng 300 đồng một ki-lô-gam kể từ sáng nay. " * 5
DOCS = Path(__file__).parents[2] / "docs" / "exports.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual archive, in which three articles have been changed, and two pairs copied."""
    folder = build(tmp_path_factory.mktemp("archive"))
    pages = [
        article(
            1, "Đường sắt cao tốc\n\nđã khởi công 2 ga.", title="Đường sắt cao tốc khởi công",
            provenance={"title": "h1", "published": "json-ld:datePublished", "body": "div"},
        ),
        article(2, "Tau dien tu ben thanh\tden suoi tien.", title="Duong sat\tmetro so 1"),
        article(3, "Mưa nhỏ.", title="Đường sạt lở"),
        *(article(key, COPIED, title="Giá thép tăng", links=links("related", 1)) for key in (20, 21)),
        *(article(key, COPIED[5:] + "Theo hiệp hội.", title="Thép tăng") for key in (30, 31)),
    ]  # fmt: skip
    (folder / "sites").mkdir()
    for site in ("paper", "other"):
        site_file = f'name = "{site}"\nextends = "bnews"\n'
        (folder / "sites" / f"{site}.toml").write_text(site_file, "utf-8")
    with Store(folder) as store:
        for page in pages:
            warc = capture(
                page.url, 3, warc_file="b.warc.gz", warc_offset=0, warc_length=1, payload_digest="sha256:01"
            )  # fmt: skip
            store.articles.save(page, warc, 1, asked_url=page.url, extractor="test")
    old_page = Stored(
        url="https://bnews.vn/x/999.html",
        at="2019-01-01T00:00:00Z",
        body=b'<html><body class="old"><h1>An old design</h1></body></html>',
    )
    foreign = write(folder.parent, "old.warc.gz", [old_page])
    assert newscrawl(folder, "import", str(foreign)).exit_code == 0
    return folder


def words(command: str) -> list[str]:
    return [NAMES.get(word, word) for word in command.split()]


def printed(folder: Path, *arguments: str) -> str:
    result = newscrawl(folder, *arguments)
    allowed = {0, NOT_READY} if arguments[0] == "doctor" else {0}
    assert result.exit_code in allowed, result.stderr
    return result.stdout


def rows_of(folder: Path, command: str, *more: str) -> list[dict[str, Any]]:
    text = printed(folder, *words(command), "--jsonl", *more)
    return [json.loads(line) for line in text.splitlines()]


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    assert "\r" not in text
    return text


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


@pytest.mark.parametrize(
    "command", [name for name in COMMANDS if name != "doctor"]
)  # it has a clock
def test_all_forms_have_the_same_rows(folder: Path, command: str) -> None:
    rows = rows_of(folder, command)
    assert rows
    texts = [[as_text(value) for value in row.values()] for row in rows]
    table = printed(folder, *words(command), "--csv")
    assert list(csv.reader(io.StringIO(table, newline=""))) == [list(rows[0]), *texts]
    assert "\r" not in table
    tabs = printed(folder, *words(command), "--tsv").split("\n")
    in_one_line = [list(map(escaped, row)) for row in texts]
    assert [line.split("\t") for line in tabs] == [list(rows[0]), *in_one_line, [""]]


@pytest.mark.parametrize("command", SAME_EVERY_TIME)
def test_columns_are_chosen_in_the_order_given(folder: Path, command: str) -> None:
    rows = rows_of(folder, command)
    first, *_, last = rows[0]
    chosen = rows_of(folder, command, "--columns", f"{last},{first}")
    assert [list(row.items()) for row in chosen] == [
        [(last, row[last]), (first, row[first])] for row in rows
    ]
    table = printed(folder, *words(command), "--columns", last).splitlines()
    assert (table[0], len(table)) == (last, len(rows) + 1)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_column_is_one_error_that_lists_all(folder: Path, command: str) -> None:
    first, *others = rows_of(folder, command)[0]
    more = ["snippet", "rank"] if command.startswith("search") else []
    names = ",".join([first, *others, *more])
    result = newscrawl(folder, *words(command), "--csv", "--columns", f"{first},colour")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: --columns: unknown column 'colour'\nhint: columns: {names}\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--json --csv", "--json and --csv cannot be combined"),
        ("--tsv --jsonl --csv", "--jsonl and --csv and --tsv cannot be combined"),
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


@pytest.mark.parametrize(
    ("command", "unit"),
    [
        ("links", "id"),
        ("links --site paper --kind related --since 2026-09-01", "id"),
        ("links paper/1 --in", "source_id"),
        ("links paper/1 --out --depth 3", "target_id"),
        ("links paper/1 --out --kind related --until 2026-09-03", "target_id"),
        ("diff", "id"),
        ("diff --site paper --since 2026-09-01", "id"),
        ("problems", "id"),
        ("dupes", "group"),
    ],
)
def test_a_cut_list_says_how_many_there_are(folder: Path, command: str, unit: str) -> None:
    """And `--limit all` prints them all."""
    everything = rows_of(folder, command, "--limit", "all")
    count = len({row["group"] for row in everything}) if unit == "group" else len(everything)
    assert count > 1
    for form in ("--jsonl", "--json", "--columns=" + unit):
        result = newscrawl(folder, *command.split(), form, "--limit", "1")
        assert result.exit_code == 0
        assert f" 1 of {count} " in result.stderr.replace("most linked of", "of")
        assert "(--limit N, or --limit all)\n" in result.stderr
    whole = newscrawl(folder, *command.split(), "--csv", "--limit", "all")
    assert "--limit" not in whole.stderr
    assert rows_of(folder, command, "--limit", str(count)) == everything


def test_a_cut_list_of_one_kind_says_that_there_are_more(folder: Path) -> None:
    assert len(rows_of(folder, "diff --kind reworded --limit all")) > 1
    cut = newscrawl(folder, "diff", "--kind", "reworded", "--limit", "1", "--csv")
    assert cut.stderr == (
        "only the newest 1 changes are shown, and there are more (--limit N, or --limit all)\n"
    )


@pytest.mark.parametrize("limit", ["every", "-1", "1.5", "ALL", ""])
def test_an_invalid_limit_is_one_error(folder: Path, limit: str) -> None:
    result = newscrawl(folder, "links", f"--limit={limit}")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 2)
    assert "Invalid value for '--limit'" in result.stderr


@pytest.mark.parametrize("form", ["--jsonl", "--csv", "--tsv"])
def test_a_closed_pipe_is_no_error(folder: Path, form: str) -> None:
    program = f"'{sys.executable}' -m newscrawl --archive '{folder}' links {form}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{program} | true"], capture_output=True, timeout=60
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr


@pytest.mark.parametrize("command", ["dupes --update --csv", "completeness --gaps"])
def test_options_without_effect_are_an_error(folder: Path, command: str) -> None:
    result = newscrawl(folder, *command.split())
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 2)


@pytest.mark.parametrize("command", COMMANDS)
def test_documented_columns_are_printed(folder: Path, command: str) -> None:
    text = DOCS.read_text("utf-8").partition("## Tables from other commands")[2]
    text = text.partition("The columns, in their order:\n")[2]
    documented = {}
    for entry in text.partition("\n- ")[2].partition("\n\n")[0].split("\n- "):
        name, _, columns = " ".join(entry.split()).partition(": ")
        documented[name.strip("`")] = columns
    assert set(documented) == set(COMMANDS)
    assert documented[command] == ", ".join(rows_of(folder, command)[0])
