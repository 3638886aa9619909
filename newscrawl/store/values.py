"""What the columns of an archive may hold, and which rows hold something else.

Code that reads rows relies on what newscrawl writes: UTF-8 texts, times, JSON. SQLite checks none
of that, so a flipped bit, another program or a stranger can leave any value in any column. The kind
of a column follows from its name and declared type, so that columns of later schemas are checked
too.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from newscrawl.core.tally import Tally
from newscrawl.store.connection import BrokenValue
from newscrawl.store.schema.migrations import NAMES, applied, migrate

LONGEST_SHOWN = 40  # characters of a value in a message
# In other years, a time may have no equivalent in another zone.
FIRST_YEAR, LAST_YEAR = 1000, 2999
# SQLite's functions read a text up to its first NUL.
WHOLE = "typeof({0}) = 'text' AND instr({0}, char(0)) = 0"
SAME_TIME = "strftime('%Y-%m-%dT%H:%M:%SZ', {0}, '+0 days') IS {0} AND {0} BETWEEN '1000' AND '3'"
SAME_LOCAL_TIME = (
    "strftime('%Y-%m-%dT%H:%M:%S', substr({0}, 1, 19), '+0 days') IS substr({0}, 1, 19)"
    " AND substr({0}, 20) GLOB '[+-][01][0-9]:[0-5][0-9]' AND {0} BETWEEN '1000' AND '3'"
)
TEXTS_IN = (
    "iif(json_valid({0}), json_type({0}) = '{1}' AND instr({0}, '\\u') = 0"
    " AND NOT EXISTS (SELECT 1 FROM json_each({0}) WHERE type <> 'text'), 0)"
)


class Text(bytes):
    """The bytes of a TEXT value, which need not be UTF-8."""


@dataclass(frozen=True, slots=True)
class OddValue:
    """A value that newscrawl does not write: where it is, and what was expected and found.

    `row` is `row 7`, or the key of a row without a number.
    """

    table: str
    row: str
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.table}, {self.row}, column {self.column}: {self.message}"


class _Odd(Exception):
    """The message of an OddValue."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column may hold besides NULL.

    `sound`: an SQL condition, true only for good values; `{0}` is the column. `check` decides about
    all others and raises _Odd. It takes Text for a text.
    """

    sound: str
    check: Callable[[object], object]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the schema."""

    name: str
    kind: Kind
    nullable: bool
    in_key: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the schema, and the columns that name a row: its key, or `rowid`."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def is_numbered(self) -> bool:
        """Whether SQLite numbers the rows."""
        return self.key == ("rowid",)


def text_of(value: object) -> str:
    """The text of a TEXT value. Anything else is odd."""
    if not isinstance(value, Text):
        raise _Odd(f"expected a text, found {shown(value)}")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise _Odd(
            f"expected UTF-8, found byte 0x{value[error.start]:02x} at {error.start}"
        ) from None


def integer_of(value: object) -> int:
    if not isinstance(value, int):
        raise _Odd(f"expected a whole number, found {shown(value)}")
    return value


def number_of(value: object) -> float:
    if not isinstance(value, int | float):
        raise _Odd(f"expected a number, found {shown(value)}")
    return value


def utc_of(value: object) -> datetime:
    text = text_of(value)
    expected = "a UTC time such as 2022-11-22T04:34:00Z"
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text, re.ASCII):
        raise _Odd(f"expected {expected}, found {shown(value)}")
    return _moment(text, expected)


def local_of(value: object) -> datetime:
    text = text_of(value)
    expected = "a local time such as 2022-11-22T11:34:00+07:00, or a date"
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", text, re.ASCII):
        return _moment(text + "-01-01"[len(text) - 4 :], expected)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", text, re.ASCII):
        raise _Odd(f"expected {expected}, found {shown(value)}")
    return _moment(text, expected)


def _moment(text: str, expected: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Odd(f"expected {expected}, found {text!r}") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise _Odd(f"expected {expected}, found the year {moment.year}")
    return moment


def zone_of(value: object) -> ZoneInfo:
    name = text_of(value)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise _Odd(f"expected a time zone such as Asia/Ho_Chi_Minh, found {name!r}") from error


def site_of(value: object) -> str:
    name = text_of(value)
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise _Odd(f"expected the name of a site, found {shown(value)}")
    return name


def warc_name_of(value: object) -> str:
    name = text_of(value)
    if not re.fullmatch(r"\w[\w.-]*\.warc\.gz", name, re.ASCII):
        raise _Odd(f"expected the name of a WARC file, found {shown(value)}")
    return name


def list_of(value: object) -> list[str]:
    texts = _json_of(value, "a JSON list of texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _Odd(f"expected a JSON list of texts, found {shown(value)}")
    return texts


def texts_by_name_of(value: object) -> dict[str, str]:
    texts = {}
    for name, text in object_of(value).items():
        if not isinstance(text, str):
            raise _Odd(f"expected a JSON object of texts, found {shown(value)}")
        texts[name] = text
    return texts


def object_of(value: object) -> dict[str, object]:
    values = _json_of(value, "a JSON object")
    if not isinstance(values, dict):
        raise _Odd(f"expected a JSON object, found {shown(value)}")
    return values


def stats_of(value: object) -> dict[str, object]:
    """The outcomes of a crawl: numbers, and objects of numbers by reason or field."""
    stats = object_of(value)
    for name, example in Tally().as_json().items():
        found = stats.get(name)
        if found is None:
            continue
        is_group = isinstance(found, dict)
        numbers = found.values() if isinstance(found, dict) else [found]
        is_sound = all(isinstance(number, int | float) for number in numbers)
        if not is_sound or is_group != isinstance(example, dict):
            raise _Odd(f"expected counts in {name!r}, found {shown(json.dumps(found))}")
    return stats


def _json_of(value: object, expected: str) -> object:
    text = text_of(value)
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _Odd(f"expected {expected}, found {shown(value)}") from error
    return found


def shown(value: object) -> str:
    """A value in a message, cut, and without characters that a terminal could obey."""
    if value is None:
        return "NULL"
    if isinstance(value, Text):
        return repr(value.decode("utf-8", "replace")[:LONGEST_SHOWN])
    if isinstance(value, bytes):
        return f"a blob of {len(value):,} bytes"
    return repr(value)[:LONGEST_SHOWN]


NEVER = "0"  # few rows: each is checked in Python
TEXT = Kind("typeof({0}) = 'text'", text_of)
INTEGER = Kind("typeof({0}) = 'integer'", integer_of)
NUMBER = Kind("typeof({0}) IN ('integer', 'real')", number_of)
UTC_TIME = Kind(f"typeof({{0}}) = 'text' AND {SAME_TIME}", utc_of)
LOCAL_TIME = Kind(f"typeof({{0}}) = 'text' AND {SAME_LOCAL_TIME}", local_of)
SITE_NAME = Kind(f"{WHOLE} AND {{0}} GLOB '[a-z0-9]*' AND NOT {{0}} GLOB '*[^a-z0-9._-]*'", site_of)
WARC_NAME = Kind(
    f"{WHOLE} AND {{0}} GLOB '[A-Za-z0-9_]*.warc.gz' AND NOT {{0}} GLOB '*[^A-Za-z0-9._-]*'",
    warc_name_of,
)
TEXT_LIST = Kind(f"{WHOLE} AND {TEXTS_IN.replace('{1}', 'array')}", list_of)
TEXTS_BY_NAME = Kind(f"{WHOLE} AND {TEXTS_IN.replace('{1}', 'object')}", texts_by_name_of)
BY_NAME: Mapping[str, Kind] = {
    "authors": TEXT_LIST,
    "tags": TEXT_LIST,
    "provenance": TEXTS_BY_NAME,
    "options": Kind(NEVER, object_of),
    "stats": Kind(NEVER, stats_of),
    "timezone": Kind(NEVER, zone_of),
    "site": SITE_NAME,
    "warc_file": WARC_NAME,
    "published_local": LOCAL_TIME,
    "not_before": UTC_TIME,
}
BY_TYPE: Mapping[str, Kind] = {"INTEGER": INTEGER, "REAL": NUMBER, "TEXT": TEXT}
NOT_TEXT = (INTEGER, NUMBER)


def odd_values(
    db: sqlite3.Connection, raw: sqlite3.Connection, tables: frozenset[str] = frozenset()
) -> Iterator[OddValue]:
    """Every value that newscrawl does not write, by table and row; then missing tables and columns.

    `db` and `raw` are two connections to the same archive; `raw` is for this function alone.
    `tables`: only these.
    """
    raw.text_factory = Text
    raw.row_factory = None
    # Today's schema is slow to make, and these few tables are as the archive declares them.
    known = {} if tables else {table.name: table for table in schema()}
    present = {table.name: table for table in _tables(raw, known)}
    for table in present.values():
        if not tables or table.name in tables:
            yield from _odd_in(table, db, raw)
    if tables or not set(NAMES) <= set(applied(db)):
        return  # an older archive lacks what later migrations add
    for table in schema():
        if table.name not in present:
            yield OddValue(table.name, "all rows", "all", "the table is missing")
            continue
        names = {column.name for column in present[table.name].columns}
        for column in table.columns:
            if column.name not in names:
                yield OddValue(table.name, "all rows", column.name, "the column is missing")


def _odd_in(table: Table, db: sqlite3.Connection, raw: sqlite3.Connection) -> Iterator[OddValue]:
    unsound = [_unsound(column) for column in table.columns]
    if not _is_utf8(table, db):
        unsound = ["1"]
    key = "rowid" if table.is_numbered else ", ".join(map(_quoted, table.key))
    names = ", ".join(_quoted(column.name) for column in table.columns)
    rows = raw.execute(
        f"SELECT {key}, {names} FROM {_quoted(table.name)} WHERE {' OR '.join(unsound)}"
    )
    for row in rows:
        for column, value in zip(table.columns, row[len(table.key) :], strict=True):
            message = fault_of(column, value)
            if message is not None:
                yield OddValue(table.name, _row_name(table, row), column.name, message)


def _unsound(column: Column) -> str:
    """The SQL condition that a value has to be looked at."""
    name = _quoted(column.name)
    sound = f"({column.kind.sound.format(name)})"
    if column.nullable:
        return f"({name} IS NOT NULL AND NOT {sound})"
    return f"({name} IS NULL OR NOT {sound})"


def fault_of(column: Column, value: object) -> str | None:
    """What is wrong with a value of a column; None for a good one. Texts come as Text."""
    if value is None:
        return None if column.nullable else "expected a value, found NULL"
    try:
        column.kind.check(value)
    except _Odd as odd:
        return str(odd)
    return None


def _is_utf8(table: Table, db: sqlite3.Connection) -> bool:
    """Whether every text of a table is UTF-8: read as text, which is much faster than as bytes."""
    names = [_quoted(column.name) for column in table.columns if column.kind not in NOT_TEXT]
    if not names:
        return True
    try:
        for _ in db.execute(f"SELECT {', '.join(names)} FROM {_quoted(table.name)}"):
            pass
    except BrokenValue:
        return False
    return True


def _row_name(table: Table, row: Sequence[object]) -> str:
    if table.is_numbered:
        return f"row {row[0]}"
    values = zip(table.key, row, strict=False)
    return "row " + ", ".join(f"{name}={shown(value)}" for name, value in values)


@lru_cache(maxsize=1)
def schema() -> tuple[Table, ...]:
    """The tables of today's schema."""
    with closing(sqlite3.connect(":memory:")) as db:
        migrate(db)
        return tuple(_tables(db, {}))


def _tables(db: sqlite3.Connection, known: Mapping[str, Table]) -> Iterator[Table]:
    """The tables of a database, without those of SQLite and of the full-text index.

    Columns that `known` (today's schema) has too are as that says: the archive of a stranger may
    have been made without its rules.
    """
    rows = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
        " AND name NOT GLOB 'articles_fts*' ORDER BY rowid"
    ).fetchall()
    for row in rows:
        name, statement = (_plain(value) for value in row)
        as_known = known.get(name)
        columns = tuple(_columns(db, name, as_known))
        key = tuple(column.name for column in columns if column.in_key)
        is_numbered = "WITHOUT ROWID" not in statement.upper() or not key
        yield Table(name, columns, ("rowid",) if is_numbered else key)


def _columns(db: sqlite3.Connection, table: str, known: Table | None) -> Iterator[Column]:
    by_name = {column.name: column for column in known.columns} if known else {}
    rows = db.execute(
        'SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid', (table,)
    ).fetchall()
    for name, declared, not_null, key in rows:
        column = _plain(name)
        kind = _kind(table, column, _plain(declared))
        is_nullable = not not_null and not key
        if column in by_name:
            kind = by_name[column].kind
            is_nullable = by_name[column].nullable
        if kind is not None:
            yield Column(column, kind, is_nullable, bool(key))


def _kind(table: str, name: str, declared: str) -> Kind | None:
    """The kind of a column; None if it may hold anything. sqlite-utils has its own tables: `_…`."""
    is_ours = not table.startswith("_")
    if is_ours and name in BY_NAME:
        return BY_NAME[name]
    if is_ours and name.endswith("_at"):
        return UTC_TIME
    return BY_TYPE.get(declared.upper())


def _plain(value: object) -> str:
    """A name of the schema, from a connection of either kind."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
