"""Builds datapackage.json, which describes the CSV files of a release column by column.

The descriptions come from the data dictionary. The format is Data Package 1.0 of Frictionless Data,
so its tools and many others read the files with their types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newscrawl.export.columns import ColumnKind, kind_of
from newscrawl.export.release.citation import Citation
from newscrawl.store.schema.dictionary import column_about, dictionary

# The tables and views in which a file's columns are described, the most specific one first.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "articles": ("export_articles",),
    "links": ("article_links",),
    "listings": ("front_pages",),
    "revisions": ("revisions", "articles", "captures"),
    "problems": ("problems", "articles", "crawls"),
}
# A list is one string in CSV.
TYPES: Mapping[ColumnKind, str] = {
    "list": "string",
    "integer": "integer",
    "instant": "datetime",
    "text": "string",
}
LIST_NOTE = "Several values are separated by `; `."


@dataclass(frozen=True, slots=True)
class TableFile:
    """A CSV file of a release."""

    columns: Sequence[str]
    size: int
    sha256: str


def datapackage(
    name: str, citation: Citation, description: str, files: Mapping[str, TableFile]
) -> dict[str, Any]:
    """The descriptor of the files, which are given by table."""
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": citation.title,
        "description": description,
        "version": citation.version,
        "created": f"{citation.released.isoformat()}T00:00:00Z",
        "contributors": [{"title": author, "role": "author"} for author in citation.authors],
        "resources": [_resource(table, file) for table, file in files.items()],
    }


def _resource(table: str, file: TableFile) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": f"csv/{table}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "schema": {
            "fields": [_field(table, column) for column in file.columns],
            "missingValues": [""],
        },
    }


def _field(table: str, column: str) -> dict[str, str]:
    kind = kind_of(column)
    field = {"name": column, "type": TYPES[kind]}
    description = _description(table, column)
    if kind == "list":
        description = f"{description} {LIST_NOTE}"
    if description:
        field["description"] = description
    return field


def _description(table: str, column: str) -> str:
    """The data dictionary's sentence on a column; empty if no source of the table has one."""
    words = dictionary()
    for source in SOURCES[table]:
        about = column_about(source, column, words)
        if about:
            return about
    return ""
