"""The kind of value in each column of an export, for the types of Parquet and datapackage.json."""

from __future__ import annotations

from typing import Literal

from newscrawl.core.records import LIST_FIELDS

ColumnKind = Literal["list", "integer", "instant", "text"]

WHOLE_NUMBERS = frozenset(
    {"id", "page", "position", "revision", "word_count", "warc_offset", "warc_length"}
)


def kind_of(column: str) -> ColumnKind:
    """The kind of the values in a column of this name, in every export that has it.

    An instant is UTC text. `published_local` is text: it may be a day or a month without a time.
    """
    if column in LIST_FIELDS:
        return "list"
    if column in WHOLE_NUMBERS or column.endswith("_id"):
        return "integer"
    if column.endswith("_at"):
        return "instant"
    return "text"
