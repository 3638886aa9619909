"""CSV: every cell can be read back, and every byte is what Python's csv module writes."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.core.records import LIST_FIELDS
from newscrawl.export.csv_jsonl import write_csv
from newscrawl.store.filters import Filter
from newscrawl.store.read.export_rows import Cells, Rows, export_cells, export_rows
from newscrawl.store.read.reader import Reader
from newscrawl.store.write.store import Store
from tests.support.archive_builder import build
from tests.support.store_cases import article, capture


def rows_of(columns: str, *rows: tuple[object, ...]) -> Rows:
    return Rows(tuple(columns.split()), iter(rows))


def cells_of(rows: Rows) -> Cells:
    """The values as SQLite returns them, in at least two batches."""
    cells = [
        tuple(b"" if value is None else str(value).encode() for value in row) for row in rows.rows
    ]
    return Cells(rows.columns, iter([batch for batch in (cells[:1], cells[1:]) if batch]))


def as_csv(rows: Rows, *, excel: bool = False) -> bytes:
    out = io.BytesIO()
    write_csv(cells_of(rows), out, excel=excel)
    return out.getvalue()


def test_cells_are_exact_and_lists_joined() -> None:
    rows = rows_of(
        "id title authors", (1, 'a "b", c', '["Văn A", "B"]'), (2, "=1+1", "[]"), (3, None, '["x"]')
    )
    expected = 'id,title,authors\n1,"a ""b"", c",Văn A; B\n2,=1+1,\n3,,x\n'
    assert as_csv(rows) == expected.encode()


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb", '"', ",", "  x ", "a;b", "\u2028"])
def test_other_readers_of_csv_read_the_same_text(text: str) -> None:
    data = as_csv(rows_of("id body", (1, text))).decode()
    assert list(csv.reader(io.StringIO(data, newline=""))) == [["id", "body"], ["1", text]]


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            st.text('a,"\r\n='),
        ),
        max_size=5,
    )
)
def test_every_text_survives_csv(cells: list[tuple[str, str]]) -> None:
    data = as_csv(rows_of("a b", *cells)).decode()
    assert [tuple(row) for row in csv.reader(io.StringIO(data, newline=""), strict=True)][
        1:
    ] == cells


NASTY = [
    "", "plain", 'a "b"', '"', '""', ",", "a\rb", "a\nb", "a\r\nb", " x ", "'", ";", "=1+1", "\x00", "a\x00,b",
    "\u2028", "đường", "🎉", "\ufeff", "\\", "\t", "a; b",
]  # fmt: skip


@pytest.mark.parametrize("excel", [False, True])
def test_bytes_are_those_of_the_csv_module(tmp_path: Path, excel: bool) -> None:
    """Through SQLite, with NULL, numbers and every odd text in each column, and some rows without."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t (id INTEGER, title TEXT, authors TEXT, body TEXT)")
    harmless = [text for text in NASTY if not (excel and text.startswith(tuple("=+-@\t\r")))]
    rows: list[tuple[object, ...]] = [(1, "a", "[]", "b"), (2, None, "[]", None)]
    rows += [
        (number, text, json.dumps([text, "x"]), text[::-1]) for number, text in enumerate(harmless)
    ]
    rows += [(9, text, json.dumps([text], ensure_ascii=False), None) for text in harmless]
    db.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
    texts = "CAST(ifnull(id, '') AS BLOB), CAST(ifnull(title, '') AS BLOB), CAST(authors AS BLOB)"
    read = db.execute(
        f"SELECT {texts}, CAST(ifnull(body, '') AS BLOB) FROM t ORDER BY rowid"
    ).fetchall()
    out = io.BytesIO()
    write_csv(
        Cells(("id", "title", "authors", "body"), iter([read[:1], read[1:2], read[2:]])),
        out,
        excel=excel,
    )
    header = [("id", "title", "authors", "body")]
    expected = [
        as_csv_module_writes(row)
        for row in header + [(*row[:2], joined(row[2]), row[3]) for row in rows]
    ]
    mark, end = ("\ufeff", "\r\n") if excel else ("", "\n")
    assert out.getvalue().decode() == mark + "".join(line + end for line in expected)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(*[st.text('a",\n\\[]\t\x00=-') | st.just(",") | st.just("=x")] * 3),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_shared_cells_have_the_bytes_of_the_csv_module(
    rows: list[tuple[str, ...]], excel: bool
) -> None:
    batch = [
        (json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode(), b"x") for row in rows
    ]
    out = io.BytesIO()
    write_csv(Cells(("a", "b", "c", "d"), iter([batch]), widths=(3, 1)), out, excel=excel)
    end = "\r\n" if excel else "\n"
    expected = "".join(as_csv_module_writes((*harmless(row, excel), "x")) + end for row in rows)
    assert out.getvalue().decode().partition(end)[2] == expected


@pytest.mark.parametrize("excel", [False, True])
def test_any_content_of_an_archive_is_exported(tmp_path: Path, excel: bool) -> None:
    """Odd texts in columns that share a cell, some of them next to rows without any."""
    with Store(build(tmp_path)) as store:
        for key in range(1000, 1060):
            store.articles.save(
                page := article(key), capture(page.url), 1, asked_url=page.url, extractor="test"
            )
        for place, text in enumerate(NASTY):
            words = (text, text + "x", text, place)
            store.db.execute(
                "UPDATE articles SET url = ?, language = ?, image_url = ? WHERE key = 1000 + 2 * ?",
                words,
            )
    out = io.BytesIO()
    with Reader(tmp_path) as reader:
        write_csv(export_cells(reader.db, "articles", Filter()), out, excel=excel)
        rows = export_rows(reader.db, "articles", Filter())
        lists = [name in LIST_FIELDS for name in rows.columns]
        texts = [
            [joined(cell) if array else cell for cell, array in zip(row, lists, strict=True)]
            for row in rows.rows
        ]
    mark, end = ("\ufeff", "\r\n") if excel else ("", "\n")
    expected = [as_csv_module_writes(harmless(row, excel)) + end for row in [rows.columns, *texts]]
    assert out.getvalue().decode() == mark + "".join(expected)


def harmless(row: Sequence[object], excel: bool) -> tuple[object, ...]:
    """The cells as written for a spreadsheet."""
    signs = tuple("=+-@\t\r") if excel else ()
    return tuple(
        f"'{cell}" if isinstance(cell, str) and cell.startswith(signs) else cell for cell in row
    )


def test_bytes_that_are_not_utf8_are_kept(tmp_path: Path) -> None:
    with Store(build(tmp_path)) as store:
        store.db.execute(
            "UPDATE articles SET language = CAST(x'ff2c' AS TEXT), image_url = x'00fe' WHERE key = '1'"
        )
    with Reader(tmp_path) as reader:
        out = io.BytesIO()
        write_csv(export_cells(reader.db, "articles", Filter()), out)
    assert b',"\xff,",\x00\xfe,' in out.getvalue()


def joined(array: object) -> str:
    return "; ".join(json.loads(str(array)))


def as_csv_module_writes(row: tuple[object, ...]) -> str:
    """The line without its end. With CRLF, the module quotes both characters, as RFC 4180 requires."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(row)
    return line.getvalue().removesuffix("\r\n")


@pytest.mark.parametrize(
    ("array", "text"),
    [
        ("[]", ""), ('["a"]', "a"), ('["a", "b"]', "a; b"), ('["a","b"]', "a; b"), ('["a", 1, "b"]', "a; 1; b"),
        ("[1, 2]", "1; 2"), ('["a\\"b", "c"]', 'a"b; c'), ('["a", "b\\\\"]', "a; b\\"), ('[""]', ""),
        ('["", ""]', "; "), ('["\\u0111"]', "đ"), (' ["a"] ', "a"),
        ('[", "]', ", "), ('[", ", "b"]', ", ; b"), ('["a", ", "]', "a; , "), ('["a",\n"b"]', "a; b"),
        ('["a", ["b"]]', "a; ['b']"), ('["a, b"]', "a, b"),
    ],
)  # fmt: skip
def test_lists_are_joined_in_any_json_spelling(array: str, text: str) -> None:
    data = as_csv(rows_of("id tags", (1, array), (2, '["x", "y"]'))).decode()
    assert [row[1] for row in csv.reader(io.StringIO(data))] == ["tags", text, "x; y"]


def test_spreadsheets_get_no_formula() -> None:
    rows = rows_of(
        "id title",
        *((n, text) for n, text in enumerate(["=1", "+1", "-1", "@x", "\tx", "\rx", "x=1"])),
    )
    data = as_csv(rows, excel=True)
    assert data.startswith(b"\xef\xbb\xbfid,title\r\n")
    cells = [row[1] for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))][1:]
    assert cells == ["'=1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "x=1"]
