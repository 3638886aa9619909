"""Builds datapackage.json, which describes the CSV files of a release column by column.

The descriptions come from the data dictionary. The format is Data Package 2.0, so the tools of
Frictionless Data and many others read the files with their types.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from newscrawl.export.columns import ColumnKind, kind_of
from newscrawl.export.release.citation import Citation
from newscrawl.export.release.tables import KEYS, TITLES, TableFile, column_description

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
TYPES: Mapping[ColumnKind, str] = {
    "list": "list",
    "integer": "integer",
    "instant": "datetime",
    "text": "string",
}
LIST_NOTE = "Several values are separated by `; `."


def datapackage(
    name: str,
    citation: Citation,
    description: str,
    files: Mapping[str, TableFile],
    references: Collection[tuple[str, str]],
) -> dict[str, Any]:
    """The descriptor of the files, which are given by table.

    `references` are the columns (table, column) with ids that are all in `articles`.
    """
    package: dict[str, Any] = {
        "$schema": PROFILE,
        "name": name,
        "title": citation.title,
        "description": description,
        "version": citation.version,
        "created": f"{citation.released.isoformat()}T00:00:00Z",
        "contributors": [{"title": author, "roles": ["author"]} for author in citation.authors],
    }
    if citation.license:
        package["licenses"] = [{"name": citation.license, "path": citation.license_url}]
    package["resources"] = [_resource(table, file, references) for table, file in files.items()]
    return package


def _resource(
    table: str, file: TableFile, references: Collection[tuple[str, str]]
) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(table, column) for column in file.columns],
        "missingValues": [""],
        "primaryKey": list(KEYS[table]),
    }
    foreign_keys = [_foreign_key(column) for owner, column in references if owner == table]
    if foreign_keys:
        schema["foreignKeys"] = foreign_keys
    return {
        "name": table,
        "type": "table",
        "description": TITLES[table],
        "path": file.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "schema": schema,
    }


def _foreign_key(column: str) -> dict[str, Any]:
    return {"fields": [column], "reference": {"resource": "articles", "fields": ["id"]}}


def _field(table: str, column: str) -> dict[str, Any]:
    kind = kind_of(column)
    field = {"name": column, "type": TYPES[kind]}
    description = column_description(table, column)
    if kind == "list":
        field |= {"delimiter": "; ", "itemType": "string"}
        description = f"{description} {LIST_NOTE}"
    if description:
        field["description"] = description
    return field
