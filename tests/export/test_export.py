"""Exports: columns, filters, and a file that is complete or not there."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.files import atomic_file
from newscrawl.core.folder import DATABASE
from newscrawl.export.columns import kind_of
from newscrawl.export.csv_jsonl import write_csv, write_jsonl
from newscrawl.store.filters import Filter
from newscrawl.store.read.export_rows import (
    SUBJECTS,
    Rows,
    Subject,
    count_gone,
    export_cells,
    export_rows,
)
from newscrawl.store.read.links import link_graph
from newscrawl.store.read.reader import Reader
from newscrawl.store.schema.dictionary import schema
from newscrawl.store.write.store import Store
from tests.support.archive_builder import RAILWAY, build, newscrawl
from tests.support.store_cases import article, capture

# The columns of export_articles, on which programs of users depend.
COLUMNS = (
    "id, site, key, url, state, title, summary, authors, category, tags, published_at, published_local, published_raw, "
    "published_precision, published_source, modified_at, language, image_url, word_count, first_seen_at, fetched_at, "
    "last_seen_at, gone_at, revision, body"
).split(", ")


DOCS = Path(__file__).parents[2] / "docs" / "exports.md"
Export = Callable[[sqlite3.Connection, Subject, Filter], Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("archive"))


@pytest.fixture
def reader(folder: Path) -> Iterator[Reader]:
    with Reader(folder) as reader:
        yield reader


def keys(
    reader: Reader,
    subject: Subject = "articles",
    only: Filter | None = None,
    *,
    stubs: bool = False,
) -> list[str]:
    found = export_rows(reader.db, subject, only or Filter(), stubs=stubs)
    place = found.columns.index(
        {"articles": "key", "revisions": "key", "links": "target_key", "listings": "article_key"}[
            subject
        ]
    )
    return [str(row[place]) for row in found.rows]


def test_articles_have_the_promised_columns(reader: Reader) -> None:
    assert list(export_rows(reader.db, "articles", Filter()).columns) == COLUMNS


@pytest.mark.parametrize("subject", SUBJECTS)
def test_columns_are_documented_in_their_order(reader: Reader, subject: Subject) -> None:
    documented = re.search(rf"^- `{subject}`: ([\w,\s]+)$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert documented is not None
    assert re.split(r",\s+", documented[1].strip()) == list(
        export_rows(reader.db, subject, Filter()).columns
    )


@pytest.mark.parametrize("subject", SUBJECTS)
def test_whole_numbers_are_the_integers_of_the_schema(reader: Reader, subject: Subject) -> None:
    types: dict[str, set[str]] = {}
    tables = [columns for _, kind, columns in schema() if kind == "table"]
    for column, declared in chain.from_iterable(tables):
        types.setdefault(column, set()).add(re.split("[, ]", declared)[0])
    columns = export_rows(reader.db, subject, Filter()).columns
    integers = {column for column in columns if types.get(column) == {"INTEGER"}}
    assert {column for column in columns if kind_of(column) == "integer"} == integers


def test_json_lines_have_arrays_and_nulls() -> None:
    rows = [(1, None, '["đường"]'), (2, "a\nb", "[]")]
    out = io.BytesIO()
    assert write_jsonl(Rows(("id", "title", "tags"), iter(rows)), out) == 2
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"id": 1, "title": None, "tags": ["đường"]},
        {"id": 2, "title": "a\nb", "tags": []},
    ]
    assert "đường".encode() in out.getvalue()


def test_stubs_are_exported_only_on_request(reader: Reader) -> None:
    assert keys(reader) == ["1", "2", "3", "5", "6", "1"]
    assert sorted(keys(reader, stubs=True)) == ["1", "1", "2", "3", "4", "5", "6", "7", "8"]


@pytest.mark.parametrize(
    ("subject", "only", "expected"),
    [
        ("articles", Filter(site="other"), ["1"]),
        ("articles", Filter(category="Thị trường"), ["5"]),
        ("articles", Filter(since="2026-09-02", until="2026-09-03"), ["2", "3"]),
        ("articles", Filter(until="2026-08-07"), ["6"]),
        ("links", Filter(), ["2", "7", "4", "1"]),
        ("links", Filter(since="2026-09-03"), ["1"]),
        ("links", Filter(site="other"), []),
        ("listings", Filter(), ["1", "2", "3", "4", "8"]),
        ("listings", Filter(category="1"), ["1", "2", "3", "4", "8"]),
        ("listings", Filter(category="2"), []),
        ("listings", Filter(until="2026-09-01"), ["1"]),
        ("revisions", Filter(), ["1", "2", "3", "5", "6", "1"]),
        ("revisions", Filter(site="other"), ["1"]),
    ],
)
def test_filters_select_rows(
    reader: Reader, subject: Subject, only: Filter, expected: list[str]
) -> None:
    assert keys(reader, subject, only) == expected


@pytest.mark.parametrize("export", [export_rows, export_cells])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_nothing_is_sorted_in_memory(reader: Reader, subject: Subject, export: Export) -> None:
    """Sorting the links of an article or the listings of a crawl needs little memory."""
    assert not sorts(reader, lambda: export(reader.db, subject, Filter()))


def test_graph_is_not_sorted_in_memory(reader: Reader) -> None:
    assert not sorts(reader, lambda: link_graph(reader.db, Filter()))


def sorts(reader: Reader, run: Callable[[], object]) -> list[str]:
    """The steps of the executed statements that sort a whole result."""
    whole = ("USE TEMP B-TREE FOR ORDER BY", "USE TEMP B-TREE FOR DISTINCT")
    return [step for step in plan(reader, run) if step in whole]


def plan(reader: Reader, run: Callable[[], object]) -> list[str]:
    """The steps of the executed statements."""
    statements: list[str] = []
    reader.db.set_trace_callback(statements.append)
    run()
    reader.db.set_trace_callback(None)
    steps = [
        row[3]
        for statement in statements
        for row in reader.db.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    assert steps
    return steps


def test_gone_articles_are_counted_without_reading_all(reader: Reader) -> None:
    assert "SCAN a" not in plan(reader, lambda: count_gone(reader.db, Filter()))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_cells_are_the_rows_as_text_in_the_same_order(reader: Reader, subject: Subject) -> None:
    cells, rows = (
        export_cells(reader.db, subject, Filter()),
        export_rows(reader.db, subject, Filter()),
    )
    assert cells.columns == rows.columns
    expected = [tuple("" if value is None else str(value) for value in row) for row in rows.rows]
    assert [unfolded(row, cells.widths) for batch in cells.batches for row in batch] == expected


def unfolded(row: tuple[bytes, ...], widths: tuple[int, ...]) -> tuple[str, ...]:
    """The texts of each column, including columns that share a cell."""
    cells = (
        json.loads(cell) if width > 1 else [cell.decode()]
        for cell, width in zip(row, widths, strict=True)
    )
    return tuple(chain.from_iterable(cells))


def test_export_is_streamed(tmp_path: Path) -> None:
    body = "chữ " * 5_000
    with Store(build(tmp_path)) as store:
        for key in range(1000, 1200):
            page = article(key, f"{key} {body}")
            store.articles.save(page, capture(page.url), 1, asked_url=page.url, extractor="test")
    with Reader(tmp_path) as reader, (tmp_path / "out.csv").open("wb") as out:
        tracemalloc.start()
        write_csv(export_cells(reader.db, "articles", Filter()), out)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (tmp_path / "out.csv").stat().st_size > 200 * len(body.encode())
    assert peak < 3_000_000


def test_export_is_one_snapshot(tmp_path: Path) -> None:
    with Reader(build(tmp_path)) as reader:
        found = export_rows(reader.db, "articles", Filter())
        first = next(found.rows)
        with Store(tmp_path) as store:
            page = article(999)
            store.articles.save(page, capture(page.url), 1, asked_url=page.url, extractor="test")
        rest = [row[2] for row in found.rows]
    assert first[2] == "1"
    assert "999" not in rest


def test_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old", "utf-8")
    breaking = Rows(("id",), ((1 // number,) for number in (2, 1, 0)))
    with pytest.raises(ZeroDivisionError), atomic_file(path) as out:
        write_jsonl(breaking, out)
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_complete_export_replaces_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old", "utf-8")
    with atomic_file(path) as out:
        out.write(b"new")
        assert path.read_text("utf-8") == "old"
    assert path.read_text("utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_symbolic_link_is_kept_and_its_target_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old", "utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with atomic_file(tmp_path / "link.csv") as out:
        out.write(b"new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text("utf-8") == "new"


def test_format_follows_the_file_name(tmp_path: Path) -> None:
    folder = build(tmp_path / "archive")
    assert newscrawl(folder, "export", "articles", "-o", str(tmp_path / "x.jsonl")).exit_code == 0
    assert (tmp_path / "x.jsonl").read_text("utf-8").startswith('{"id": ')
    assert newscrawl(folder, "export", "graph", "-o", str(tmp_path / "x.graphml")).exit_code == 0
    assert "<graphml" in (tmp_path / "x.graphml").read_text("utf-8")
    wrong = newscrawl(folder, "export", "articles", "-o", str(tmp_path / "x.gexf"))
    assert (wrong.exit_code, "articles cannot be written as gexf" in wrong.stderr) == (2, True)


def test_gone_articles_are_counted_and_diff_shows_when_one_went(tmp_path: Path) -> None:
    folder = build(tmp_path / "archive")
    with sqlite3.connect(folder / DATABASE) as db:
        db.execute(
            "UPDATE articles SET state = 'gone', gone_at = '2026-09-05T00:00:00Z' WHERE id = 1"
        )
    result = newscrawl(folder, "export", "articles", "-o", str(tmp_path / "a.csv"))
    assert result.stderr == f"6 articles (1 gone) written to {tmp_path / 'a.csv'}\n"
    result = newscrawl(folder, "diff", "paper/1")
    assert result.exit_code == 0
    assert result.stderr == (
        "paper/1 was removed from the site (HTTP 404 or 410, seen at 2026-09-05T00:00:00Z)\n"
    )


def test_diff_of_an_article_that_never_changed_is_no_error(tmp_path: Path) -> None:
    folder = build(tmp_path / "archive")
    result = newscrawl(folder, "diff", "paper/2")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "no other revision, the article has not changed since" in result.stdout
    answer = json.loads(newscrawl(folder, "diff", "paper/2", "--json").stdout)
    assert answer["old"] == answer["new"]
    assert answer["kinds"] == []


def test_a_compressed_file_holds_the_same_rows(tmp_path: Path) -> None:
    folder = build(tmp_path / "archive")
    for form in ("csv", "jsonl"):
        plain = tmp_path / f"articles.{form}"
        assert newscrawl(folder, "export", "articles", "-o", str(plain)).exit_code == 0
        for suffix, read in ((".gz", gzip.decompress), (".zst", unpack_zstandard)):
            packed = Path(f"{plain}{suffix}")
            assert newscrawl(folder, "export", "articles", "-o", str(packed)).exit_code == 0
            assert read(packed.read_bytes()) == plain.read_bytes()


def unpack_zstandard(packed: bytes) -> bytes:
    return bytes(pyarrow.CompressedInputStream(pyarrow.BufferReader(packed), "zstd").read())


@pytest.mark.parametrize("name", ["x.xlsx", "x.json", "x.tab", "x.txt.gz"])
def test_an_unknown_extension_is_refused(tmp_path: Path, name: str) -> None:
    folder = build(tmp_path / "archive")
    result = newscrawl(folder, "export", "articles", "-o", str(tmp_path / name))
    assert result.exit_code == 2
    assert "is not known\n" in result.stderr
    assert not (tmp_path / name).exists()
    form = ("--format", "csv", "-o", str(tmp_path / name))
    assert newscrawl(folder, "export", "articles", *form).exit_code == 0


def test_compressed_parquet_is_refused(tmp_path: Path) -> None:
    folder = build(tmp_path / "archive")
    result = newscrawl(folder, "export", "articles", "-o", str(tmp_path / "x.parquet.gz"))
    assert result.stderr == (
        "error: Parquet files are compressed inside\nhint: write it to x.parquet\n"
    )


def test_device_is_written_to_and_not_replaced() -> None:
    with atomic_file(Path(os.devnull)) as out:
        out.write(b"x")
    assert not Path(os.devnull).is_file()


def test_path_that_cannot_be_a_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "x.csv"):
        with pytest.raises(UsageError, match="cannot write"), atomic_file(path):
            pass
    with pytest.raises(StorageError, match="cannot write"), atomic_file(tmp_path / ("x" * 250)):
        pass


def test_command_writes_a_file_and_reports_its_size(folder: Path, tmp_path: Path) -> None:
    result = newscrawl(folder, "export", "articles", "-o", str(tmp_path / "a.csv"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"6 articles written to {tmp_path / 'a.csv'}\n"
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["authors"], first["tags"], first["body"]) == (
        "Văn A; Thị B",
        "đường sắt; hạ tầng",
        RAILWAY,
    )


def test_command_writes_to_stdout(folder: Path) -> None:
    result = newscrawl(folder, "export", "links", "--format", "jsonl")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["target_key"] for line in lines] == ["2", "7", "4", "1"]
    assert result.stderr == "4 links written\n"


def test_empty_export_has_a_header(folder: Path) -> None:
    result = newscrawl(folder, "export", "articles", "--since", "2030-01-01")
    assert result.stdout == ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("articles", "--excel", "--format", "jsonl"), "--excel applies only to CSV"),
        (("links", "--stubs"), "--stubs applies only to articles"),
        (
            ("articles", "--since", "tomorrow"),
            "--since 'tomorrow': expected a day, a month or a year",
        ),
        (("articles", "--until", "2026-02-30"), "2026-02 has 28 days"),
        (
            ("articles", "--since", "2026-09-02", "--until", "2026-09-01"),
            "--until 2026-09-01 is before",
        ),
        (("articles", "--site", "nowhere"), "the archive has no site 'nowhere'"),
        (("nothing",), "nothing"),
    ],
)
def test_usage_error_is_one_line_and_exit_code_2(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = newscrawl(folder, "export", *arguments)
    error, *rest = result.stderr.splitlines()
    assert result.exit_code == 2
    assert error.startswith("error: ")
    assert said in error
    assert [line.partition(":")[0] for line in rest] == ["hint"]
    assert result.stdout == ""
