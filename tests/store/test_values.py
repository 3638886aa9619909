"""What a column may hold: SQL lets most rows pass, and Python decides about the others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.store.connection import open_reader
from newscrawl.store.schema.migrations import MIGRATIONS
from newscrawl.store.values import (
    BY_NAME,
    BY_TYPE,
    UTC_TIME,
    Column,
    Kind,
    Text,
    fault_of,
    odd_values,
)
from tests.support.archive_builder import build
from tests.support.odd_values import ODD_VALUES
from tests.support.old_schema import old_archive

KINDS = {**BY_NAME, **BY_TYPE, "…_at": UTC_TIME}
SURROGATES = """'{"a": "\\ud83d\\ude00"}'"""
# (kind, SQL expression, what is said of it; None for a good value)
CASES = [
    ("authors", """'["Văn A", ""]'""", None),
    ("authors", "'[]'", None),
    ("authors", """'["Văn A", 5]'""", """a JSON list of texts, found '["Văn A", 5]'"""),
    ("authors", "'Văn A'", "a JSON list of texts, found 'Văn A'"),
    ("authors", """'["\\ud800"]'""", "a JSON list of texts, found"),
    ("authors", "CAST(x'c328' AS TEXT)", "expected UTF-8, found byte 0xc3 at 0"),
    ("authors", "x'00ff'", "expected a text, found a blob of 2 bytes"),
    ("provenance", SURROGATES, None),
    ("provenance", "'{}'", None),
    ("provenance", "'[]'", "a JSON object, found '[]'"),
    ("provenance", """'{"title": 5}'""", "a JSON object of texts, found"),
    ("tags", "'[]' || char(0) || ']'", "a JSON list of texts, found"),
    ("warc_file", "'a.warc.gz' || char(0) || '/x'", "expected the name of a WARC file"),
    ("options", """'{"limit": 5, "urls": ["x"]}'""", None),
    ("options", "'{\"limit\": '", "a JSON object, found"),
    ("stats", """'{"new": 5, "failed": {"http_404": 1}, "seconds": 1.5}'""", None),
    ("stats", """'{"new": "5"}'""", "expected counts in 'new', found '\"5\"'"),
    ("stats", """'{"failed": [1]}'""", "expected counts in 'failed', found"),
    ("stats", """'{"new": {"a": 1}}'""", "expected counts in 'new', found"),
    ("timezone", "'Asia/Ho_Chi_Minh'", None),
    ("timezone", "'../../etc/passwd'", "expected a time zone such as Asia/Ho_Chi_Minh"),
    ("site", "'paper.example'", None),
    ("site", "'../../x'", "expected the name of a site, found '../../x'"),
    ("warc_file", "'bnews-20261124-7-1.warc.gz'", None),
    ("warc_file", "'../a.warc.gz'", "expected the name of a WARC file, found '../a.warc.gz'"),
    ("published_local", "'2022-11-22T11:34:00+07:00'", None),
    ("published_local", "'2022-11'", None),
    ("published_local", "'2022-02-30'", "a local time such as 2022-11-22T11:34:00+07:00"),
    ("published_local", "'2022-11-22T11:34:00'", "a local time such as"),
    ("…_at", "'2022-11-22T04:34:00Z'", None),
    ("…_at", "'2022-02-30T04:34:00Z'", "a UTC time such as 2022-11-22T04:34:00Z"),
    ("…_at", "'9999-12-31T23:59:59Z'", "found the year 9999"),
    ("INTEGER", "7", None),
    ("INTEGER", "'7'", "expected a whole number, found '7'"),
    ("REAL", "0.5", None),
    ("REAL", "x'00'", "expected a number, found a blob of 1 bytes"),
    ("TEXT", "'a' || char(0)", None),
    ("TEXT", "5", "expected a text, found 5"),
]


def value_of(expression: str) -> object:
    with closing(sqlite3.connect(":memory:")) as db:
        db.text_factory = Text
        return db.execute(f"SELECT {expression}").fetchone()[0]


def passes(kind: Kind, expression: str) -> bool:
    """Whether SQL lets the value pass without a look from Python."""
    with closing(sqlite3.connect(":memory:")) as db:
        sound = kind.sound.format("v")
        return bool(db.execute(f"SELECT {sound} FROM (SELECT {expression} AS v)").fetchone()[0])


def fault(kind: Kind, expression: str) -> str | None:
    return fault_of(Column("column", kind, nullable=False, in_key=False), value_of(expression))


@pytest.mark.parametrize(("name", "expression", "message"), CASES)
def test_value_is_good_or_its_fault_is_named(
    name: str, expression: str, message: str | None
) -> None:
    found = fault(KINDS[name], expression)
    assert found == message or (found and message and message in found), found


@pytest.mark.parametrize("name", KINDS)
def test_sql_lets_no_value_pass_that_is_odd(name: str) -> None:
    """Only UTF-8 is checked apart from SQL."""
    for expression in (*ODD_VALUES.values(), *(case[1] for case in CASES)):
        found = fault(KINDS[name], expression)
        if found is not None and not found.startswith("expected UTF-8"):
            assert not passes(KINDS[name], expression), (expression, found)


@pytest.mark.parametrize("migrations", range(1, len(MIGRATIONS) + 1))
def test_archive_of_any_schema_has_no_odd_value(tmp_path: Path, migrations: int) -> None:
    build(tmp_path / "today")
    old = old_archive(tmp_path / "old", tmp_path / "today", migrations)
    with closing(open_reader(old)) as db, closing(open_reader(old)) as raw:
        assert list(odd_values(db, raw)) == []


def test_missing_table_and_column_are_named(tmp_path: Path) -> None:
    build(tmp_path)
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db:
        db.execute("DROP TABLE problems")
        db.execute("ALTER TABLE discoveries DROP COLUMN position")
    with closing(open_reader(tmp_path)) as db, closing(open_reader(tmp_path)) as raw:
        assert [(odd.table, odd.column, odd.message) for odd in odd_values(db, raw)] == [
            ("problems", "all", "the table is missing"),
            ("discoveries", "position", "the column is missing"),
        ]
