"""datapackage.json: the CSV files of a release, column by column, in the words of the data dictionary.

Data Package 1.0 of Frictionless Data, so that its tools and many others read the files with their types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from newscrawl.export.columns import ColumnKind, kind_of
from newscrawl.export.release.citation import Citation
from newscrawl.store.schema.dictionary import column_about, dictionary

# The file -> the table or view whose columns it has; columns that are not its own belong to the tables behind it.
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
LIST_NOTE = "Several are divided by `; `."


def datapackage(
    name: str,
    citation: Citation,
    description: str,
    files: Mapping[str, tuple[Sequence[str], int, str]],
) -> dict[str, Any]:
    """The descriptor. `files`: table -> (columns, bytes, SHA-256 of the file)."""
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": citation.title,
        "description": description,
        "version": citation.version,
        "created": f"{citation.released.isoformat()}T00:00:00Z",
        "contributors": [{"title": author, "role": "author"} for author in citation.authors],
        "resources": [_resource(table, *found) for table, found in files.items()],
    }


def _resource(table: str, columns: Sequence[str], size: int, digest: str) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": f"csv/{table}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": {
            "fields": [_field(table, column) for column in columns],
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
