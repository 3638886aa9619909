"""The kind of value in each column, for the types of data frames, Parquet and datapackage.json."""

from __future__ import annotations

from typing import Literal

from newscrawl.core.records import LIST_FIELDS

ColumnKind = Literal["list", "integer", "number", "instant", "text"]

WHOLE_NUMBERS = frozenset(
    {
        "id",
        "page",
        "position",
        "place",
        "before",
        "revision",
        "word_count",
        "status",
        "coarse",
        "articles",
        "warc_offset",
        "warc_length",
    }
)
LISTS = frozenset({*LIST_FIELDS, "kinds", "numbers"})
NUMBERS = frozenset({"rank", "share"})


def kind_of(column: str) -> ColumnKind:
    """The kind of the values in a column of this name, wherever there is one.

    An instant is UTC text. `published_local` is text: it may be a day or a month without a time.
    """
    if column in LISTS:
        return "list"
    if column in NUMBERS:
        return "number"
    if column in WHOLE_NUMBERS or column.endswith("_id"):
        return "integer"
    if column.endswith("_at"):
        return "instant"
    return "text"
