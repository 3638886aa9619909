"""Tab-separated values: one line per row, and every text can be read back."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.export.csv_jsonl import as_cells, write_csv, write_tsv
from newscrawl.store.read.export_rows import Cells
from tests.support.archive_builder import build, newscrawl

ESCAPES = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}
TEXTS = st.text('a",\n\\[]\t\r\x00=đ') | st.just(",") | st.just("\\t")


def unescaped(cell: str) -> str:
    """A slow reader of its own."""
    text, characters = "", iter(cell)
    for character in characters:
        text += ESCAPES[next(characters)] if character == "\\" else character
    return text


def as_tsv(cells: Cells) -> str:
    out = io.BytesIO()
    write_tsv(cells, out)
    return out.getvalue().decode()


@pytest.mark.parametrize("table", ["articles", "links", "listings", "revisions"])
def test_export_writes_the_rows_of_csv(tmp_path: Path, table: str) -> None:
    archive = build(tmp_path / "data")
    for name in ("x.csv", "x.tsv", "x.tsv.gz"):
        assert newscrawl(archive, "export", table, "-o", str(tmp_path / name)).exit_code == 0
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file))
    lines = (tmp_path / "x.tsv").read_bytes().decode().split("\n")
    assert [list(map(unescaped, line.split("\t"))) for line in lines[:-1]] == expected
    assert gzip.decompress((tmp_path / "x.tsv.gz").read_bytes()).decode().split("\n") == lines
    assert newscrawl(archive, "export", table, "--format", "tsv").stdout.split("\n") == lines


def test_values_of_each_type() -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "title": 'a\tb "c"\nd', "authors": ["Văn A", "B\\"], "share": 0.5, "is": True},
        {"id": -2, "title": None, "authors": [], "share": None, "is": False},
        {"id": 3, "title": "=1", "authors": None, "share": {"a": [1]}, "is": ["x", 2]},
    ]
    columns = ("is", "id", "title", "authors", "share")
    assert as_tsv(as_cells(columns, rows)) == (
        "is\tid\ttitle\tauthors\tshare\n"
        'true\t1\ta\\tb "c"\\nd\tVăn A; B\\\\\t0.5\n'
        "false\t-2\t\t\t\n"
        'x; 2\t3\t=1\t\t{"a": [1]}\n'
    )
    out = io.BytesIO()
    assert write_csv(as_cells(columns, rows), out) == 3
    assert out.getvalue().decode() == (
        "is,id,title,authors,share\n"
        'true,1,"a\tb ""c""\nd",Văn A; B\\,0.5\n'
        "false,-2,,,\n"
        'x; 2,3,=1,,"{""a"": [1]}"\n'
    )


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4))
def test_every_text_is_read_back(rows: list[tuple[str, ...]]) -> None:
    """Both from cells of their own and from cells that stand for several columns."""
    batch = [tuple(text.encode() for text in row) for row in rows]
    shared = [
        (json.dumps(row[:2], ensure_ascii=False, separators=(",", ":")).encode(), row[2].encode())
        for row in rows
    ]
    for cells in (
        Cells(("a", "b", "c"), iter([batch])),
        Cells(("a", "b", "c"), iter([shared]), widths=(2, 1)),
    ):
        lines = as_tsv(cells).split("\n")
        assert lines.pop() == ""
        assert [tuple(map(unescaped, line.split("\t"))) for line in lines] == [
            ("a", "b", "c"),
            *rows,
        ]
        assert not any("\r" in line for line in lines)
